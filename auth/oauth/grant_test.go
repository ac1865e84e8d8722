package oauth_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/jwt"
	"roster/auth/limit"
	"roster/auth/oauth"
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

// TestErrors: what is wrong with a request, in the words of RFC 6749 section 5.2.
func TestErrors(t *testing.T) {
	f := newFixture(t)
	good := withSecret().Encode()
	without := func(name string) string {
		form := withSecret()
		form.Del(name)
		return form.Encode()
	}
	tests := []struct{ name, body, header, code string }{
		{"nothing", "", "", "invalid_request"},
		{"no grant type", without("grant_type"), "", "invalid_request"},
		{"another grant", withSecret("grant_type", "password").Encode(), "", "unsupported_grant_type"},
		{"another grant of nobody", "grant_type=authorization_code&code=x", "", "unsupported_grant_type"},
		{"a parameter twice", good + "&client_id=connector", "", "invalid_request"},
		{"an unknown parameter twice", good + "&x=1&x=2", "", "invalid_request"},
		{"not a form", "{}%", "", "invalid_request"},
		{"semicolons", "a=1;b=2", "", "invalid_request"},
		{"not ASCII", good + "&x=%C3%A9", "", "invalid_request"},
		{"a line break", good + "&scope=a%0Ab", "", "invalid_request"},
		{"64 KiB", good + "&x=" + strings.Repeat("x", 64<<10), "", "invalid_request"},

		{"no client", "grant_type=client_credentials", "", "invalid_client"},
		{"no secret", without("client_secret"), "", "invalid_client"},
		{"no id", without("client_id"), "", "invalid_request"},
		{"wrong secret", withSecret("client_secret", "x").Encode(), "", "invalid_client"},
		{"header and body", good, basic("connector:" + secret), "invalid_request"},
		{"body and assertion", good + "&client_assertion=a.b.c", "", "invalid_request"},
		{"header of another", without("client_secret"), basic("other:" + secret), "invalid_request"},
		{"wrong secret by header", "grant_type=client_credentials", basic("connector:x"), "invalid_client"},
		{"a bearer token", "grant_type=client_credentials", "Bearer " + secret, "invalid_client"},
		{"no base64", "grant_type=client_credentials", "Basic %%%", "invalid_request"},
		{"no colon", "grant_type=client_credentials", basic("connector"), "invalid_request"},
		{"no secret by header", "grant_type=client_credentials", basic("connector:"), "invalid_request"},
		{"no id by header", "grant_type=client_credentials", basic(":" + secret), "invalid_request"},
		{"badly encoded", "grant_type=client_credentials", basic("connector:%"), "invalid_request"},
		{"NUL", "grant_type=client_credentials", basic("connector:%00"), "invalid_request"},
		{"a long header", "grant_type=client_credentials", basic("connector:" + strings.Repeat("x", 8<<10)), "invalid_request"},

		{"no assertion type", "grant_type=client_credentials&client_assertion=a.b.c", "", "invalid_request"},
		{"SAML", withAssertion("x", "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer").Encode(), "", "invalid_request"},
		{"no assertion", "grant_type=" + jwtBearer, "", "invalid_request"},
		{"assertion and header", asGrant(f.own()).Encode(), basic("connector:" + secret), "invalid_request"},
		{"assertion and secret", asGrant(f.own(), "client_secret", secret).Encode(), "", "invalid_request"},
		{"foreign assertion without an id", withAssertion(f.federated()).Encode(), "", "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { denied(t, f.post(tt.body, tt.header), tt.code) })
	}
	require.Empty(t, f.issued)
	f.grants(withSecret())
}

func TestRequestForm(t *testing.T) {
	f := newFixture(t)
	r := httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(withSecret().Encode()))
	r.Header.Set("Content-Type", "application/json")
	denied(t, f.send(r), "invalid_request")

	r = httptest.NewRequest("POST", "/oauth2/token?"+withSecret().Encode(), strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	denied(t, f.send(r), "invalid_request")

	r = httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(withSecret().Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	require.Equal(t, 200, f.send(r).Code)

	require.Equal(t, 405, f.send(httptest.NewRequest("GET", "/oauth2/token", nil)).Code)
	require.Equal(t, 404, f.send(httptest.NewRequest("GET", "/oauth2/authorize", nil)).Code)
}

// TestOneAnswer: who has no valid credential is not told what is wrong with it.
func TestOneAnswer(t *testing.T) {
	f := newFixture(t)
	f.registry.all["c2"] = &credential{client: "revoked", secret: secret, err: auth.ErrUnauthenticated}
	stranger := authtest.NewKey(t, "key-1", "ES256")
	answers := map[string]bool{}
	for _, form := range []url.Values{
		withSecret("client_id", "nobody"),
		withSecret("client_secret", "wrong"),
		withSecret("client_id", "revoked"),
		withSecret("client_id", "m1@acme"),
		withAssertion("rubbish"),
		withAssertion(f.own("iss", "nobody", "sub", "nobody")),
		withAssertion(f.own(), "client_id", "m2@acme"),
		withAssertion(stranger.Sign(t, f.claims("exp", 1))),
		withAssertion(f.federated("sub", "object-2"), "client_id", "app"),
		withAssertion(f.federated("exp", 1), "client_id", "app"),
		withAssertion(f.federated(), "client_id", "nobody"),
	} {
		answers[f.denies(form, "invalid_client")] = true
	}
	require.Len(t, answers, 1, answers)
}

// TestAssertions: what is wrong with one is told to who has the key, and only to
// them.
func TestAssertions(t *testing.T) {
	now := noon.Unix()
	tests := []struct {
		name  string
		of    func(*fixture) auth.Secret
		error string // part of the description, "" if it is good
	}{
		{"good", func(f *fixture) auth.Secret { return f.own() }, ""},
		{"no key id", func(f *fixture) auth.Secret { return f.signed("", f.claims()) }, ""},
		{"clocks a minute apart", func(f *fixture) auth.Secret { return f.own("iat", now+60, "nbf", now+60, "exp", now+3660) }, ""},
		{"just expired", func(f *fixture) auth.Secret { return f.own("exp", now-59) }, ""},
		{"several audiences", func(f *fixture) auth.Secret { return f.own("aud", []string{"https://other.example.com", issuer}) }, ""},

		{"expired", func(f *fixture) auth.Secret { return f.own("exp", now-60) }, "expired"},
		{"no end", func(f *fixture) auth.Secret { return f.own("exp", nil) }, "no usable end"},
		{"an end in words", func(f *fixture) auth.Secret { return f.own("exp", "never") }, "no usable end"},
		{"a late end", func(f *fixture) auth.Secret { return f.own("exp", now+3661) }, "at most an hour ahead"},
		{"a very late end", func(f *fixture) auth.Secret { return f.own("exp", 1e300) }, "at most an hour ahead"},
		{"not valid yet", func(f *fixture) auth.Secret { return f.own("nbf", now+61) }, "not valid yet"},
		{"issued in the future", func(f *fixture) auth.Secret { return f.own("iat", now+61) }, "not valid yet"},
		{"wrong audience", func(f *fixture) auth.Secret { return f.own("aud", "https://other.example.com") }, "aud of the assertion"},
		{"audience with a slash", func(f *fixture) auth.Secret { return f.own("aud", issuer+"/") }, "aud of the assertion"},
		{"no audience", func(f *fixture) auth.Secret { return f.own("aud", nil) }, "aud of the assertion"},

		{"unknown key", func(f *fixture) auth.Secret { return f.signed("key-2", f.claims()) }, "known"},
		{"key of another", func(f *fixture) auth.Secret { return authtest.NewKey(f.t, "key-1", "ES256").Sign(f.t, f.claims()) }, "known"},
		{"key of another kind", func(f *fixture) auth.Secret { return authtest.NewKey(f.t, "key-1", "RS256").Sign(f.t, f.claims()) }, "known"},
		{"of another client", func(f *fixture) auth.Secret { return f.own("iss", "m2@acme", "sub", "m2@acme") }, "known"},
		{"of another account", func(f *fixture) auth.Secret { return f.own("iss", "m1@globex", "sub", "m1@globex") }, "known"},
		{"no issuer", func(f *fixture) auth.Secret { return f.own("iss", nil) }, "known"},
		{"issuer is not the subject", func(f *fixture) auth.Secret { return f.own("iss", "connector") }, "known"},
		{"alg none", func(f *fixture) auth.Secret { return rewritten(f.own(), `{"alg":"none","kid":"key-1"}`, "") }, "known"},
		{"HS256 with the public key", func(f *fixture) auth.Secret { return symmetric(f.t, f.machine, f.claims()) }, "known"},
		{"a key of its own", func(f *fixture) auth.Secret { return f.selfSigned(f.claims()) }, "known"},
		{"a critical extension", func(f *fixture) auth.Secret {
			return f.machine.SignWith(f.t, map[string]any{"crit": []string{"x"}, "x": 1}, f.claims())
		}, "known"},
		{"a claim twice", func(f *fixture) auth.Secret {
			return f.machine.SignText(f.t, `{"iss":"m1@acme","sub":"m1@acme","sub":"m1@acme","aud":"`+endpoint+`","exp":99999999999}`)
		}, "known"},
		{"60 KB", func(f *fixture) auth.Secret { return f.own("x", strings.Repeat("x", 40<<10)) }, "known"},
		{"rubbish", func(*fixture) auth.Secret { return "x" }, "known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for code, form := range map[string]func(auth.Secret, ...string) url.Values{"invalid_client": withAssertion, "invalid_grant": asGrant} {
				f := newFixture(t)
				form := form(tt.of(f), "client_id", "m1@acme")
				if tt.error == "" {
					f.grants(form)
					continue
				}
				require.Contains(t, f.denies(form, code), tt.error)
				require.Zero(t, f.issuer.Asked(authtest.DiscoveryPath))
			}
		})
	}
}

