package oauth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
)

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

// TestAssertionOfAnother: a client_id that is sent must be that of the assertion.
func TestAssertionOfAnother(t *testing.T) {
	f := newFixture(t)
	f.denies(asGrant(f.own(), "client_id", "connector"), "invalid_grant")
	f.denies(withAssertion(f.own(), "client_id", "connector"), "invalid_client")
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

	// An assertion that has just expired is still taken, so still only once.
	f.clock.Advance(5*time.Minute + 30*time.Second)
	require.Contains(t, f.denies(asGrant(once), "invalid_grant"), "used already")

	// The ids are the client's own, and free again when the assertion has expired.
	other := authtest.NewKey(t, "key-1", "ES256")
	f.machines.all["m2"] = &credential{client: "m2@acme", key: other, p: auth.Principal{Account: "acme", Subject: "m2", Scopes: []auth.Scope{auth.SCIM}}}
	f.grants(asGrant(other.Sign(t, f.claims("iss", "m2@acme", "sub", "m2@acme", "jti", "1"))))
	f.clock.Advance(30 * time.Second)
	require.Contains(t, f.denies(asGrant(once), "invalid_grant"), "expired")
	f.grants(asGrant(f.own("jti", "1")))
}
