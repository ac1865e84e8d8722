package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
)

// secured is a server that speaks TLS, in a process of its own, with its files.
type secured struct {
	*serving
	t      *testing.T
	folder string
	ca     *authtest.Identity // signed the server's certificate
}

// startSecured makes an account and a certificate, and serves with them.
func startSecured(t *testing.T, args ...string) *secured {
	s := &secured{t: t, folder: t.TempDir(), ca: authtest.NewIdentity(t, "authority", nil, time.Hour)}
	s.use(authtest.NewIdentity(t, "server", s.ca, time.Hour))
	s.write("ca.crt", s.ca.CertificatePEM())
	roster(t, "", "account", "create", "acme", "--data", s.file("data"))
	var err error
	s.serving, err = startServer(s.folder, os.Environ(), append([]string{"--data", "data", "--log-level", "error",
		"--tls-cert", "server.crt", "--tls-key", "server.key"}, args...)...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.stop(os.Kill) })
	require.Regexp(t, "^https://127.0.0.1:[0-9]+/scim/v2$", s.scim)
	return s
}

func (s *secured) file(name string) string { return filepath.Join(s.folder, name) }

func (s *secured) write(name string, text ...[]byte) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(s.file(name), bytes.Join(text, nil), 0o600))
}

// use writes the certificate and the key of the server.
func (s *secured) use(i *authtest.Identity) {
	s.write("server.crt", i.CertificatePEM())
	s.write("server.key", i.KeyPEM(s.t))
}

