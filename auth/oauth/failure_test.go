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
	"roster/auth/httpauth"
	"roster/auth/limit"
	"roster/auth/oauth"
)

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
	require.Equal(t, httpauth.Refusal{Status: 401, Operation: "oauth.token", Reason: "invalid_client"}, f.refused[0])
	require.Len(t, f.refused, 11)
}

// TestMistypedFederation: that a client was made with another subject or audience is
// in the log, for the operator, and not in the answer.
func TestMistypedFederation(t *testing.T) {
	f := newFixture(t)
	answer := f.denies(withAssertion(f.federated("aud", "api://app/.default"), "client_id", "app"), "invalid_client")
	require.NotContains(t, answer, ".default")
	require.Contains(t, f.logs.String(), `no such client expects iss \"`+f.issuer.URL()+`\", sub \"object-1\" and aud \"api://app/.default\"`)
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
	fresh := f.grants(withSecret()).Token
	for token, status := range map[auth.Secret]int{fresh: 200, fresh + "x": 429} {
		r := httptest.NewRequest("GET", "/oauth2/jwks", nil)
		r.Header.Set("Authorization", "Bearer "+token.Reveal())
		require.Equal(t, status, f.send(r).Code, "what was just given out is not kept out by those who guess")
	}
}
