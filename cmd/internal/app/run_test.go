package app_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
)

// running is an app that serves, and how it ended.
type running struct {
	address string
	stop    func()
	ended   chan error
}

func run(t *testing.T, a *app.App) running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	r := running{listener.Addr().String(), stop, make(chan error, 1)}
	ready := make(chan struct{})
	go func() { r.ended <- a.Run(ctx, listener, func() { close(ready) }) }()
	<-ready
	return r
}

// begin sends the header of a request and returns once the server waits for its
// body, so that the request is certainly being handled.
func begin(t *testing.T, r running, token string, length int) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", r.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/scim+json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", token, length)
	require.NoError(t, err)
	answer := bufio.NewReader(conn)
	line, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
	_, err = answer.ReadString('\n')
	require.NoError(t, err)
	return conn, answer
}

// TestShutdownFinishesRequests: a request that was begun is answered after the
// server was told to stop, and new ones are not taken.
func TestShutdownFinishesRequests(t *testing.T) {
	a := newApp(t, inFolder(t.TempDir()))
	token := newToken(t, a)
	r := run(t, a)
	const body = `{"userName":"babs"}`
	conn, answer := begin(t, r, token, len(body))
	r.stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", r.address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond, "the server still takes connections")

	_, err := conn.Write([]byte(body))
	require.NoError(t, err)
	response, err := http.ReadResponse(answer, nil)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusCreated, response.StatusCode)
	require.NoError(t, <-r.ended)
}

// TestFailedHandshakesAreNotAllLogged: who only connects cannot fill a disk, and what
// is logged later tells how many there were.
func TestFailedHandshakesAreNotAllLogged(t *testing.T) {
	folder := t.TempDir()
	c := app.Config{Config: config.Defaults(), Memory: true}
	c.TLSCertificate, c.TLSKey = writePair(t, folder)
	var logged lines
	c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	r := run(t, a)
	const most, connections = 1000, 3000 // most at once, and 20 a second
	for range connections {
		conn, err := net.Dial("tcp", r.address)
		require.NoError(t, err)
		_, err = conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, conn) // until the server gives up
		require.NoError(t, conn.Close())
	}
	r.stop()
	require.NoError(t, <-r.ended)
	require.GreaterOrEqual(t, logged.Load(), int64(most))
	require.Less(t, logged.Load(), int64(connections))
}

// lines counts lines of a log.
type lines struct{ atomic.Int64 }

func (l *lines) Write(line []byte) (int, error) {
	l.Add(1)
	return len(line), nil
}

// writePair writes a certificate and its key into a folder.
func writePair(t *testing.T, folder string) (certificate, key string) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	pair := s.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	certificate, key = filepath.Join(folder, "server.pem"), filepath.Join(folder, "server.key")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return certificate, key
}

// TestShutdownEnds: a client that never finishes does not keep the server.
func TestShutdownEnds(t *testing.T) {
	c := inFolder(t.TempDir())
	c.ShutdownTimeout = 10 * time.Millisecond
	a := newApp(t, c)
	r := run(t, a)
	begin(t, r, newToken(t, a), 100)
	r.stop()
	require.NoError(t, <-r.ended)
}

// TestRunFails: what ends serving ends Run, and leaves no socket.
func TestRunFails(t *testing.T) {
	c := inFolder(t.TempDir())
	a := newApp(t, c)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.ErrorContains(t, a.Run(t.Context(), listener, func() {}), "serve: ")
	_, err = admin.Dial(t.Context(), c.Data)
	require.ErrorIs(t, err, admin.ErrNoServer)
}

// TestAdministerNeverHangs: where somebody holds the database and no server
// answers, a command fails soon, and says why.
func TestAdministerNeverHangs(t *testing.T) {
	c := inFolder(t.TempDir())
	newApp(t, c) // holds the database, and does not run
	start := time.Now()
	_, err := app.Administer(t.Context(), c, false)
	require.ErrorContains(t, err, "another process holds it")
	require.Less(t, time.Since(start), 10*time.Second)
}

// TestAdminister: the same operations, with the server up and down.
func TestAdminister(t *testing.T) {
	c := inFolder(filepath.Join(t.TempDir(), "data"))
	_, err := app.Administer(t.Context(), c, false)
	require.ErrorContains(t, err, "there is no data in")

	conn, err := app.Administer(t.Context(), c, true)
	require.NoError(t, err)
	_, err = conn.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	require.NoError(t, conn.Close())

	a := newApp(t, c)
	r := run(t, a)
	conn, err = app.Administer(t.Context(), c, false)
	require.NoError(t, err)
	accounts, err := conn.ListAccounts(t.Context())
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	require.NoError(t, conn.Close())
	r.stop()
	require.NoError(t, <-r.ended)
}

// TestFolderIsPrivate: what the server makes, only its owner can read.
func TestFolderIsPrivate(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "data")
	c := inFolder(folder)
	r := run(t, newApp(t, c))
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, strings.TrimPrefix(path, folder))
		return nil
	}))
	r.stop()
	require.NoError(t, <-r.ended)
}

// TestNoAccount: who serves another folder than they mean is told that nobody is in
// it.
func TestNoAccount(t *testing.T) {
	for accounts, want := range []string{"there is no account yet", ""} {
		var logged strings.Builder
		c := inFolder(t.TempDir())
		c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))
		a := newApp(t, c)
		for range accounts {
			newToken(t, a)
		}
		r := run(t, a)
		r.stop()
		require.NoError(t, <-r.ended)
		require.Contains(t, logged.String(), want)
		require.Equal(t, want == "", logged.String() == "", logged.String())
	}
}