// signed is an assertion that names another key than that of the machine, or none.
func (f *fixture) signed(keyID string, claims map[string]any) auth.Secret {
	key := *f.machine
	key.KeyID = keyID
	return key.Sign(f.t, claims)
}

// TestAlgorithms: each with which a client may sign.
func TestAlgorithms(t *testing.T) {
	for _, algorithm := range federation.Algorithms() {
		f := newFixture(t)
		f.machine = authtest.NewKey(t, "k", algorithm)
		f.machines.change("m1:k1", func(c *credential) { c.key = f.machine })
		f.grants(withAssertion(f.own()))
	}
}

// TestReplay: an assertion counts once, in whatever way it is sent.
func TestReplay(t *testing.T) {
	f := newFixture(t)
	once := f.own("jti", "1")
	f.grants(withAssertion(once))
	require.Contains(t, f.denies(withAssertion(once), "invalid_client"), "used already")
	require.Contains(t, f.denies(asGrant(once), "invalid_grant"), "used already")
	require.Contains(t, f.denies(asGrant(f.own("jti", "1", "x", "y")), "invalid_grant"), "used already", "another one with its id")
	f.grants(asGrant(f.own("jti", "2")))

	unnamed := f.own()
	f.grants(asGrant(unnamed))
	f.denies(asGrant(unnamed), "invalid_grant")
	f.denies(asGrant(unnamed+"A"), "invalid_grant")

	// A refused one is not used up.
	wrong := f.own("jti", "3", "aud", "x")
	f.denies(asGrant(wrong), "invalid_grant")
	f.grants(asGrant(f.own("jti", "3")))

	// The ids are the client's own, and free again when the assertion has expired.
	other := authtest.NewKey(t, "key-1", "ES256")
	f.machines.all["m2"] = &credential{client: "m2@acme", key: other, p: auth.Principal{Account: "acme", Subject: "m2", Scopes: []auth.Scope{auth.SCIM}}}
	f.grants(asGrant(other.Sign(t, f.claims("iss", "m2@acme", "sub", "m2@acme", "jti", "1"))))
	f.clock.Advance(6 * time.Minute)
	f.denies(asGrant(once), "invalid_grant")
	f.grants(asGrant(f.own("jti", "1")))
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

// TestFaults: what does not work is not the client's fault, and is not told.
func TestFaults(t *testing.T) {
	broken := errors.New("the disk is gone")
	tests := []struct {
		name   string
		change func(*fixture)
		form   func(*fixture) url.Values
		status int
	}{
		{"clients", func(f *fixture) { f.registry.all["c1"].err = broken }, nil, 503},
		{"time is over", func(f *fixture) { f.registry.all["c1"].err = context.DeadlineExceeded }, nil, 503},
		{"keys", func(f *fixture) { f.keys.fault = broken }, nil, 500},
		{"lifetime", func(f *fixture) {
			f.config.Lifetime = func(context.Context, string) (time.Duration, error) { return 0, broken }
		}, nil, 500},
		{"audit", func(f *fixture) {
			f.config.Issued = func(context.Context, *auth.Principal, oauth.Issuance) error { return broken }
		}, nil, 500},
		{"issuer of a client", func(f *fixture) { f.issuer.Answer(httpRubbish) }, func(f *fixture) url.Values { return withAssertion(f.federated(), "client_id", "app") }, 503},
		{"trusted issuer", func(f *fixture) { f.issuer.Answer(httpRubbish) }, func(f *fixture) url.Values { return asGrant(f.vouched()) }, 503},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			tt.change(f)
			f.start(limit.Unlimited())
			form := withSecret()
			if tt.form != nil {
				form = tt.form(f)
			}
			w := f.post(form.Encode(), "")
			require.Equal(t, tt.status, w.Code, w.Body)
			require.NotContains(t, w.Body.String(), "disk")
			require.Contains(t, w.Body.String(), `"error":`)
			if tt.status == 503 {
				require.Equal(t, "1", w.Header().Get("Retry-After"))
				require.Contains(t, w.Body.String(), "temporarily_unavailable")
			}
			if tt.name != "time is over" {
				require.Contains(t, f.logs.String(), "level=ERROR")
			}
		})
	}
}

