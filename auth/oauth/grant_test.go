package oauth_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/jwt"
	"roster/auth/limit"
)

// TestWays: each way of asking gives a token, and that lets in whom it is of.
func TestWays(t *testing.T) {
	connector := auth.Principal{Account: "acme", Subject: "connector", Name: "connector", Domain: "hr", Method: auth.ByOAuth,
		Scopes: []auth.Scope{auth.SCIMRead, auth.SCIMWrite, auth.UserRead}}
	machine := auth.Principal{Account: "acme", Subject: "m1", Name: "m1", User: "m1", Method: auth.ByOAuth,
		Scopes: []auth.Scope{auth.SCIMRead, auth.UserRead}}
	app := auth.Principal{Account: "acme", Subject: "app", Name: "app", Method: auth.ByOAuth, Scopes: []auth.Scope{auth.SCIMRead, auth.SCIMWrite}}
	tests := []struct {
		name   string
		header string
		form   func(*fixture) url.Values
		client string
		p      auth.Principal
	}{
		{"secret by header", basic("connector:" + secret), func(*fixture) url.Values { return url.Values{"grant_type": {"client_credentials"}} }, "connector", connector},
		{"secret by header, encoded", basic("%63onnector:roster%5Fclient%5Fsecret"), func(*fixture) url.Values { return url.Values{"grant_type": {"client_credentials"}} }, "connector", connector},
		{"secret by header, and the id", basic("connector:" + secret), func(*fixture) url.Values {
			return url.Values{"grant_type": {"client_credentials"}, "client_id": {"connector"}, "client_secret": {""}}
		}, "connector", connector},
		{"secret in the body", "", func(*fixture) url.Values { return withSecret() }, "connector", connector},
		{"own assertion", "", func(f *fixture) url.Values { return withAssertion(f.own()) }, "m1@acme", machine},
		{"own assertion, and the id", "", func(f *fixture) url.Values { return withAssertion(f.own("aud", issuer), "client_id", "m1@acme") }, "m1@acme", machine},
		{"assertion of another issuer", "", func(f *fixture) url.Values { return withAssertion(f.federated(), "client_id", "app") }, "app", app},
		{"own assertion as a grant", "", func(f *fixture) url.Values { return asGrant(f.own("aud", []string{"x", endpoint})) }, "m1@acme", machine},
		{"trusted token as a grant", "", func(f *fixture) url.Values { return asGrant(f.vouched()) }, "", auth.Principal{
			Account: "acme", Name: "object-1", Method: auth.ByOAuth, Scopes: []auth.Scope{auth.SCIMRead, auth.SCIMWrite}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			if tt.client == "" {
				tt.client = f.issuer.URL() + "#object-1"
				tt.p.Subject = tt.client
			}
			form := tt.form(f)
			w := f.post(form.Encode(), tt.header)
			require.Equal(t, 200, w.Code, w.Body)
			require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			require.Equal(t, "no-cache", w.Header().Get("Pragma"))
			require.Equal(t, "application/json", w.Header().Get("Content-Type"))
			g := f.read(w)
			require.Equal(t, "Bearer", g.Type)
			require.Equal(t, &tt.p, f.admits(g.Token))
			require.Equal(t, tt.client, parsed(t, g.Token).Claims["client_id"])

			require.Len(t, f.issued, 1)
			i := f.issued[0]
			require.Equal(t, parsed(t, g.Token).Claims["jti"], i.ID)
			require.Equal(t, []any{tt.client, form.Get("grant_type"), time.Duration(g.Life) * time.Second}, []any{i.Client, i.Grant, i.Lifetime})
			require.Contains(t, f.logs.String(), "operation=oauth.token status=200")
			require.Contains(t, f.logs.String(), "account=acme principal="+tt.p.Subject)
			for _, name := range []string{"client_secret", "client_assertion", "assertion"} {
				if sent := form.Get(name); sent != "" {
					require.NotContains(t, f.logs.String(), sent)
				}
			}
			require.NotContains(t, f.logs.String(), g.Text)
		})
	}
}

func parsed(t testing.TB, token auth.Secret) jwt.Token {
	p, err := jwt.Parse(token)
	require.NoError(t, err)
	return p
}

