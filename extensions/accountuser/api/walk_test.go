package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

// TestScopes walks every route with no token, and with one that has every scope
// but that of the route.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.api.Routes() {
		target := pathTo(r.Pattern, "none")
		if r.Scope == auth.Open {
			require.NotContains(t, []int{401, 403}, w.send(r.Method, target, "", "token: ").status)
			continue
		}
		w.send(r.Method, target, "", "token: ").is(401, "unauthenticated")
		var others []string
		for _, s := range auth.AccountScopes() {
			if s != r.Scope {
				others = append(others, strings.ReplaceAll(string(s), ":", "."))
			}
		}
		refused := w.send(r.Method, target, "", "token: "+strings.Join(others, "+")).is(403, "insufficient_scope")
		require.Equal(t, string(r.Scope), refused.text("scope"))
		w.send(r.Method, target, "", "x-account-id: "+w.beta).is(403, "account_mismatch")
	}
}

// bodies are such that every route would do something for a user of the account.
var bodies = map[string]string{
	"replace roles": `{"roles":[]}`, "update user": `{"title":"x"}`, "replace profile": `{"givenName":"a","familyName":"b","displayName":"c"}`,
	"change email": `{"emailAddress":"x@example.com"}`, "change phone": `{"phoneNumber":"+4930123456"}`,
	"change metadata": `{"set":[{"key":"k","value":"AA=="}]}`, "set metadata": `{"value":"AA=="}`,
	"replace org units": `{"orgUnits":[]}`, "add org units": `{"orgUnits":[]}`,
	"set password": `{"password":"correct horse"}`, "initialise password": `{"password":"correct horse"}`, "skip second factor": `{"until":"2100-01-01T00:00:00Z"}`,
	"confirm totp": `{"code":"123456"}`, "finish u2f registration": `{"credential":{}}`, "finish passkey registration": `{"credential":{}}`,
}

// TestForeign walks every route of a user with the id of another account's user, of
// a removed one, and of nobody: all are 404, and the other account's user stays as
// it is.
func TestForeign(t *testing.T) {
	w := newWorld(t)
	foreign := "/users/" + w.send("POST", "/users", `{"emailAddress":"f@example.com","givenName":"F","familyName":"F"}`, "token: other").is(201).text("userId")
	before := w.send("GET", foreign, "", "token: other").is(200)
	removed := w.human("removed")
	w.send("DELETE", removed, "").is(204)
	for _, r := range w.api.Routes() {
		if !strings.HasPrefix(r.Pattern, "/users/{userId}") {
			continue
		}
		ids := []string{idOf(foreign), "01234567-89ab-7def-8123-456789abcdef", "x", strings.Repeat("x", 300), "%2F"}
		if r.Name != "restore user" {
			ids = append(ids, idOf(removed))
		}
		for _, id := range ids {
			w.send(r.Method, pathTo(r.Pattern, id), bodies[r.Name]).is(404, "not_found")
		}
	}
	require.Equal(t, before.value(), w.send("GET", foreign, "", "token: other").value())
}

// TestUnknownMembers walks every route with a body that has an unknown member, and
// with an unknown parameter.
func TestUnknownMembers(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.api.Routes() {
		target := pathTo(r.Pattern, "none")
		w.send(r.Method, target+"?colour=red", "").is(400, "invalid_parameter")
		if r.Method != http.MethodGet && r.Name != "find user by login name" {
			w.send(r.Method, target, `{"colour":"red"}`).is(400, "invalid_syntax")
			w.send(r.Method, target, `{"a":1`).is(400, "invalid_syntax")
		}
	}
}

// pathTo fills in a pattern.
func pathTo(pattern, user string) string {
	return strings.NewReplacer("{userId}", user, "{key}", "k", "{idpId}", "i", "{externalUserId}", "e", "{factorId}", "f",
		"{registrationId}", "r", "{passkeyId}", "p", "{keyId}", "k", "{tokenId}", "t").Replace(pattern)
}
