package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/scim/server"
)

// example is how an issuer's tokens look, and what an account sets to trust them,
// with an issuer on this machine in the place of the real one.
type example struct {
	*authtest.Issuer
	key      *authtest.Key
	settings string
	claims   map[string]any
}

func newExample(t *testing.T, name string) *example {
	key := authtest.NewKey(t, "first", "RS256")
	e := &example{Issuer: authtest.NewIssuer(t, key), key: key}
	text, err := os.ReadFile("../../../testdata/config/" + name + ".claims.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &e.claims))
	text, err = os.ReadFile("../../../testdata/config/" + name + ".json")
	require.NoError(t, err)
	var set registry.Settings
	require.NoError(t, json.Unmarshal(text, &set))
	require.Equal(t, e.claims["iss"], set.Issuers[0].URL)
	e.settings = strings.ReplaceAll(string(text), set.Issuers[0].URL, e.URL())
	delete(e.claims, "iss")
	return e
}

// token is as the issuer gives it out now, but for the changes.
func (e *example) token(changes map[string]any) string { return e.signed(e.key, changes) }

func (e *example) signed(key *authtest.Key, changes map[string]any) string {
	now := time.Now().Unix()
	claims := maps.Clone(e.claims)
	maps.Copy(claims, map[string]any{"iat": now, "nbf": now, "exp": now + 3600})
	maps.Copy(claims, changes)
	return e.Token(key, claims).Reveal()
}

// by is the site as seen with another token.
func (s *site) by(token string) *site {
	return &site{harness: s.harness, account: s.account, token: token, openapi: s.openapi}
}

// TestTokensOfIssuers: with the settings of the examples, the tokens that Entra and
// Okta give to programs provision, and do nothing else.
func TestTokensOfIssuers(t *testing.T) {
	less := map[string]map[string]any{
		"entra": {"roles": []string{"Directory.Read"}},
		"okta":  {"scp": []string{"openid"}},
	}
	for _, name := range []string{"entra", "okta"} {
		t.Run(name, func(t *testing.T) {
			e := newExample(t, name)
			onSites(t, e.settings, func(t *testing.T, s *site) {
				program := s.by(e.token(nil))
				id := program.scim("POST", "/Users", `{"userName":"babs"}`).is(201).Get("id").Text()
				program.scim("GET", "/Users/"+id, "").is(200)
				program.api("GET", "/users/"+id, "").is(403)

				created := s.api("GET", "/users/"+id+"/events", "").is(200)
				require.Contains(t, created.text, e.URL()+"#", "the history says who did it")

				weak := s.by(e.token(less[name])).scim("GET", "/Users", "").is(403)
				require.Contains(t, weak.header.Get("WWW-Authenticate"), `scope="scim:read"`)

				s.other("globex").scim("GET", "/Users/"+id, "").is(404)
				other := s.user("other")
				program.scim("GET", "/Users/"+other, "").is(200)
			})
		})
	}
}

// TestBadTokensOfIssuers: every one gets the same answer.
func TestBadTokensOfIssuers(t *testing.T) {
	e := newExample(t, "entra")
	now := time.Now().Unix()
	onSites(t, e.settings, func(t *testing.T, s *site) {
		s.by(e.token(nil)).scim("GET", "/Users", "").is(200)
		unknown := s.by("nobody").scim("GET", "/Users", "").is(401)
		parts := strings.Split(e.token(nil), ".")
		for name, bad := range map[string]string{
			"expired":        e.token(map[string]any{"exp": now - 3600}),
			"not yet valid":  e.token(map[string]any{"nbf": now + 3600}),
			"wrong audience": e.token(map[string]any{"aud": "https://graph.microsoft.com"}),
			"wrong issuer":   e.token(map[string]any{"iss": "https://login.example.com"}),
			"wrong tenant":   e.token(map[string]any{"tid": "another"}),
			"alg none":       "eyJhbGciOiJub25lIn0." + parts[1] + ".x",
			"not allowed":    e.signed(authtest.NewKey(t, "first", "ES256"), nil),
			"forged":         e.signed(authtest.NewKey(t, "first", "RS256"), nil),
			"17 KiB":         e.token(map[string]any{"filling": strings.Repeat("x", 12<<10)}),
		} {
			answer := s.by(bad).scim("GET", "/Users", "").is(401)
			require.Equal(t, unknown.text, answer.text, name)
			require.Equal(t, unknown.header["Www-Authenticate"], answer.header["Www-Authenticate"], name)
			s.by(bad).scim("GET", "/ServiceProviderConfig", "").is(401)
		}
		s.by(e.token(map[string]any{"filling": strings.Repeat("x", 100<<10)})).scim("GET", "/Users", "").is(400)
		huge := s.by(e.token(map[string]any{"filling": strings.Repeat("x", 1<<20)})).scim("GET", "/Users", "")
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, huge.status)

		e.Answer(http.NotFoundHandler())
		s.by(e.token(nil)).scim("GET", "/Users", "").is(200)
		e.Answer(nil)

		s.set(`{"issuers":[]}`)
		s.by(e.token(nil)).scim("GET", "/Users", "").is(401)
		s.set(e.settings)
		s.by(e.token(nil)).scim("GET", "/Users", "").is(200)
	})
}

