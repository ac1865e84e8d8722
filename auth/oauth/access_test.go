package oauth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
)

// httpRubbish answers what no issuer does.
var httpRubbish = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// rewritten is a token with another header, and with other claims unless they are "".
func rewritten(token auth.Secret, header, claims string) auth.Secret {
	parts := strings.Split(token.Reveal(), ".")
	parts[0] = encode(header)
	if claims != "" {
		parts[1] = encode(claims)
	}
	return auth.Secret(strings.Join(parts, "."))
}

// symmetric signs with what everybody knows as if it were a shared secret.
func symmetric(t testing.TB, key *authtest.Key, claims map[string]any) auth.Secret {
	public := key.Public()
	der, err := x509.MarshalPKIXPublicKey(public.Key)
	require.NoError(t, err)
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed := encode(`{"alg":"HS256","typ":"at+jwt","kid":"`+key.KeyID+`"}`) + "." + encode(string(payload))
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(signed))
	return auth.Secret(signed + "." + encode(string(mac.Sum(nil))))
}

// selfSigned brings, and points to, the key by which it is verified.
func (f *fixture) selfSigned(claims map[string]any) auth.Secret {
	key := authtest.NewKey(f.t, "key-1", "ES256")
	f.issuer.Publish(key)
	return key.SignWith(f.t, map[string]any{"jwk": key.Public(), "jku": f.issuer.URL() + authtest.KeysPath, "x5u": f.issuer.URL() + authtest.KeysPath, "kid": "key-1"}, claims)
}

// ours is the key by which the server signs.
func (f *fixture) ours() *authtest.Key {
	k := f.keys.keys[len(f.keys.keys)-1]
	private, err := x509.ParsePKCS8PrivateKey(k.Private)
	require.NoError(f.t, err)
	return &authtest.Key{JSONWebKey: jose.JSONWebKey{Key: private, KeyID: k.ID, Algorithm: "ES256"}}
}

// TestBadTokens: what is wrong with an access token is refused at once and in the
// same way, and leaves what is good as it was.
func TestBadTokens(t *testing.T) {
	f := newFixture(t)
	good := f.grants(withSecret()).Token
	now := noon.Unix()
	text := good.Reveal()
	header := func(more string) string {
		return `{"alg":"ES256","kid":"` + f.ours().KeyID + `","typ":"at+jwt"` + more + `}`
	}
	resigned := func(changes ...any) auth.Secret {
		return f.ours().Sign(t, authtest.Changed(parsed(t, good).Claims, changes...))
	}
	f.admits(resigned())
	f.admits(resigned("nbf", now+60, "iat", now+60))

	stranger := authtest.NewKey(t, f.ours().KeyID, "ES256")
	public := func() string {
		text, err := json.Marshal(parsed(t, good).Claims)
		require.NoError(t, err)
		return string(text)
	}()
	tests := map[string]auth.Secret{
		"empty":                     "",
		"rubbish":                   "a.b.c",
		"a bearer token":            auth.Secret(secret),
		"1 MB":                      resigned("x", strings.Repeat("x", 1<<20)),
		"expired":                   resigned("exp", now),
		"expired long ago":          resigned("exp", 1),
		"no end":                    resigned("exp", nil),
		"not valid yet":             resigned("nbf", now+61),
		"issued in the future":      resigned("iat", now+61),
		"wrong audience":            resigned("aud", "https://other.example.com"),
		"no audience":               resigned("aud", nil),
		"wrong issuer":              resigned("iss", "https://other.example.com"),
		"issuer with a slash":       resigned("iss", issuer+"/"),
		"no credential":             resigned("credential", nil),
		"credential of no kind":     resigned("credential", "c1"),
		"credential of another":     resigned("credential", "machine:m1:k1"),
		"credential of a kind more": resigned("credential", "other:c1"),
		"a handle of nobody":        resigned("credential", "trusted:x"),
		"another account":           resigned("account", "globex"),
		"another user":              resigned("user", "m1"),
		"another domain":            resigned("domain", nil),
		"another subject":           resigned("sub", "root"),
		"an ID token":               f.ours().SignWith(t, map[string]any{"typ": "JWT"}, parsed(t, good).Claims),
		"alg none":                  auth.Secret(encode(`{"alg":"none","typ":"at+jwt"}`) + "." + strings.Split(text, ".")[1] + "."),
		"alg none, signed":          rewritten(good, `{"alg":"none","typ":"at+jwt","kid":"`+f.ours().KeyID+`"}`, ""),
		"HS256 with the public key": symmetric(t, f.ours(), parsed(t, good).Claims),
		"unknown key":               authtest.NewKey(t, "unknown", "ES256").Sign(t, parsed(t, good).Claims),
		"no key":                    authtest.NewKey(t, "", "ES256").Sign(t, parsed(t, good).Claims),
		"another key":               stranger.Sign(t, parsed(t, good).Claims),
		"key of another kind":       authtest.NewKey(t, f.ours().KeyID, "RS256").Sign(t, parsed(t, good).Claims),
		"a key of its own":          f.selfSigned(parsed(t, good).Claims),
		"tampered claims":           rewritten(good, header(""), strings.Replace(public, "connector", "connectos", 1)),
		"tampered header":           rewritten(good, header(`,"x":1`), ""),
		"a critical extension":      f.ours().SignWith(t, map[string]any{"crit": []string{"x"}, "x": 1}, parsed(t, good).Claims),
		"claims twice":              f.ours().SignText(t, `{"scope":"scim",`+public[1:]),
		"no signature":              auth.Secret(text[:strings.LastIndex(text, ".")+1]),
		"a part more":               good + ".x",
		"a line break":              good + "\n",
		"the client's own":          f.own(),
		"of a trusted issuer":       f.vouched(),
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			f.t = t
			f.rejects(bad)
			f.admits(good)
		})
	}
	require.Zero(t, f.issuer.Asked(authtest.KeysPath))
	require.NotContains(t, f.logs.String(), text)
}

