package app_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
)

// headers are those that have no token of the server.
func (g *gatehouse) headers() {
	damaged := token.Format{}.Mint().Reveal()
	last := map[bool]string{true: "1", false: "0"}[strings.HasSuffix(damaged, "0")]
	secret := g.issue(admin.NewToken{Form: registry.FormSecret, Scopes: everything()}).ClientSecret
	g.add("nobody", func(*http.Request) {})
	g.add("a scheme that is not supported", authorized(`Digest username="bjensen"`))
	g.add("a header that cannot be read", authorized("Bearer two words"))
	g.add("two headers", authorized("Bearer "+g.token, "Bearer "+g.token))
	g.add("a text that is no token", bearing("secret"))
	g.add("a token that never was given out", bearing(token.Format{}.Mint().Reveal()))
	g.add("a damaged token", bearing(damaged[:len(damaged)-1]+last))
	g.add("a client's secret instead of a token", bearing(secret))
}

// tokens are bearer tokens of nobody.
func (g *gatehouse) tokens() {
	ctx := context.Background()
	of := func(scopes ...auth.Scope) admin.IssuedToken { return g.issue(admin.NewToken{Scopes: scopes}) }
	for _, scope := range append(everything(), auth.PlatformAdmin) {
		g.add("a token with "+string(scope), bearing(of(scope).Secret))
	}
	g.add("a token to read with", bearing(of(auth.SCIMRead, auth.UserRead, auth.UserMembership).Secret))
	g.add("a token with all scopes of an account", bearing(of(auth.AccountScopes()...).Secret))
	g.add("a token that is the password of Basic", authorized("Basic "+base64.StdEncoding.EncodeToString([]byte("bjensen:"+of(auth.SCIM).Secret))))
	g.add("a token without a scheme", authorized(of(auth.SCIM).Secret))
	g.add("a token of a provisioning domain", bearing(g.issue(admin.NewToken{Scopes: []auth.Scope{auth.SCIM}, Domain: "hr"}).Secret))

	for kind, overlap := range map[string]time.Duration{"an expired token": time.Nanosecond, "a rotated token, while it overlaps": time.Hour} {
		old := of(auth.SCIM)
		next, err := g.Service().RotateToken(ctx, admin.Rotation{ID: old.ID, Overlap: overlap})
		require.NoError(g.t, err)
		g.add(kind, bearing(old.Secret))
		if overlap == time.Hour {
			g.add("the token in its place", bearing(next.Secret))
		}
	}
	revoked := of(everything()...)
	g.revoke(revoked.ID)
	g.add("a revoked token", bearing(revoked.Secret))

	g.add("a token of a disabled account", bearing(g.harness.account("disabled", "", everything()...)))
	_, err := g.Service().SetAccountState(ctx, admin.AccountState{Account: "disabled", Disabled: true})
	require.NoError(g.t, err)
	g.add("a token of a deleted account", bearing(g.harness.account("deleted", "", everything()...)))
	_, err = g.Service().DeleteAccount(ctx, "deleted")
	require.NoError(g.t, err)
}

// users are tokens of users, who are what they are when the request is made.
func (g *gatehouse) users() {
	of := func(kind, user string, scopes ...auth.Scope) {
		g.add(kind, bearing(g.issue(admin.NewToken{Scopes: scopes, User: user}).Secret))
	}
	role := func(name string) string { return `"roles":[{"value":"` + name + `"}]` }
	invited := func(name string, roles string) string {
		return g.api("POST", "/invitation/invite", `{"emailAddress":"`+name+`@example.com","roles":[`+roles+`]}`).is(201).Get("userId").Text()
	}
	of("a token of an active user", g.user("active"), auth.SCIMRead)
	of("a token of an invited user", invited("invited", ""), auth.SCIMRead)
	for kind, end := range map[string]string{"a locked": "POST /lock", "an inactive": "POST /deactivate", "a removed": "DELETE "} {
		user := g.user(strings.ReplaceAll(kind, " ", "-"))
		of("a token of "+kind+" user", user, everything()...)
		g.end(user, end)
	}
	g.user("bjensen", role(grants.Administrator)) // there must be one who can come in
	of("the roles of an administrator", g.user("admin", role(grants.Administrator)), auth.Roles)
	of("the roles of an administrator who is only invited", invited("invited-admin", `"`+grants.Administrator+`"`), auth.Roles)
	locked := g.user("locked-admin", role(grants.Administrator))
	of("the roles of an administrator who is locked", locked, auth.Roles)
	g.end(locked, "POST /lock")

	allowed, member := g.user("allowed", role(helpdesk)), g.user("member")
	g.scim("POST", "/Groups", `{"displayName":"desk","members":[{"value":"`+member+`"}],"`+model.GroupURN+`":{"roles":["`+helpdesk+`"]}}`).is(201)
	of("the roles of a user with one that allows something", allowed, auth.Roles)
	of("the roles of a user who has it through a group", member, auth.Roles)
	of("the roles of a user with one that allows nothing", g.user("guest", role("guest")), auth.Roles)
	of("the roles of a user without any", g.user("plain"), auth.Roles)
	of("the roles of a user, and more scopes", allowed, auth.Roles, auth.SCIMRead)
}

// end ends that a user may come in, by a method and a path below the user.
func (g *gatehouse) end(user, how string) {
	method, path, _ := strings.Cut(how, " ")
	r := g.api(method, "/users/"+user+path, "")
	require.Contains(g.t, []int{200, 204}, r.status, r.text)
}

// machines are machine users with what they send by themselves.
func (g *gatehouse) machines() {
	pat := func(machine string) (id, text string) {
		made := g.api("POST", "/users/"+machine+"/tokens", `{"scopes":["scim","user:read"]}`).is(201)
		return made.Get("id").Text(), made.Get("token").Text()
	}
	robot := g.machine("robot")
	_, text := pat(robot)
	g.add("a personal access token", bearing(text))
	id, text := pat(robot)
	g.end(robot, "DELETE /tokens/"+id)
	g.add("a removed personal access token", bearing(text))
	secret := g.api("PUT", "/users/"+robot+"/secret", "{}").is(200).Get("clientSecret").Text()
	g.add("a machine's secret instead of a token", bearing(secret))
	for kind, end := range map[string]string{"a locked": "POST /lock", "an inactive": "POST /deactivate", "a removed": "DELETE "} {
		machine := g.machine(strings.ReplaceAll(kind, " ", "-") + "-robot")
		_, text := pat(machine)
		g.end(machine, end)
		g.add("a personal access token of "+kind+" machine", bearing(text))
	}
}
