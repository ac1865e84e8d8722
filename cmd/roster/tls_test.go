package main

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// identity is a certificate with its key.
type identity struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newIdentity is that of a name, signed by another, or by itself if that is nil.
func newIdentity(t *testing.T, name string, by *identity) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: by == nil, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if by == nil {
		by = &identity{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &identity{certificate, key}
}

func (i *identity) certificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.certificate.Raw})
}

func (i *identity) keyPEM(t *testing.T) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// secured is a server that speaks TLS, in a process of its own, with its files.
type secured struct {
	*serving
	t      *testing.T
	folder string
	ca     *identity // signed the server's certificate
}

// startSecured makes an account and a certificate, and serves with them.
func startSecured(t *testing.T, args ...string) *secured {
	s := &secured{t: t, folder: t.TempDir(), ca: newIdentity(t, "authority", nil)}
	s.use(newIdentity(t, "server", s.ca))
	s.write("ca.crt", s.ca.certificatePEM())
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
func (s *secured) use(i *identity) {
	s.write("server.crt", i.certificatePEM())
	s.write("server.key", i.keyPEM(s.t))
}

// client connects anew, with a certificate if it has one.
func (s *secured) client(own *identity) *http.Client {
	c := &tls.Config{RootCAs: x509.NewCertPool()}
	c.RootCAs.AddCert(s.ca.certificate)
	if own != nil {
		c.Certificates = []tls.Certificate{{Certificate: [][]byte{own.certificate.Raw}, PrivateKey: own.key}}
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
	own := newIdentity(t, "hr", s.ca)
	s.write("client.crt", own.certificatePEM(), s.ca.certificatePEM())
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
	require.Equal(t, 401, s.status(s.client(newIdentity(t, "hr", s.ca)), "GET", "/Users"), "a name counts for nothing")
	require.Equal(t, 401, s.status(anybody, "GET", "/Users"))

	roster(t, "", "client", "revoke", id, "--data", s.file("data"))
	require.Equal(t, 401, s.status(client, "GET", "/Users"))
	require.NoError(t, s.stop(terminate), s.stderr.String())
	require.Empty(t, s.stderr.String())
}

// TestCertificateOrder: a file that begins with the authority is not taken for the
// client's.
func TestCertificateOrder(t *testing.T) {
	ca := newIdentity(t, "authority", nil)
	own := newIdentity(t, "hr", ca)
	chain := []*x509.Certificate{own.certificate, ca.certificate}
	_, err := leafOf(chain, "client.crt")
	require.NoError(t, err)
	_, err = leafOf([]*x509.Certificate{ca.certificate, own.certificate}, "client.crt")
	require.ErrorContains(t, err, "the first certificate in client.crt has signed another one there: put that of the client first")
	_, err = leafOf([]*x509.Certificate{ca.certificate, ca.certificate}, "client.crt")
	require.NoError(t, err, "one that signed itself, twice")
	own.certificate.NotAfter = time.Now().Add(-time.Minute)
	_, err = leafOf(chain, "client.crt")
	require.ErrorContains(t, err, "the certificate in client.crt has expired")
}

// TestClientAuthority: with an authority of the operator, a name in a certificate
// is enough, and a certificate of anybody else ends the handshake.
func TestClientAuthority(t *testing.T) {
	s := startSecured(t, "--tls-client-ca", "ca.crt")
	s.create("--name", "hr", "--certificate-name", "cn:hr", "--scope", "scim:read")
	require.Equal(t, 200, s.status(s.client(newIdentity(t, "hr", s.ca)), "GET", "/Users"))
	require.Equal(t, 200, s.status(s.client(newIdentity(t, "hr", s.ca)), "GET", "/Users"), "any with that name")
	require.Equal(t, 403, s.status(s.client(newIdentity(t, "hr", s.ca)), "DELETE", "/Users/1"))
	require.Equal(t, 401, s.status(s.client(newIdentity(t, "payroll", s.ca)), "GET", "/Users"))
	require.Equal(t, 401, s.status(s.client(nil), "GET", "/Users"))
	foreign := newIdentity(t, "hr", newIdentity(t, "authority", nil))
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
	next := newIdentity(t, "server", s.ca)
	s.use(next)
	require.Eventually(t, func() bool {
		response, _ := s.send(s.client(nil), "GET", "/ServiceProviderConfig", "")
		return response.TLS.PeerCertificates[0].Equal(next.certificate)
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
