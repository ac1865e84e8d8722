package httpauth_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/httpauth"
)

// one is a listener with a single connection.
type one struct {
	net.Conn
	accepted bool
	closed   chan struct{}
}

func (o *one) Accept() (net.Conn, error) {
	if o.accepted {
		<-o.closed
		return nil, net.ErrClosed
	}
	o.accepted = true
	return o.Conn, nil
}
func (o *one) Addr() net.Addr { return o.LocalAddr() }
func (o *one) Close() error   { close(o.closed); return nil }

// TestSlowBody: rows of how much of a body is announced and comes, what the handler
// finds, which works on it for half a minute, and when the answer comes: at once for
// a body that is given up, of which net/http ends the context.
func TestSlowBody(t *testing.T) {
	const long = 30 * time.Second
	work := func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		select {
		case <-time.After(long):
		case <-r.Context().Done():
		}
		fmt.Fprint(w, err == nil)
	}
	for _, row := range []struct {
		header string // that tells the length
		sent   string
		answer string
		after  time.Duration
	}{
		{"Content-Length: 0", "", "true", long},
		{"Content-Length: 5", "hello", "true", long},
		{"Content-Length: 5", "hell", "false", 10 * time.Second},
		{"Content-Length: 163840", "hell", "false", 20 * time.Second},
		{"Content-Length: 1638400", "hell", "false", time.Minute},
		{"Content-Length: 9000000000000000000", "hell", "false", time.Minute},
		{"Transfer-Encoding: chunked", "4\r\nhell\r\n", "false", time.Minute},
		{"Transfer-Encoding: chunked", "4\r\nhell\r\n0\r\n\r\n", "true", long},
	} {
		t.Run(fmt.Sprint(row.header, " ", len(row.sent)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, err := httpauth.NewMux(httpauth.Config{Authenticator: tokens{}, Logger: slog.New(slog.DiscardHandler)},
					httpauth.Surface{Fail: plainly(""), Routes: []httpauth.Route{{Method: "POST", Pattern: "/x", Name: "x", Handler: http.HandlerFunc(work)}}})
				require.NoError(t, err)
				near, far := net.Pipe()
				server, ended := &http.Server{Handler: m, ReadTimeout: time.Hour}, make(chan error)
				go func() { ended <- server.Serve(&one{Conn: far, closed: make(chan struct{})}) }()
				start := time.Now()
				go fmt.Fprintf(near, "POST /x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n%s\r\n\r\n%s", row.header, row.sent)
				response, err := http.ReadResponse(bufio.NewReader(near), nil)
				require.NoError(t, err)
				answer, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, row.answer, string(answer))
				require.Equal(t, row.after, time.Since(start))
				require.NoError(t, near.Close())
				require.NoError(t, server.Close())
				require.ErrorIs(t, <-ended, http.ErrServerClosed)
			})
		})
	}
}