// TestDisabled: a disabled account gets no token, and is told so only with a valid
// credential.
func TestDisabled(t *testing.T) {
	f := newFixture(t)
	f.registry.change("c1", func(c *credential) { c.err = auth.ErrDisabled })
	require.Contains(t, f.denies(withSecret(), "unauthorized_client"), "disabled")
	f.denies(withSecret("client_secret", "x"), "invalid_client")

	f = newFixture(t)
	f.config.Lifetime = func(context.Context, string) (time.Duration, error) { return 0, auth.ErrDisabled }
	f.start(limit.Unlimited())
	require.Contains(t, f.denies(withSecret(), "unauthorized_client"), "disabled")
}

// TestGuessing: wrong credentials are limited as they are elsewhere, and what was
// good of late is not.
func TestGuessing(t *testing.T) {
	f := newFixture(t)
	f.start(limit.New(limit.Config{Failed: limit.Rate{PerSecond: 1, Burst: 5}, Now: f.clock.Now}))
	f.grants(withSecret())
	for range 5 {
		f.denies(withSecret("client_secret", "guess"), "invalid_client")
	}
	for _, form := range []url.Values{withSecret("client_secret", "guess"), withAssertion("a.b.c"), asGrant("a.b.c"), asGrant(f.own())} {
		w := f.post(form.Encode(), "")
		require.Equal(t, 429, w.Code)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
	}
	f.grants(withSecret())
}
