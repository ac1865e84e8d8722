package outgoing_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/outgoing"
)

// TestWhereTo: a server on this machine is reached by what the operator configured or
// allows, and by nothing that others say.
func TestWhereTo(t *testing.T) {
	plain, secure := serve(t, httptest.NewServer), serve(t, httptest.NewTLSServer)
	tests := map[string]struct {
		configured, asked string
		internal          string // "" for none
		allowed           bool
	}{
		"an address":                       {"https://127.0.0.1/", "https://127.0.0.1/keys", "", true},
		"localhost":                        {"http://localhost/", "http://localhost/keys", "", true},
		"a name":                           {"https://example.com/", "https://example.com/", "", false},
		"a name, allowed":                  {"https://example.com/", "https://example.com/", "127.0.0.0/8", true},
		"an address that a receiver names": {"https://login.example.com/", "https://127.0.0.1/keys", "", false},
		"such an address, allowed":         {"https://login.example.com/", "https://127.0.0.1/keys", "127.0.0.0/8", true},
		"such an address in other digits":  {"https://login.example.com/", "https://１２７.０.０.１/keys", "", false},
		"localhost that a receiver names":  {"https://login.example.com/", "http://localhost/keys", "", false},
		"a name at an address that is set": {"https://127.0.0.1/", "https://example.com/keys", "", false},
		"nothing that is set":              {"https://[::1", "https://127.0.0.1/", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := outgoing.Config{Roots: secure.roots(), Proxy: http.ProxyURL(nil), Resolver: authtest.NewResolver(t, map[string]string{"example.com": "127.0.0.1"})}
			if tt.internal != "" {
				c.Internal = []netip.Prefix{netip.MustParsePrefix(tt.internal)}
			}
			n := outgoing.New(c)
			for _, s := range []*server{plain, secure} {
				if to, ours := s.at(tt.asked); ours {
					require.NoError(t, ask(t, n.Anywhere(), to))
					err := ask(t, n.To(tt.configured), to)
					if tt.allowed {
						require.NoError(t, err)
					} else {
						require.ErrorContains(t, err, "the address is not public")
					}
				}
			}
		})
	}
}

// TestConnectionsAreNotShared: what was dialled because it was configured is of no use
// to those who are told of it.
func TestConnectionsAreNotShared(t *testing.T) {
	s := serve(t, httptest.NewTLSServer)
	n := outgoing.New(outgoing.Config{Roots: s.roots(), Proxy: http.ProxyURL(nil)})
	require.NoError(t, ask(t, n.To(s.URL), s.URL))
	require.ErrorContains(t, ask(t, n.To("https://login.example.com/"), s.URL), "the address is not public")
}

// TestProxy: the operator's proxy is dialled wherever it is, and finds the way to names
// by itself; to addresses in the network it is not asked for by others.
func TestProxy(t *testing.T) {
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	n := outgoing.New(outgoing.Config{Proxy: http.ProxyURL(at)})
	const to = "https://example.com/"
	require.ErrorContains(t, ask(t, n.To(to), to), "Bad Gateway")
	require.Equal(t, "CONNECT example.com:443", <-asked)
	require.ErrorContains(t, ask(t, n.To(to), "https://127.0.0.1:1/"), "the address is not public")
	require.ErrorContains(t, ask(t, n.To("https://127.0.0.1:1/"), "https://127.0.0.1:1/"), "Bad Gateway")
	require.Equal(t, "CONNECT 127.0.0.1:1", <-asked)

	unreadable := errors.New("no such proxy")
	n = outgoing.New(outgoing.Config{Proxy: func(*http.Request) (*url.URL, error) { return nil, unreadable }})
	require.ErrorIs(t, ask(t, n.To(to), to), unreadable, "it is not left out")
}

// server is one on this machine.
type server struct{ *httptest.Server }

func serve(t *testing.T, start func(http.Handler) *httptest.Server) *server {
	s := start(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(s.Close)
	return &server{s}
}

func (s *server) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

// at returns the URL with the port of the server, if it has the same scheme.
func (s *server) at(text string) (string, bool) {
	scheme, address, _ := strings.Cut(s.URL, "://")
	_, port, _ := strings.Cut(address, ":")
	asked, path, ours := strings.Cut(strings.TrimPrefix(text, scheme+"://"), "/")
	return scheme + "://" + asked + ":" + port + "/" + path, ours && strings.HasPrefix(text, scheme+"://")
}

func ask(t *testing.T, way http.RoundTripper, to string) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	require.NoError(t, err)
	answer, err := way.RoundTrip(r)
	if err == nil {
		err = answer.Body.Close()
	}
	return err
}