// client connects anew, with a certificate if it has one.
func (s *secured) client(own *authtest.Identity) *http.Client {
	c := &tls.Config{RootCAs: x509.NewCertPool()}
	c.RootCAs.AddCert(s.ca.Certificate)
	if own != nil {
		c.Certificates = []tls.Certificate{own.Pair()}
	}
	transport := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// send returns the answer to a request below SCIM, with lines of a header.
func (s *secured) send(c *http.Client, method, path, body string, header ...string) (*http.Response, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.scim+path, strings.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Content-Type", "application/scim+json")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	response, err := c.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response, string(text)
}

func (s *secured) status(c *http.Client, method, path string) int {
	s.t.Helper()
	response, _ := s.send(c, method, path, "")
	return response.StatusCode
}

// create makes a client and returns the id of its credential.
func (s *secured) create(args ...string) string {
	s.t.Helper()
	var made struct{ ID string }
	text := roster(s.t, "", append([]string{"client", "create", "--account", "acme", "--data", s.file("data"), "--json"}, args...)...)
	require.NoError(s.t, json.Unmarshal([]byte(text), &made))
	return made.ID
}

const babs = `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen"}`

// TestClientCertificate: one that a command made known opens the account over
// HTTP/2, until it is revoked, also on a connection that is open.
func TestClientCertificate(t *testing.T) {
	s := startSecured(t, "--tls-client-certs")
	own := authtest.NewIdentity(t, "hr", s.ca, time.Hour)
	s.write("client.crt", own.CertificatePEM(), s.ca.CertificatePEM())
	anybody, client := s.client(nil), s.client(own)
	require.Equal(t, 200, s.status(anybody, "GET", "/ServiceProviderConfig"))
	require.Equal(t, 401, s.status(anybody, "GET", "/Users"))
	require.Equal(t, 401, s.status(client, "GET", "/Users"), "nobody knows it yet")

	id := s.create("--name", "hr", "--certificate", s.file("client.crt"))
	response, body := s.send(client, "POST", "/Users", babs)
	require.Equal(t, 201, response.StatusCode, body)
	require.Equal(t, "HTTP/2.0", response.Proto)
	require.Regexp(t, "^"+s.scim+"/Users/", response.Header.Get("Location"))
	require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"))
	require.Equal(t, 401, s.status(s.client(authtest.NewIdentity(t, "hr", s.ca, time.Hour)), "GET", "/Users"), "a name counts for nothing")
	require.Equal(t, 401, s.status(anybody, "GET", "/Users"))

	roster(t, "", "client", "revoke", id, "--data", s.file("data"))
	require.Equal(t, 401, s.status(client, "GET", "/Users"))
	require.NoError(t, s.stop(terminate), s.stderr.String())
	require.Empty(t, s.stderr.String())
}

// TestCertificateOrder: a file that begins with the authority is not taken for the
// client's.
func TestCertificateOrder(t *testing.T) {
	ca := authtest.NewIdentity(t, "authority", nil, time.Hour)
	own := authtest.NewIdentity(t, "hr", ca, time.Hour)
	chain := []*x509.Certificate{own.Certificate, ca.Certificate}
	_, err := leafOf(chain, "client.crt")
	require.NoError(t, err)
	_, err = leafOf([]*x509.Certificate{ca.Certificate, own.Certificate}, "client.crt")
	require.ErrorContains(t, err, "the first certificate in client.crt has signed another one there: put that of the client first")
	_, err = leafOf([]*x509.Certificate{ca.Certificate, ca.Certificate}, "client.crt")
	require.NoError(t, err, "one that signed itself, twice")
	own.Certificate.NotAfter = time.Now().Add(-time.Minute)
	_, err = leafOf(chain, "client.crt")
	require.ErrorContains(t, err, "the certificate in client.crt has expired")
}

// TestClientAuthority: with an authority of the operator, a name in a certificate
// is enough, and a certificate of anybody else ends the handshake.
func TestClientAuthority(t *testing.T) {
	s := startSecured(t, "--tls-client-ca", "ca.crt")
	s.create("--name", "hr", "--certificate-name", "cn:hr", "--scope", "scim:read")
	require.Equal(t, 200, s.status(s.client(authtest.NewIdentity(t, "hr", s.ca, time.Hour)), "GET", "/Users"))
	require.Equal(t, 200, s.status(s.client(authtest.NewIdentity(t, "hr", s.ca, time.Hour)), "GET", "/Users"), "any with that name")
	require.Equal(t, 403, s.status(s.client(authtest.NewIdentity(t, "hr", s.ca, time.Hour)), "DELETE", "/Users/1"))
	require.Equal(t, 401, s.status(s.client(authtest.NewIdentity(t, "payroll", s.ca, time.Hour)), "GET", "/Users"))
	require.Equal(t, 401, s.status(s.client(nil), "GET", "/Users"))
	foreign := authtest.NewIdentity(t, "hr", authtest.NewIdentity(t, "authority", nil, time.Hour), time.Hour)
	_, err := s.client(foreign).Get(s.scim + "/Users")
	require.Error(t, err) // the alert of the server, or that the connection is closed
	require.NoError(t, s.stop(terminate), s.stderr.String())
}

// TestRenewedCertificate: one that is replaced on disk is in use soon, without a
// restart, and connections that are open go on.
func TestRenewedCertificate(t *testing.T) {
	s := startSecured(t)
	open := s.client(nil)
	first, _ := s.send(open, "GET", "/Schemas", "")
	next := authtest.NewIdentity(t, "server", s.ca, time.Hour)
	s.use(next)
	require.Eventually(t, func() bool {
		response, _ := s.send(s.client(nil), "GET", "/ServiceProviderConfig", "")
		return response.TLS.PeerCertificates[0].Equal(next.Certificate)
	}, patience, 100*time.Millisecond)
	again, _ := s.send(open, "GET", "/Schemas", "")
	require.Equal(t, 200, again.StatusCode)
	require.True(t, again.TLS.PeerCertificates[0].Equal(first.TLS.PeerCertificates[0]))
	require.NoError(t, s.stop(terminate), s.stderr.String())
}

// TestBehindProxy: a trusted proxy says where clients are and where they think that
// the server is; pages of other sites may call it if their site is named.
func TestBehindProxy(t *testing.T) {
	for _, row := range []struct{ proxies, location, address string }{
		{"127.0.0.0/8", "https://scim.example.com/scim/v2/Users/", "192.0.2.7"},
		{"192.0.2.0/24", "", "127.0.0.1"},
	} {
		t.Run(row.proxies, func(t *testing.T) {
			s := startSecured(t, "--trusted-proxy", row.proxies, "--cors-origin", "https://app.example.com")
			token := "Authorization: Bearer " + strings.TrimSpace(roster(t, "", "token", "create", "--account", "acme", "--data", s.file("data")))
			reader := "Authorization: Bearer " + strings.TrimSpace(roster(t, "", "token", "create", "--account", "acme", "--scope", "scim:read", "--data", s.file("data")))
			proxy := s.client(nil)
			told := []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Host: scim.example.com", "X-Forwarded-Proto: https"}
			response, body := s.send(proxy, "POST", "/Users", babs, append(told, token)...)
			require.Equal(t, 201, response.StatusCode, body)
			require.True(t, strings.HasPrefix(response.Header.Get("Location"), cmp.Or(row.location, s.scim+"/Users/")), response.Header)
			response, _ = s.send(proxy, "POST", "/Users", babs, append(told, reader)...)
			require.Equal(t, 403, response.StatusCode)

			response, _ = s.send(proxy, "OPTIONS", "/Users", "", "Origin: https://app.example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")
			require.Equal(t, 204, response.StatusCode)
			require.Equal(t, "https://app.example.com", response.Header.Get("Access-Control-Allow-Origin"))
			require.Contains(t, strings.ToLower(response.Header.Get("Access-Control-Allow-Headers")), "authorization")
			response, _ = s.send(proxy, "GET", "/Users", "", token, "Origin: https://app.example.com")
			require.Equal(t, "https://app.example.com", response.Header.Get("Access-Control-Allow-Origin"))
			for _, method := range []string{"OPTIONS", "GET"} {
				response, _ = s.send(proxy, method, "/Users", "", token, "Origin: https://evil.example.com", "Access-Control-Request-Method: POST")
				require.Empty(t, response.Header.Get("Access-Control-Allow-Origin"), method)
			}

			require.NoError(t, s.stop(terminate), s.stderr.String())
			refused := roster(t, "", "audit", "--account", "acme", "--type", "request.refused", "--data", s.file("data"))
			require.Regexp(t, `refused 403 scim:write +connector +token +`+row.address+` +create User`, refused)
		})
	}
}