// TestAccessToken: what RFC 9068 section 2 wants.
func TestAccessToken(t *testing.T) {
	f := newFixture(t)
	g := f.grants(withSecret("scope", "user:read scim:read"))
	require.Equal(t, 3600, g.Life)
	token := parsed(t, g.Token)
	require.Equal(t, []string{"ES256", "at+jwt", f.keys.keys[0].ID}, []string{token.Algorithm, token.Type, token.KeyID})
	require.NotEmpty(t, token.Claims["jti"])
	delete(token.Claims, "jti")
	require.Equal(t, map[string]any{
		"iss": issuer, "aud": issuer, "sub": "connector", "client_id": "connector", "scope": "scim:read user:read",
		"iat": float64(noon.Unix()), "exp": float64(noon.Unix() + 3600),
		"account": "acme", "domain": "hr", "credential": "credential:c1",
	}, token.Claims)
	require.NotEqual(t, f.issued[0].ID, func() string { f.grants(withSecret()); return f.issued[1].ID }())
}

func TestScopes(t *testing.T) {
	tests := []struct {
		has          []auth.Scope
		asked, given string
	}{
		{[]auth.Scope{auth.SCIM, auth.UserRead}, "", "scim user:read"},
		{[]auth.Scope{auth.SCIM, auth.UserRead}, "  ", "scim user:read"},
		{[]auth.Scope{auth.SCIM, auth.UserRead}, "scim", "scim"},
		{[]auth.Scope{auth.SCIM}, "scim:write scim:read", "scim:read scim:write"},
		{[]auth.Scope{auth.SCIMRead, auth.SCIMWrite}, "scim", "scim"},
		{[]auth.Scope{auth.SCIM, auth.UserRead}, "user:read user:read", "user:read"},
		{[]auth.Scope{auth.Roles}, "roles", "roles"},
		{[]auth.Scope{auth.SCIMRead}, "scim", ""},
		{[]auth.Scope{auth.SCIMRead}, "scim:write", ""},
		{[]auth.Scope{auth.SCIMRead}, "scim:read user:write", ""},
		{[]auth.Scope{auth.SCIM}, "platform:admin", ""},
		{[]auth.Scope{auth.SCIM}, "SCIM", ""},
		{nil, "", ""},
		{nil, "scim", ""},
	}
	for _, tt := range tests {
		f := newFixture(t)
		f.registry.change("c1", func(c *credential) { c.p.Scopes = tt.has })
		form := withSecret("scope", tt.asked)
		if tt.given == "" {
			f.denies(form, "invalid_scope")
			continue
		}
		require.Equal(t, tt.given, f.grants(form).Scope, "%v asks %q", tt.has, tt.asked)
	}
}

// TestTrusted: an issuer's token is changed only if an account trusts it, and not
// for one that outlives it.
func TestTrusted(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, 300, f.grants(asGrant(f.vouched())).Life)
	require.Equal(t, 3600, f.grants(asGrant(f.vouched("exp", noon.Unix()+99999))).Life)
	f.grants(asGrant(f.vouched(), "client_id", "any"))
	f.denies(asGrant(f.vouched("exp", noon.Unix()-1)), "invalid_grant")
	f.denies(asGrant(f.vouched("aud", "other")), "invalid_grant")
	f.denies(asGrant(f.vouched("roles", nil)), "invalid_scope")
	f.trust.Name = "title"
	require.Contains(t, f.denies(asGrant(f.vouched("title", strings.Repeat("x", 11<<10))), "invalid_grant"), "too much")
	f.denies(withAssertion(f.vouched(), "client_id", "app"), "invalid_client")
	f.denies(asGrant(f.federated()), "invalid_grant")

	stranger := authtest.NewIssuer(t, f.issuing)
	f.denies(asGrant(f.vouched("iss", stranger.URL())), "invalid_grant")
	f.denies(withAssertion(f.federated("iss", stranger.URL()), "client_id", "app"), "invalid_client")
	require.Zero(t, stranger.Asked(authtest.DiscoveryPath), "nobody expects it")
}

// TestNotForever: a token of this server is no way to another one, whom an account
// trusts or not.
func TestNotForever(t *testing.T) {
	f := newFixture(t)
	g := f.grants(withSecret())
	f.trust.URL = issuer
	f.denies(asGrant(g.Token), "invalid_grant")
	f.denies(withAssertion(g.Token, "client_id", "connector"), "invalid_client")
}

// TestLifetime: what the account says, in whole seconds, and six hours at most.
func TestLifetime(t *testing.T) {
	for said, seconds := range map[time.Duration]int{
		5 * time.Minute: 300, 90500 * time.Millisecond: 90, 6 * time.Hour: 21600, 7 * time.Hour: 21600,
	} {
		f := newFixture(t)
		f.config.Lifetime = func(_ context.Context, account string) (time.Duration, error) {
			require.Equal(t, "acme", account)
			return said, nil
		}
		f.start(limit.Unlimited())
		require.Equal(t, seconds, f.grants(withSecret()).Life)
	}
}
