package app_test

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/outgoing"
	"roster/cmd/internal/app"
)

// rest returns the rest of the first line of a log with a text, "" if there is none.
func rest(log *authtest.Log, text string) string {
	_, rest, _ := strings.Cut(log.String(), text)
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

// TestInternalNetwork: what an account's own administrator sets by a name that leads
// to this machine comes to nothing, and the log says how it can be allowed; then it is
// asked, and answers that it is not available.
func TestInternalNetwork(t *testing.T) {
	answering := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(answering.Close)
	url := strings.Replace(answering.URL, "127.0.0.1", "example.com", 1)
	out := outgoing.Config{Roots: x509.NewCertPool(), Proxy: http.ProxyURL(nil), Resolver: authtest.NewResolver(t, map[string]string{"example.com": "127.0.0.1"})}
	out.Roots.AddCert(answering.Certificate())
	key := authtest.NewKey(t, "first", "ES256")
	for _, internal := range []string{"", "127.0.0.0/8"} {
		t.Run(internal, func(t *testing.T) {
			said, expected := &authtest.Log{}, "--internal-network 127.0.0.1 (ROSTER_INTERNAL_NETWORK)"
			s := atWork(t, true, func(c *app.Config) {
				c.Logger = slog.New(slog.NewTextHandler(said, nil))
				c.Outgoing = out
				if internal != "" {
					c.InternalNetworks, expected = []string{internal}, "503"
				}
			})
			own := s.by(s.harness.token("acme", auth.AdministratorScopes()...))
			settings := func(url string) string {
				return fmt.Sprintf(`{"issuers":[{"issuer":%q,"audience":"roster","algorithms":["ES256"]}],
					"webhooks":[{"url":%q,"secret":"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=","events":["user.locked"]}]}`, url, url)
			}
			refused := own.api("PATCH", "/settings", settings(answering.URL)).is(403)
			require.Equal(t, "operator_only", refused.Get("code").Text(), "whatever is allowed")
			own.api("PATCH", "/settings", settings(url)).is(200)

			claims := map[string]any{"iss": url, "aud": "roster", "sub": "1", "exp": time.Now().Unix() + 60}
			s.by(key.Sign(t, claims).Reveal()).scim("GET", "/Users", "").is(503)
			require.Contains(t, rest(said, "the keys of an issuer cannot be fetched"), expected)

			s.api("POST", "/users/"+s.user("babs")+"/lock", "").is(200)
			require.Eventually(t, func() bool { return rest(said, "message postponed") != "" }, patience, time.Millisecond)
			require.Contains(t, rest(said, "message postponed"), expected)
		})
	}
}