// TestExpiry: a token is good to its last second.
func TestExpiry(t *testing.T) {
	f := newFixture(t)
	g := f.grants(withSecret())
	f.clock.Advance(time.Hour - time.Second)
	f.admits(g.Token)
	f.clock.Advance(time.Second)
	f.rejects(g.Token)
}

// TestAtOnce: a token ends with what it was issued for.
func TestAtOnce(t *testing.T) {
	secret := func(*fixture) url.Values { return withSecret() }
	key := func(f *fixture) url.Values { return asGrant(f.own()) }
	federated := func(f *fixture) url.Values { return withAssertion(f.federated(), "client_id", "app") }
	trusted := func(f *fixture) url.Values { return asGrant(f.vouched()) }
	tests := []struct {
		name   string
		form   func(*fixture) url.Values
		change func(*fixture)
	}{
		{"secret revoked", secret, func(f *fixture) { f.registry.change("c1", nil) }},
		{"key removed", key, func(f *fixture) { f.machines.change("m1:k1", nil) }},
		{"user locked", key, func(f *fixture) {
			f.machines.change("m1:k1", func(c *credential) { c.err = auth.ErrUnauthenticated })
		}},
		{"federation ended", federated, func(f *fixture) { f.registry.change("f1", nil) }},
		{"client of another user now", key, func(f *fixture) { f.machines.change("m1:k1", func(c *credential) { c.p.User = "m2" }) }},
		{"client of another domain now", secret, func(f *fixture) { f.registry.change("c1", func(c *credential) { c.p.Domain = "okta" }) }},
		{"issuer not trusted", trusted, func(f *fixture) { f.trust.Audience = "other" }},
		{"other tokens trusted", trusted, func(f *fixture) { f.trust.Where = federation.Match{Claim: "tid", Value: "1"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			g := f.grants(tt.form(f))
			f.admits(g.Token)
			tt.change(f)
			f.rejects(g.Token)
		})
	}
}

// TestScopesOfNow: a token has what was granted, less what the client has lost.
func TestScopesOfNow(t *testing.T) {
	f := newFixture(t)
	g := f.grants(withSecret("scope", "scim"))
	for _, tt := range []struct{ has, may []auth.Scope }{
		{[]auth.Scope{auth.SCIM, auth.UserRead, auth.PlatformAdmin}, []auth.Scope{auth.SCIMRead, auth.SCIMWrite}},
		{[]auth.Scope{auth.SCIMRead, auth.UserRead}, []auth.Scope{auth.SCIMRead}},
		{[]auth.Scope{auth.UserRead}, []auth.Scope{}},
		{nil, []auth.Scope{}},
	} {
		f.registry.change("c1", func(c *credential) { c.p.Scopes = tt.has })
		require.ElementsMatch(t, tt.may, f.admits(g.Token).Scopes, "%v", tt.has)
	}
	trusted := f.grants(asGrant(f.vouched()))
	f.trust.Scopes[0].Grants = []auth.Scope{auth.SCIMRead}
	require.Equal(t, []auth.Scope{auth.SCIMRead}, f.admits(trusted.Token).Scopes)
}

// TestCannotFindOut: who cannot find out does not say that a token is wrong.
func TestCannotFindOut(t *testing.T) {
	f := newFixture(t)
	g := f.grants(withSecret())
	broken := errors.New("broken")
	f.registry.change("c1", func(c *credential) { c.err = broken })
	_, err := f.Authenticate(t.Context(), g.Token)
	require.ErrorIs(t, err, broken)
	f.registry.change("c1", func(c *credential) { c.err = auth.ErrDisabled })
	_, err = f.Authenticate(t.Context(), g.Token)
	require.ErrorIs(t, err, auth.ErrDisabled)

	f.registry.change("c1", func(c *credential) { c.err = nil })
	f.clock.Advance(time.Minute)
	f.keys.fault = context.DeadlineExceeded
	_, err = f.Authenticate(t.Context(), g.Token)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = f.Authenticate(t.Context(), auth.Secret("roster_other"))
	require.Equal(t, auth.ErrUnauthenticated, err, "nothing is read for what is no token of ours")
}