// TestOwnIssuerIsNotForeign: an account that trusts the server's own issuer lets
// nobody in by that.
func TestOwnIssuerIsNotForeign(t *testing.T) {
	e := newExample(t, "okta")
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			for own, status := range map[string]int{"https://roster.example.com": 200, e.URL(): 401} {
				h := newHarness(t, memory, func(c *app.Config) { c.Issuer = own })
				h.base = strings.TrimSuffix(h.base, server.Root)
				s := &site{harness: h, account: "acme", token: h.account("acme", "")}
				s.set(e.settings)
				s.by(e.token(nil)).scim("GET", "/Users", "").is(status)
			}
		})
	}
}

// TestNobodyTrustsTheServerItself: an account that names the server as an issuer
// changes nothing for its tokens, whosever they are: one that is not good any more
// is refused at once.
func TestNobodyTrustsTheServerItself(t *testing.T) {
	onSites(t, `{"issuers":[{"issuer":"http://localhost","audience":"http://localhost","algorithms":["ES256"]}]}`, func(t *testing.T, s *site) {
		var metadata struct{ Issuer string }
		require.NoError(t, json.Unmarshal([]byte(s.ask("GET", "/.well-known/oauth-authorization-server", "").is(200).text), &metadata))
		require.Equal(t, "http://localhost", metadata.Issuer)
		gone := authtest.NewKey(t, "gone", "ES256").Sign(t, map[string]any{
			"iss": metadata.Issuer, "aud": metadata.Issuer, "sub": "1", "exp": time.Now().Unix() + 60,
		})
		s.by(gone.Reveal()).scim("GET", "/Users", "").is(401)
	})
}

// TestIssuerIsOfOneAccount: what one account trusts, another cannot take over.
func TestIssuerIsOfOneAccount(t *testing.T) {
	e := newExample(t, "okta")
	onSites(t, e.settings, func(t *testing.T, s *site) {
		s.other("globex")
		_, err := s.Service().SetAccount(context.Background(), admin.AccountChange{Account: "globex", Settings: e.settings})
		require.ErrorIs(t, err, registry.ErrTaken)
		s.by(e.token(nil)).scim("GET", "/Users", "").is(200)
		shown, err := s.Service().ShowAccount(context.Background(), "acme")
		require.NoError(t, err)
		text, err := json.Marshal(shown)
		require.NoError(t, err)
		s.set(string(text))
		s.by(e.token(nil)).scim("GET", "/Users", "").is(200)
	})
}

// TestIssuerIsDown: that is no fault of the token.
func TestIssuerIsDown(t *testing.T) {
	e := newExample(t, "okta")
	e.Answer(http.NotFoundHandler())
	onSites(t, e.settings, func(t *testing.T, s *site) {
		down := s.by(e.token(nil)).scim("GET", "/Users", "").is(503)
		require.NotContains(t, down.text, e.URL())
		require.NotEmpty(t, down.header.Get("Retry-After"))
	})
}

// TestUserOfIssuer: a token of a user is worth what the user is.
func TestUserOfIssuer(t *testing.T) {
	for attribute, value := range map[string]string{"externalId": `00u1 "Bücher" <a&b>`, "userName": "eve@example.com"} {
		t.Run(attribute, func(t *testing.T) {
			e := newExample(t, "okta")
			e.settings = strings.ReplaceAll(e.settings, `"externalId"`, fmt.Sprintf("%q", attribute))
			onSites(t, e.settings, func(t *testing.T, s *site) {
				quoted, err := json.Marshal(value)
				require.NoError(t, err)
				id := s.user("eve", `"externalId":`+string(quoted))
				eve := s.by(e.token(map[string]any{"uid": value}))
				require.Equal(t, id, eve.scim("GET", "/Me", "").is(200).Get("id").Text())
				s.by(e.token(map[string]any{"uid": "nobody"})).scim("GET", "/Users", "").is(401)
				s.by(e.token(map[string]any{"uid": `x" or userName pr or userName eq "`})).scim("GET", "/Users", "").is(401)
				s.by(e.token(map[string]any{"uid": ""})).scim("GET", "/Users", "").is(401)

				s.api("POST", "/users/"+id+"/lock", "").is(200)
				eve.scim("GET", "/Users", "").is(401)
				s.api("POST", "/users/"+id+"/unlock", "").is(200)
				eve.scim("GET", "/Users", "").is(200)
				s.api("DELETE", "/users/"+id, "").is(204)
				eve.scim("GET", "/Users", "").is(401)
			})
		})
	}
}

// TestUserInDomainOfIssuer: in the provisioning domain of an issuer, a user is who has
// the external id there.
func TestUserInDomainOfIssuer(t *testing.T) {
	e := newExample(t, "okta")
	e.settings = strings.Replace(e.settings, `"user":`, `"domain": "okta", "user":`, 1)
	onSites(t, e.settings, func(t *testing.T, s *site) {
		okta := s.by(e.token(nil))
		id := okta.scim("POST", "/Users", `{"userName":"eve","externalId":"00u1"}`).is(201).Get("id").Text()
		s.user("bob", `"externalId":"00u1"`)
		require.Equal(t, id, s.by(e.token(map[string]any{"uid": "00u1"})).scim("GET", "/Me", "").is(200).Get("id").Text())
		s.user("carol", `"externalId":"00u2"`)
		s.by(e.token(map[string]any{"uid": "00u2"})).scim("GET", "/Me", "").is(401)
	})
}
