package oidc_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/jwt"
	"roster/auth/oidc"
)

func TestPrincipal(t *testing.T) {
	f := newFixture(t)
	f.trusts[0].Domain = "hr"
	require.Equal(t, &auth.Principal{
		Account: "acme", Subject: f.issuer.URL() + "#00u1", Name: "00u1", Scopes: []auth.Scope{auth.SCIM},
		Domain: "hr", Method: auth.ByOIDC,
	}, f.admits(f.token()))
	f.admits(f.token("aud", []string{"other", audience}))
	require.Equal(t, 1, f.fetches(), "keys are remembered")
}

// TestAlgorithms: each that can be allowed works, and only if it is.
func TestAlgorithms(t *testing.T) {
	for _, algorithm := range federation.Algorithms() {
		t.Run(algorithm, func(t *testing.T) {
			f := newFixture(t)
			f.key = authtest.NewKey(t, "k", algorithm)
			f.issuer.Publish(f.key)
			f.trusts[0].Algorithms = []string{algorithm}
			f.admits(f.token())

			f.trusts[0].Algorithms = []string{"RS384", "ES512"}
			if algorithm != "RS384" && algorithm != "ES512" {
				f.refuses(f.token())
			}
		})
	}
}

// TestTimes: clocks may be a minute apart.
func TestTimes(t *testing.T) {
	f := newFixture(t)
	now := f.clock.Now().Unix()
	tests := []struct {
		name    string
		changes []any
		admits  bool
	}{
		{"just expired", []any{"exp", now - 59}, true},
		{"expired", []any{"exp", now - 60}, false},
		{"expired long ago", []any{"exp", 1}, false},
		{"expired before 1970", []any{"exp", -1e18}, false},
		{"a fraction", []any{"exp", float64(now) + 0.5}, true},
		{"far away", []any{"exp", 1e300}, true},
		{"no end", []any{"exp", nil}, false},
		{"an end in words", []any{"exp", "never"}, false},
		{"an end as text", []any{"exp", "99999999999"}, false},
		{"valid in a moment", []any{"nbf", now + 60}, true},
		{"not valid yet", []any{"nbf", now + 61}, false},
		{"valid for ever", []any{"nbf", nil, "iat", nil}, true},
		{"issued in a moment", []any{"iat", now + 60}, true},
		{"issued in the future", []any{"iat", now + 61}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.t = t
			if tt.admits {
				f.admits(f.token(tt.changes...))
			} else {
				f.refuses(f.token(tt.changes...))
			}
		})
	}
}

