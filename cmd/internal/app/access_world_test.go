package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/scim/server"
	"roster/storage"
)

// show puts into a request what says who sends it.
type show func(*http.Request)

// gatehouse is a server with somebody at the door for each line of the table of
// principals: who came in by the ways by which anybody does.
type gatehouse struct {
	*site
	issuer  *authtest.Issuer
	issuing *authtest.Key
	shows   map[string]show
}

// helpdesk is a role that allows something, by the settings of the account.
const helpdesk = "helpdesk"

func newGatehouse(t *testing.T, folder string) *gatehouse {
	h := newHarness(t, false, withSchemas, func(c *app.Config) { c.Data = folder })
	h.base = strings.TrimSuffix(h.base, server.Root)
	key := authtest.NewKey(t, "first", "RS256")
	g := &gatehouse{
		site:   &site{harness: h, account: "acme", token: h.account("acme", "", everything()...), openapi: describe(t, h.base)},
		issuer: authtest.NewIssuer(t, key), issuing: key, shows: map[string]show{},
	}
	g.set(`{"roleScopes":{"` + helpdesk + `":["user:read","user:credential"]},"issuers":[{"issuer":"` + g.issuer.URL() + `","audience":"roster",
		"user":{"claim":"uid","attribute":"externalId"},
		"scopes":[{"claim":"scp","value":"provision","grants":["scim"]},{"claim":"scp","value":"people","grants":["roles"]}]}]}`)
	for _, role := range []string{helpdesk, "guest"} {
		g.scim("POST", "/Roles", `{"value":"`+role+`"}`).is(201)
	}
	g.headers()
	g.tokens()
	g.users()
	g.machines()
	g.accessTokens()
	g.tokensOfIssuer()
	g.certificates()
	return g
}

// add has somebody at the door.
func (g *gatehouse) add(kind string, s show) {
	require.NotContains(g.t, g.shows, kind)
	g.shows[kind] = s
}

// bearing is who sends that as a bearer token.
func bearing(token string) show { return authorized("Bearer " + token) }

// authorized is who sends these Authorization headers.
func authorized(headers ...string) show {
	return func(r *http.Request) { r.Header["Authorization"] = headers }
}

// issue makes a credential of an account.
func (g *gatehouse) issue(n admin.NewToken) admin.IssuedToken {
	if n.Account == "" {
		n.Account = g.account
	}
	n.Name = "at the door"
	issued, err := g.Service().CreateToken(context.Background(), n)
	require.NoError(g.t, err)
	return issued
}

func (g *gatehouse) revoke(id string) {
	_, err := g.Service().RevokeToken(context.Background(), id)
	require.NoError(g.t, err)
}

// grant asks the token endpoint, with pairs of names and values and, if it is not
// "", an Authorization header; and returns the access token.
func (g *gatehouse) grant(authorization string, pairs ...string) string {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := g.ask("POST", "/oauth2/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded", "Authorization: "+authorization).is(200)
	return r.Get("access_token").Text()
}

// assertion is what a client signs of itself for the token endpoint.
func (g *gatehouse) assertion(key *authtest.Key, client string) string {
	return key.Sign(g.t, map[string]any{"iss": client, "sub": client, "aud": "http://localhost/oauth2/token",
		"jti": storage.NewID(), "exp": time.Now().Unix() + 300}).Reveal()
}

// published is the public half of a key as a JWK.
func published(t testing.TB, key *authtest.Key) []byte {
	text, err := json.Marshal(key.Public())
	require.NoError(t, err)
	return text
}

// scopesOf reads scopes as the table has them.
func scopesOf(text string) []auth.Scope {
	var all []auth.Scope
	for word := range strings.FieldsSeq(strings.TrimSuffix(text, "nothing")) {
		all = append(all, auth.Scope(word))
	}
	return all
}
