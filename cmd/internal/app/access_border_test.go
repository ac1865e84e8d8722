package app_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/scim/server"
)

// border is two accounts on one server that have one of everything each. Texts of
// the owner's have "guarded" in them; nobody else may read such a one.
type border struct {
	owner, stranger     *site
	theirs, own, absent things // the owner's, the stranger's and nobody's
	bodies              map[string]string
	routes              []accessRoute
}

func newBorder(t *testing.T, memory bool) *border {
	h := newHarness(t, memory, withSchemas)
	h.base = strings.TrimSuffix(h.base, server.Root)
	// Both may do the same, so that nothing is refused for that alone; who may look
	// into all accounts may look there.
	scopes := append(auth.AdministratorScopes(), auth.SCIM)
	at := func(name string) *site {
		return &site{harness: h, account: name, token: h.account(name, "", scopes...), openapi: describe(t, h.base)}
	}
	b := &border{owner: at("guarded-account"), stranger: at("stranger"), bodies: accessBodies(t), routes: readAccessRoutes(t)}
	b.theirs, b.own = b.owner.settle("guarded"), b.stranger.settle("own")
	b.absent = b.theirs.nowhere()
	return b
}

// same sends a request twice, first with what is the owner's and then with what is
// nowhere, and requires one answer, with that status.
func (b *border) same(t *testing.T, status int, method, path, body string, headers ...string) {
	t.Helper()
	told := map[bool]string{}
	for _, foreign := range []bool{true, false} {
		n := map[bool]things{true: b.theirs, false: b.absent}[foreign]
		fill := func(text string) string {
			return strings.ReplaceAll(b.own.fill(n.fill(text, ""), "own."), "{fresh}", b.stranger.fresh()+"-fresh")
		}
		var filled []string
		for _, header := range headers {
			filled = append(filled, fill(header))
		}
		a := b.stranger.ask(method, inPath.Replace(fill(path)), fill(body), slices.DeleteFunc(filled, func(h string) bool { return h == "" })...)
		require.Equal(t, status, a.status, "%s %s %s: %s", method, path, headers, a.text)
		text := n.mask(a.text)
		require.NotContains(t, text, "guarded", "%s %s", method, path)
		told[foreign] = n.mask(a.header.Get("WWW-Authenticate")+a.header.Get("Location")+a.header.Get("ETag")) + text
		told[foreign] = strings.ReplaceAll(told[foreign], a.header.Get("X-Correlation-Id"), "{correlation}")
		if status < 300 { // what was made has an id and a time of its own
			told[foreign] = made.ReplaceAllString(told[foreign], "{made}")
		}
	}
	require.Equal(t, told[false], told[true], "%s %s %s", method, path, headers)
}

// inPath writes what cannot stand in a path as it is.
var inPath = strings.NewReplacer(`"`, "%22", `\`, "%5C")

// made is what is of one answer alone: ids, times, fresh names, versions, and what a
// login begins with.
var made = regexp.MustCompile(anID.String() + `|\d{4}-\d\d-\d\dT[\d:.]+Z|n\d+-fresh|W/\\?"[^"]*"|"(challenge|transaction)":"[^"]*"`)

// state is all that the owner reads of the own account.
func (b *border) state(t *testing.T) map[string]string {
	used := regexp.MustCompile(`,?"lastUsedAt":"[^"]*"`)
	state, found := map[string]string{}, 0
	for _, r := range b.routes {
		if r.method != http.MethodGet || r.needs == string(auth.PlatformAdmin) || strings.Contains(r.pattern, "{id}") && r.needs == "open" {
			continue
		}
		path := r.path(b.theirs)
		a := b.owner.ask(r.method, path, "")
		if strings.Contains(r.pattern, "{") {
			require.Equal(t, http.StatusOK, a.status, "%s: %s", r.pattern, a.text)
			found++
		}
		state[path] = strings.ReplaceAll(used.ReplaceAllString(a.text, ""), a.header.Get("X-Correlation-Id"), "")
	}
	require.Greater(t, found, 20)
	state["removed"] = b.owner.api("GET", "/users?status=removed", "").is(200).text
	return state
}