// TestBadInput: what is wrong with a token is refused at once and in the same way,
// and leaves what is good as it was.
func TestBadInput(t *testing.T) {
	f := newFixture(t)
	stranger := authtest.NewIssuer(t, authtest.NewKey(t, "first", "ES256"))
	forged := authtest.NewKey(t, "first", "ES256")
	good := f.token().Reveal()
	header, payload, signature := cut(good)
	tests := map[string]auth.Secret{
		"empty":                         "",
		"the server's own token":        auth.Secret("roster_" + strings.Repeat("a", 49)),
		"two parts":                     auth.Secret(header + "." + payload),
		"four parts":                    auth.Secret(good + "." + signature),
		"encrypted, five parts":         auth.Secret(good + "." + signature + "." + signature),
		"dots":                          "..",
		"no base64":                     auth.Secret("?." + payload + "." + signature),
		"no JSON":                       auth.Secret(encode("x") + "." + payload + "." + signature),
		"a list for a header":           auth.Secret(encode("[]") + "." + payload + "." + signature),
		"null":                          auth.Secret(encode("null") + "." + encode("null") + "." + signature),
		"1 MB":                          f.token("filling", strings.Repeat("x", 1<<20)),
		"deep":                          auth.Secret(header + "." + encode(strings.Repeat("[", 10_000)) + "." + signature),
		"wrong audience":                f.token("aud", "https://other.example.com"),
		"no audience":                   f.token("aud", nil),
		"many audiences":                f.token("aud", append(strings.Fields(strings.Repeat("a ", 10)), audience)),
		"a number for an audience":      f.token("aud", 7),
		"wrong issuer":                  f.token("iss", stranger.URL()),
		"issuer in other words":         f.token("iss", f.issuer.URL()+"/"),
		"no issuer":                     f.token("iss", ""),
		"a stranger's key":              stranger.Token(forged, f.claims("iss", f.issuer.URL())),
		"unknown key":                   f.issuer.Token(authtest.NewKey(t, "unknown", "ES256"), f.claims()),
		"key of another kind":           f.issuer.Token(authtest.NewKey(t, "first", "RS256"), f.claims()),
		"no signature":                  auth.Secret(header + "." + payload + "."),
		"signature of another":          auth.Secret(header + "." + encode(string(mustJSON(t, f.claims("sub", "root", "iss", f.issuer.URL())))) + "." + signature),
		"alg none":                      auth.Secret(encode(`{"alg":"none","kid":"first"}`) + "." + payload + "."),
		"alg none, signed":              auth.Secret(encode(`{"alg":"none","kid":"first"}`) + "." + payload + "." + signature),
		"alg NONE":                      auth.Secret(encode(`{"alg":"NONE","kid":"first"}`) + "." + payload + "."),
		"no alg":                        auth.Secret(encode(`{"kid":"first"}`) + "." + payload + "." + signature),
		"HS256 with the public key":     hmacWith(publicPEM(t, f.key), payload),
		"HS256 with the published key":  hmacWith(mustJSON(t, f.key.Public()), payload),
		"a critical extension":          auth.Secret(encode(`{"alg":"ES256","kid":"first","crit":["x"],"x":1}`) + "." + payload + "." + signature),
		"a key of its own":              selfSigned(t, f, authtest.NewKey(t, "", "ES256")),
		"no subject":                    f.token("sub", nil),
		"an unusable subject":           f.token("sub", "two\nlines"),
		"a claim twice":                 doubled(t, f, `"sub":"00u1","sub":"root"`),
		"the subject in another case":   doubled(t, f, `"Sub":"00u1"`),
		"a number for a subject":        f.token("sub", 7),
		"line break behind the end":     auth.Secret(good + "\n"),
		"signature with a changed tail": auth.Secret(good[:len(good)-4] + "AAAA"),
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			f.t = t
			f.refuses(bad)
			f.admits(auth.Secret(good))
		})
	}
	require.LessOrEqual(t, f.fetches(), 1)
	require.Zero(t, stranger.Asked(authtest.DiscoveryPath), "nobody trusts it")
}

// TestAccounts: a token is of the one account that trusts it.
func TestAccounts(t *testing.T) {
	f := newFixture(t)
	f.trust("globex", federation.Issuer{Audience: "globex"})
	f.trust("initech", federation.Issuer{Audience: "shared", Where: federation.Match{Claim: "tid", Value: "1"}})
	f.trust("umbrella", federation.Issuer{Audience: "shared", Where: federation.Match{Claim: "tid", Value: "2"}})
	f.trust("umbrella", federation.Issuer{Audience: "shared", Where: federation.Match{Claim: "groups", Value: "readers"},
		Scopes: []federation.Grant{{Grants: []auth.Scope{auth.SCIMRead}}}})

	require.Equal(t, "acme", f.admits(f.token()).Account)
	require.Equal(t, "globex", f.admits(f.token("aud", "globex")).Account)
	require.Equal(t, "initech", f.admits(f.token("aud", "shared", "tid", "1")).Account)
	require.Equal(t, "umbrella", f.admits(f.token("aud", "shared", "tid", "2")).Account)
	f.refuses(f.token("aud", "shared"))
	f.refuses(f.token("aud", "shared", "tid", "3"))
	f.refuses(f.token("aud", []string{"globex", audience})) // which of the two is not for the client to say
	f.refuses(f.token("aud", "shared", "tid", "1", "groups", "readers"))

	first := f.admits(f.token("aud", "shared", "tid", "2", "groups", "readers"))
	require.Equal(t, []auth.Scope{auth.SCIM}, first.Scopes, "of two trusts of one account, the first counts")
}

