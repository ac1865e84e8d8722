package platform_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/platform"
	"roster/extensions/rest"
	"roster/storage"
)

// TestDocument holds the documents against the routes, both ways, and their codes
// against the table.
func TestDocument(t *testing.T) {
	w := newWorld(t)
	for root, api := range w.apis {
		known, names, routes := map[rest.Code]bool{}, map[string]bool{}, []string{}
		for _, row := range api.Codes() {
			require.False(t, known[row.Code], "%s is there twice", row.Code)
			known[row.Code] = true
		}
		for _, r := range api.Routes() {
			routes = append(routes, r.Method+" "+root+r.Pattern)
			require.False(t, names[r.Name], "%s is there twice", r.Name)
			names[r.Name] = true
			require.NotEmpty(t, r.Summary)
			for _, c := range r.Codes {
				require.True(t, known[c], "%s %s names %s", r.Method, r.Pattern, c)
			}
		}
		slices.Sort(routes)
		require.Equal(t, routes, w.document[root].Operations())
	}
}

// TestScopes walks every route with no token, and with one that has every scope
// but that of the route.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	want := map[string]auth.Scope{platform.Root: auth.PlatformAdmin, accountRoot: auth.AccountWrite}
	for root, api := range w.apis {
		w.grant("all but", "acme", allBut(want[root])...)
		for _, r := range api.Routes() {
			target := root + pathTo(r.Pattern, "acme", "none")
			if r.Pattern == "/openapi.json" {
				require.Equal(t, auth.Open, r.Scope)
				continue
			}
			require.Equal(t, want[root], r.Scope, "%s %s", r.Method, r.Pattern)
			w.send("", r.Method, target, "").is(401, "unauthenticated")
			refused := w.send("all but", r.Method, target, "").is(403, "insufficient_scope")
			require.Equal(t, string(r.Scope), refused.text("scope"))
		}
	}
}

// bodies are such that every route would do something.
var bodies = map[string]string{
	"create account": `{"name":"new"}`, "create client token": `{"name":"n","scopes":["scim"]}`,
}

// TestForeign walks every route of a token with that of another account, with none
// and with what is no token: all are 404, and the other account stays as it is.
func TestForeign(t *testing.T) {
	w := newWorld(t)
	before := w.op("GET", "/accounts/beta/tokens", "").is(200)
	for root, by := range map[string]string{platform.Root: "op", accountRoot: "acme"} {
		for _, r := range w.apis[root].Routes() {
			if !strings.Contains(r.Pattern, "{tokenId}") {
				continue
			}
			for _, id := range []string{w.ids["beta token"], w.ids["beta"], w.ids["acme"], storage.NewID(), "x", strings.Repeat("x", 300), "%2F", "%00"} {
				w.send(by, r.Method, root+pathTo(r.Pattern, "acme", id), bodies[r.Name]).is(404, "not_found")
			}
		}
	}
	require.Equal(t, string(before.body), string(w.op("GET", "/accounts/beta/tokens", "").is(200).body))
}

// TestNoAccount walks every route of an account with what is none.
func TestNoAccount(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.apis[platform.Root].Routes() {
		if !strings.Contains(r.Pattern, "{account}") {
			continue
		}
		for _, named := range []string{storage.NewID(), "nobody", w.ids["acme token"], strings.Repeat("x", 300), "%2F", "ACME"} {
			target := pathTo(r.Pattern, named, w.ids["acme token"])
			if r.Method == http.MethodDelete && !strings.Contains(r.Pattern, "{tokenId}") {
				target += "?name=acme"
			}
			w.op(r.Method, target, bodies[r.Name]).is(404, "not_found")
		}
	}
}

// TestUnknownMembers walks every route with a body that has an unknown member, and
// with an unknown parameter.
func TestUnknownMembers(t *testing.T) {
	w := newWorld(t)
	for root, by := range map[string]string{platform.Root: "op", accountRoot: "acme"} {
		for _, r := range w.apis[root].Routes() {
			target := root + pathTo(r.Pattern, "acme", w.ids["acme token"])
			w.send(by, r.Method, target+"?colour=red", "").is(400, "invalid_parameter")
			if r.Method == http.MethodGet || r.Name == "delete account" {
				continue
			}
			w.send(by, r.Method, target, `{"colour":"red"}`).is(400, "invalid_syntax")
			w.send(by, r.Method, target, `{"a":1`).is(400, "invalid_syntax")
		}
	}
	require.Equal(t, []string{"acme", "beta", "ops"}, w.op("GET", "/accounts", "").is(200).names("name"))
}

// pathTo fills in a pattern.
func pathTo(pattern, account, token string) string {
	return strings.NewReplacer("{account}", account, "{tokenId}", token).Replace(pattern)
}
