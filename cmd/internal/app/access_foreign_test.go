package app_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/scim/server"
	"roster/storage"
)

// TestRoutesKeepAccountsApart walks every route with the ids of another account: the
// answer is the one for ids that nobody has, and the other account stays as it is.
func TestRoutesKeepAccountsApart(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			b := newBorder(t, memory)
			before := b.state(t)
			for _, r := range b.routes {
				b.walk(t, r)
			}
			b.goOn(t)
			b.walkAsOperator(t)
			for _, line := range accessLines(t, "references.txt") {
				t.Run(line, func(t *testing.T) { b.refer(t, line) })
			}
			require.Equal(t, before, b.state(t), "nothing of the owner's has changed")
			b.walkAsOwner(t)
		})
	}
}

// walk sends a route's request with ids of the owner's, and in the name of its
// account by path and by header.
func (b *border) walk(t *testing.T, r accessRoute) {
	body := b.bodies[r.method+" "+r.pattern]
	status := http.StatusNotFound
	if r.needs == string(auth.PlatformAdmin) {
		status = http.StatusForbidden
	}
	if strings.Contains(r.pattern, "{") && r.needs != "open" {
		for _, version := range []string{"", "If-Match: {version}", "If-None-Match: {version}"} {
			b.same(t, status, r.method, r.path(nil), body, version)
		}
	}
	if below, found := strings.CutPrefix(r.path(nil), server.Root); found {
		for _, name := range []string{"{account}", "{accountName}"} {
			b.same(t, http.StatusForbidden, r.method, server.Root+"/accounts/"+name+below, body)
		}
	}
	if strings.HasPrefix(r.pattern, "/v1/") && r.needs != string(auth.PlatformAdmin) {
		b.same(t, http.StatusForbidden, r.method, r.path(b.own), body, "X-Account-Id: {account}")
	}
}

// refer plays a line of the table of references.
func (b *border) refer(t *testing.T, line string) {
	status, request, _ := strings.Cut(line, " ")
	want, err := strconv.Atoi(status)
	require.NoError(t, err, line)
	words := strings.SplitN(request, " ", 3)
	method, path, body := words[0], words[1], strings.Join(words[2:], "")
	var headers []string
	for header := regexp.MustCompile(`^([A-Z][A-Za-z-]+)=(\S*) ?`); header.MatchString(body); body = header.ReplaceAllString(body, "") {
		found := header.FindStringSubmatch(body)
		headers = append(headers, found[1]+": "+found[2])
	}
	b.same(t, want, method, path, strings.NewReplacer(`"E:`, `"`+enterprise+`:`, `"E"`, `"`+enterprise+`"`).Replace(body), headers...)
}

// goOn reads on where a page of the owner's ended: such a place is only a number, so
// the stranger may be anywhere in the own list, and in no other.
func (b *border) goOn(t *testing.T) {
	for list, place := range map[string]string{"audit": b.theirs["auditCursor"], "events": "1", "tokens": b.theirs["clientToken"]} {
		a := b.stranger.api("GET", "/"+list+"?after="+place, "").is(200)
		require.NotContains(t, a.text, "guarded", list)
		require.NotContains(t, a.text, b.theirs["account"], list)
	}
}

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// walkAsOperator walks the routes that name an account with a token that may use them:
// there is no token in an account that is another's, and no account that is not there.
func (b *border) walkAsOperator(t *testing.T) {
	by := *b
	by.stranger = b.stranger.by(b.stranger.harness.token("stranger", auth.PlatformAdmin))
	for _, r := range b.routes {
		body, path := b.bodies[r.method+" "+r.pattern], r.path(nil)
		if !strings.Contains(path, "{account}") {
			continue
		}
		if strings.Contains(path, "{clientToken}") {
			by.same(t, http.StatusNotFound, r.method, strings.ReplaceAll(path, "{account}", "{own.account}"), body)
		}
		if strings.Contains(path, "/deleted-accounts/") {
			by.same(t, http.StatusNotFound, r.method, path, body)
		}
		if r.method == http.MethodDelete && !strings.Contains(path, "{clientToken}") {
			path += "?name=nobody"
		}
		for _, account := range []string{storage.NewID(), "nobody"} {
			at := things{"account": account, "clientToken": b.theirs["clientToken"]}
			by.stranger.ask(r.method, at.fill(path, ""), body).is(http.StatusNotFound, "not_found")
		}
	}
}

// walkAsOwner shows that the requests would have found what they named: to the owner
// they do.
func (b *border) walkAsOwner(t *testing.T) {
	routes := slices.DeleteFunc(slices.Clone(b.routes), func(r accessRoute) bool {
		return !strings.Contains(r.pattern, "{") || r.needs == "open" || r.needs == string(auth.PlatformAdmin)
	})
	// What changes little goes first, and parts before the whole.
	order := func(r accessRoute) int {
		n := slices.Index([]string{"GET", "POST", "PATCH", "PUT", "DELETE"}, r.method)
		if strings.HasPrefix(r.pattern, server.Root) {
			n += 10
		}
		return n
	}
	slices.SortStableFunc(routes, func(x, y accessRoute) int { return order(x) - order(y) })
	for _, r := range routes {
		var version string
		if r.method == http.MethodDelete && strings.HasSuffix(r.pattern, "/users/{userId}") {
			version = `If-Match: W/"another"` // or nothing would be left for SCIM
		}
		a := b.owner.ask(r.method, r.path(b.theirs), b.bodies[r.method+" "+r.pattern], version)
		require.NotEqual(t, http.StatusNotFound, a.status, "%s %s: %s", r.method, r.pattern, a.text)
		require.Less(t, a.status, 500, "%s %s: %s", r.method, r.pattern, a.text)
	}
}
