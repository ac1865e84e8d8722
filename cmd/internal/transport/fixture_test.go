package transport_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/cmd/internal/transport"
)

// site is a server over loopback whose files and clock a test can change.
type site struct {
	t      *testing.T
	folder string
	url    string
	mu     sync.Mutex // of what follows
	now    time.Time
	logs   bytes.Buffer
}

func (s *site) file(name string) string { return filepath.Join(s.folder, name) }

func (s *site) write(name string, text []byte) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(s.file(name), text, 0o600))
}

// use writes the certificate and the key of the server.
func (s *site) use(i *authtest.Identity) {
	s.write("server.crt", i.CertificatePEM())
	s.write("server.key", i.KeyPEM(s.t))
}

// pass lets as much time go by as until the files are looked at again.
func (s *site) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(3 * time.Second)
}

func (s *site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Write takes a line of the log.
func (s *site) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logs.Write(line)
}

// logged returns what was logged since it was asked last.
func (s *site) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.logs.Reset()
	return s.logs.String()
}

func newSite(t *testing.T) *site {
	return &site{t: t, folder: t.TempDir(), now: time.Now()}
}

func (s *site) config() transport.Config {
	return transport.Config{
		CertificateFile: s.file("server.crt"), KeyFile: s.file("server.key"),
		Logger: slog.New(slog.NewTextHandler(s, nil)), Now: s.Now,
	}
}

// serve answers with the protocol, how many certificates the client showed, and by
// whom the first was verified.
func (s *site) serve(c transport.Config) {
	s.t.Helper()
	over, err := transport.New(c)
	require.NoError(s.t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(s.t, err)
	server := &http.Server{
		TLSConfig: over.Config(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %d %d", r.Proto, len(r.TLS.PeerCertificates), len(r.TLS.VerifiedChains))
		}),
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	s.t.Cleanup(func() { require.NoError(s.t, server.Close()) })
	s.url = "https://" + listener.Addr().String()
}

// client is a new client that trusts an authority, with a way to change how it
// speaks TLS.
func (s *site) client(trusted *authtest.Identity, change func(*tls.Config)) *http.Client {
	c := &tls.Config{RootCAs: x509.NewCertPool()}
	c.RootCAs.AddCert(trusted.Certificate)
	if change != nil {
		change(c)
	}
	transport := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// get returns the answer and the serial number of the server's certificate.
func (s *site) get(c *http.Client) (answer, serial string, err error) {
	response, err := c.Get(s.url)
	if err != nil {
		return "", "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), response.TLS.PeerCertificates[0].SerialNumber.String(), err
}