func TestUsers(t *testing.T) {
	f := newFixture(t)
	f.trusts[0].User = federation.User{Claim: "oid", Attribute: federation.ExternalID}
	f.users["acme externalId 7"] = "user-7"

	require.Equal(t, "user-7", f.admits(f.token("oid", "7")).User)
	require.Empty(t, f.admits(f.token()).User, "a token of a program")
	f.refuses(f.token("oid", "8"))
	f.refuses(f.token("oid", ""))
	f.refuses(f.token("oid", 7))
	f.refuses(f.token("oid", []string{"7"}))
	delete(f.users, "acme externalId 7")
	f.refuses(f.token("oid", "7"))
}

// TestClaimsFromElsewhere: what is to be fetched from somewhere is not there (OpenID
// Connect Core 1.0 section 5.6.2), as groups that are too many for Entra's tokens.
func TestClaimsFromElsewhere(t *testing.T) {
	f := newFixture(t)
	f.trusts[0].Scopes = []federation.Grant{{Claim: "groups", Value: "7", Grants: []auth.Scope{auth.SCIM}}}
	require.NotEmpty(t, f.admits(f.token("groups", []string{"7"})).Scopes)
	p := f.admits(f.token("_claim_names", map[string]any{"groups": "src"}, "_claim_sources", map[string]any{"src": map[string]any{"endpoint": f.issuer.URL()}}))
	require.Empty(t, p.Scopes)
	require.Zero(t, f.issuer.Asked("/"))
}

// TestOwnIssuer: the tokens of the server itself are not let in by way of a trust, nor
// what was let in before, and nobody is asked for its keys.
func TestOwnIssuer(t *testing.T) {
	f := newFixture(t)
	admitted, err := f.Admit(t.Context(), f.token())
	require.NoError(t, err)
	parsed, err := jwt.Parse(f.token())
	require.NoError(t, err)
	require.NoError(t, f.Verify(t.Context(), parsed))
	fetched := f.fetches()
	f.Authenticator = oidc.New(oidc.Config{Trusts: f.find, Now: f.clock.Now, Own: f.issuer.URL()})
	_, err = f.Authenticate(t.Context(), f.token())
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	_, err = f.Current(t.Context(), admitted.Handle)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.ErrorIs(t, f.Verify(t.Context(), parsed), auth.ErrUnauthenticated)
	require.Equal(t, fetched, f.fetches())
}

// TestFaults: who cannot find out does not say that a token is wrong.
func TestFaults(t *testing.T) {
	broken := errors.New("broken")
	f := newFixture(t)
	f.Authenticator = oidc.New(oidc.Config{
		Trusts: func(context.Context, string, string) ([]federation.Trust, error) { return nil, broken },
	})
	_, err := f.Authenticate(t.Context(), f.token())
	require.ErrorIs(t, err, broken)

	f.trusts[0].User = federation.User{Claim: "oid", Attribute: federation.ExternalID}
	f.Authenticator = oidc.New(oidc.Config{Trusts: f.find, Now: f.clock.Now,
		User: func(context.Context, federation.Trust, string) (string, error) { return "", broken },
	})
	_, err = f.Authenticate(t.Context(), f.token("oid", "7"))
	require.ErrorIs(t, err, broken)
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func cut(token string) (header, payload, signature string) {
	parts := strings.Split(token, ".")
	return parts[0], parts[1], parts[2]
}

func mustJSON(t *testing.T, v any) []byte {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}

// hmacWith signs with what everybody knows as if it were a shared secret.
func hmacWith(secret []byte, payload string) auth.Secret {
	signed := encode(`{"alg":"HS256","kid":"first"}`) + "." + payload
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return auth.Secret(signed + "." + encode(string(mac.Sum(nil))))
}

func publicPEM(t *testing.T, key *authtest.Key) []byte {
	public := key.Public()
	der, err := x509.MarshalPKIXPublicKey(public.Key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// doubled signs claims that are not of a map.
func doubled(t *testing.T, f *fixture, subject string) auth.Secret {
	claims := mustJSON(t, f.claims("iss", f.issuer.URL(), "sub", nil))
	return f.key.SignText(t, "{"+subject+","+string(claims[1:]))
}

// selfSigned brings the key by which it is verified.
func selfSigned(t *testing.T, f *fixture, key *authtest.Key) auth.Secret {
	return key.SignWith(t, map[string]any{"jwk": key.Public(), "kid": "first"}, f.claims("iss", f.issuer.URL()))
}
