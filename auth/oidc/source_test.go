package oidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/oidc"
	"roster/auth/outgoing"
)

// web is what is found at each URL: the body, or "-> " and where to go instead.
type web map[string]string

func (w web) RoundTrip(r *http.Request) (*http.Response, error) {
	body, found := w[r.URL.String()]
	response := &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}}}
	if !found {
		response.StatusCode = http.StatusNotFound
	}
	if to, moved := strings.CutPrefix(body, "-> "); moved {
		response.StatusCode = http.StatusFound
		response.Header.Set("Location", to)
	}
	response.Body = io.NopCloser(strings.NewReader(body))
	return response, nil
}

// TestWhereKeysComeFrom: only from where the issuer says by itself, and privately.
func TestWhereKeysComeFrom(t *testing.T) {
	const login, elsewhere = "https://login.example.com", "https://keys.example.com/set"
	const at = login + authtest.DiscoveryPath
	key := authtest.NewKey(t, "first", "ES256")
	set := string(mustJSON(t, authtest.KeySet(key)))
	says := func(where string) string { return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, login, where) }
	tests := map[string]struct {
		web web
		ok  bool
	}{
		"at another host":       {web{at: says(elsewhere), elsewhere: set}, true},
		"in the open":           {web{at: says("http://keys.example.com/set"), "http://keys.example.com/set": set}, false},
		"on this machine":       {web{at: says("http://127.0.0.1/set"), "http://127.0.0.1/set": set}, false},
		"discovery redirected":  {web{at: "-> " + login + "/d", login + "/d": says(elsewhere), elsewhere: set}, false},
		"keys redirected":       {web{at: says(login + "/k"), login + "/k": "-> " + elsewhere, elsewhere: set}, false},
		"much discovery":        {web{at: says(elsewhere) + strings.Repeat(" ", 1<<20), elsewhere: set}, false},
		"many keys":             {web{at: says(elsewhere), elsewhere: set + strings.Repeat(" ", 1<<20)}, false},
		"as much as is allowed": {web{at: says(elsewhere), elsewhere: set + strings.Repeat(" ", 1<<20-len(set))}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			clock := authtest.NewClock(noon)
			a := oidc.New(oidc.Config{
				To: func(string) http.RoundTripper { return tt.web }, Now: clock.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
				Trusts: func(context.Context, string, string) ([]federation.Trust, error) {
					return []federation.Trust{{Account: "acme", Issuer: federation.Issuer{URL: login, Audience: audience, Algorithms: []string{"ES256"}}}}, nil
				},
			})
			_, err := a.Authenticate(t.Context(), key.Sign(t, map[string]any{"iss": login, "aud": audience, "sub": "1", "exp": noon.Unix() + 60}))
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, auth.ErrUnauthenticated)
			require.Less(t, len(err.Error()), 1000)
		})
	}
}

// TestInternalIssuer: keys come from where the operator's network is only if they are
// to, whatever the name or the discovery of an issuer says.
func TestInternalIssuer(t *testing.T) {
	key := authtest.NewKey(t, "first", "ES256")
	var discovery string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == authtest.DiscoveryPath {
			_, _ = io.WriteString(w, discovery)
			return
		}
		_, _ = w.Write(mustJSON(t, authtest.KeySet(key)))
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), ":")
	tests := map[string]struct {
		issuer, keys, internal string
		ok                     bool
	}{
		"an address":                      {"127.0.0.1", "127.0.0.1", "10.0.0.0/8", true},
		"a name":                          {"example.com", "example.com", "10.0.0.0/8", false},
		"a name, allowed":                 {"example.com", "example.com", "127.0.0.0/8", true},
		"keys at an address":              {"example.com", "[::1]", "127.0.0.0/8", false},
		"keys at an address, allowed":     {"example.com", "127.0.0.1", "127.0.0.0/8", true},
		"an address with keys at another": {"127.0.0.1", "127.0.0.2", "10.0.0.0/8", false},
		"an address with keys at a name":  {"127.0.0.1", "example.com", "10.0.0.0/8", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			issuer := "https://" + tt.issuer + ":" + port
			discovery = fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, issuer, "https://"+tt.keys+":"+port+"/keys")
			network := outgoing.New(outgoing.Config{Roots: roots, Proxy: http.ProxyURL(nil), Internal: []netip.Prefix{netip.MustParsePrefix(tt.internal)},
				Resolver: authtest.NewResolver(t, map[string]string{"example.com": "127.0.0.1"})})
			clock, log := authtest.NewClock(noon), &strings.Builder{}
			a := oidc.New(oidc.Config{
				To: network.To, Now: clock.Now, Logger: slog.New(slog.NewTextHandler(log, nil)),
				Trusts: func(context.Context, string, string) ([]federation.Trust, error) {
					return []federation.Trust{{Account: "acme", Issuer: federation.Issuer{URL: issuer, Audience: audience, Algorithms: []string{"ES256"}}}}, nil
				},
			})
			_, err := a.Authenticate(t.Context(), key.Sign(t, map[string]any{"iss": issuer, "aud": audience, "sub": "1", "exp": noon.Unix() + 60}))
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "the address is not public")
			require.Contains(t, log.String(), "--internal-network")
		})
	}
}

// TestWhichKeysCount: what is published beside the right key neither hurts nor helps.
func TestWhichKeysCount(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	encrypting := authtest.NewKey(t, "k", "RS256")
	encrypting.Use = "enc"
	tests := map[string]struct {
		key    *authtest.Key
		admits bool
	}{
		"for signatures":  {authtest.NewKey(t, "k", "RS256"), true},
		"for anything":    {&authtest.Key{JSONWebKey: jose.JSONWebKey{Key: authtest.NewKey(t, "", "RS256").Key, KeyID: "k", Algorithm: "RS256"}}, true},
		"for encryption":  {encrypting, false},
		"too short":       {&authtest.Key{JSONWebKey: jose.JSONWebKey{Key: weak, KeyID: "k", Algorithm: "RS256"}}, false},
		"without an id":   {authtest.NewKey(t, "", "RS256"), false}, // there are others
		"twice, the last": {authtest.NewKey(t, "first", "ES256"), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.issuer.Publish(f.key, tt.key)
			f.admits(f.token())
			if token := f.issuer.Token(tt.key, f.claims()); tt.admits {
				f.admits(token)
			} else {
				f.refuses(token)
			}
		})
	}
}

// TestKeyIsForItsAlgorithm: also where another one would work with it.
func TestKeyIsForItsAlgorithm(t *testing.T) {
	f := newFixture(t)
	key := authtest.NewKey(t, "k", "RS256")
	f.issuer.Publish(key)
	other := *key
	other.Algorithm = "PS256"
	f.admits(f.issuer.Token(key, f.claims()))
	f.refuses(f.issuer.Token(&other, f.claims()))
}

// TestOnlyKey: an issuer with one key need not name it.
func TestOnlyKey(t *testing.T) {
	f := newFixture(t)
	f.key = authtest.NewKey(t, "", "ES256")
	f.issuer.Publish(f.key)
	f.admits(f.token())
}

// TestPrivateKeyIsNone: who publishes it has told everybody.
func TestPrivateKeyIsNone(t *testing.T) {
	f := newFixture(t)
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.key.JSONWebKey}})
	require.NoError(t, err)
	f.issuer.Answer(forIssuer(f, keys(text)))
	f.unavailable(f.token())
}
