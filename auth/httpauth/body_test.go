package httpauth_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/httpauth"
	"roster/auth/limit"
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

// uploads is a route that anybody may use, whose handler tells how much of a body came
// and whether that was all, after as much work as that.
func uploads(work time.Duration) httpauth.Surface {
	handle := func(w http.ResponseWriter, r *http.Request) {
		came, err := io.ReadAll(r.Body)
		select {
		case <-time.After(work):
		case <-r.Context().Done():
		}
		_, tooLong := errors.AsType[*http.MaxBytesError](err)
		fmt.Fprint(w, len(came), " ", err == nil, " ", tooLong)
	}
	return httpauth.Surface{Fail: plainly(""), Routes: []httpauth.Route{{Method: "POST", Pattern: "/x", Name: "x", Handler: http.HandlerFunc(handle)}}}
}

// served serves one connection, whose other end it returns.
func served(t *testing.T, h http.Handler) net.Conn {
	near, far := net.Pipe()
	server, ended := &http.Server{Handler: h, ReadTimeout: time.Hour}, make(chan error)
	go func() { ended <- server.Serve(&one{Conn: far, closed: make(chan struct{})}) }()
	t.Cleanup(func() {
		require.NoError(t, near.Close())
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	return near
}

// TestSlowBody: rows of who sends, how much of a body is announced and comes, what the
// handler finds, which works on it for half a minute, and when the answer comes: at
// once for a body that is given up, of which net/http ends the context. Nobody's is
// given up early, and taken up to 64 KiB.
func TestSlowBody(t *testing.T) {
	const long = 30 * time.Second
	for _, row := range []struct {
		token  string
		header string // that tells the length
		sent   string
		answer string
		after  time.Duration
	}{
		{writer, "Content-Length: 0", "", "0 true false", long},
		{writer, "Content-Length: 5", "hello", "5 true false", long},
		{writer, "Content-Length: 5", "hell", "4 false false", 10 * time.Second},
		{writer, "Content-Length: 163840", "hell", "4 false false", 20 * time.Second},
		{writer, "Content-Length: 1638400", "hell", "4 false false", time.Minute},
		{writer, "Content-Length: 9000000000000000000", "hell", "4 false false", time.Minute},
		{writer, "Transfer-Encoding: chunked", "4\r\nhell\r\n", "4 false false", time.Minute},
		{writer, "Transfer-Encoding: chunked", "4\r\nhell\r\n0\r\n\r\n", "4 true false", long},
		{writer, "Content-Length: 65537", strings.Repeat("x", 65537), "65537 true false", long},
		{"", "Content-Length: 0", "", "0 true false", long},
		{"", "Content-Length: 5", "hello", "5 true false", long},
		{"", "Content-Length: 5", "hell", "4 false false", 10 * time.Second},
		{"", "Content-Length: 1638400", "hell", "4 false false", 14 * time.Second},
		{"", "Transfer-Encoding: chunked", "4\r\nhell\r\n", "4 false false", 14 * time.Second},
		{"", "Transfer-Encoding: chunked", "4\r\nhell\r\n0\r\n\r\n", "4 true false", long},
		{"", "Content-Length: 65536", strings.Repeat("x", 65536), "65536 true false", long},
		{"", "Content-Length: 65537", strings.Repeat("x", 65537), "65536 false true", long},
		{"", "Content-Length: 1638400", strings.Repeat("x", 65537), "65536 false true", long},
	} {
		t.Run(fmt.Sprint(row.token, " ", row.header, " ", len(row.sent)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := served(t, muxOf(io.Discard, "", uploads(long)))
				start := time.Now()
				go fmt.Fprintf(conn, "POST /x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n%s%s\r\n\r\n%s", authorization(row.token), row.header, row.sent)
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				require.NoError(t, err)
				answer, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, row.answer, string(answer))
				require.Equal(t, row.after, time.Since(start))
			})
		})
	}
}

// authorization is the line of a header with a token, "" without one.
func authorization(token string) string {
	if token == "" {
		return ""
	}
	return "Authorization: Bearer " + token + "\r\n"
}

// TestSlowBodiesOfNobody: whose bodies have not come yet take no place from others.
func TestSlowBodiesOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := httpauth.NewMux(httpauth.Config{
			Authenticator: tokens{}, Limiter: limit.New(limit.Config{Places: 8}), Logger: slog.New(slog.DiscardHandler),
		}, uploads(0))
		require.NoError(t, err)
		for _, length := range []string{"Content-Length: 1000000", "Content-Length: 10", "Transfer-Encoding: chunked"} {
			slow := served(t, m)
			_, err := fmt.Fprintf(slow, "POST /x HTTP/1.1\r\nHost: here\r\n%s\r\n\r\n1", length)
			require.NoError(t, err)
		}
		synctest.Wait()
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest("POST", "/x", strings.NewReader("hello")))
		require.Equal(t, "5 true false", w.Body.String())
	})
}
