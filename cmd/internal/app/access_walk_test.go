package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/audit"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/scim/server"
	"roster/storage"
)

// refusals are how a request is kept out, by the reason for it: the status, and
// what error WWW-Authenticate names, "" for none.
var refusals = map[string]struct {
	status int
	code   string
}{
	"missing_credential":   {401, ""},
	"invalid_credential":   {401, "invalid_token"},
	"malformed_credential": {400, "invalid_request"},
	"account_disabled":     {403, ""},
	"insufficient_scope":   {403, "insufficient_scope"},
}

// outcome says what becomes of who may do what an entry of the table says, on a
// route: why the request is refused, "" if it is not.
func outcome(may string, r accessRoute) string {
	_, kept := refusals[may]
	switch {
	case r.needs == "own":
		return ""
	case kept:
		return may
	case r.needs == "open":
		return ""
	case may == "anonymous":
		return "missing_credential"
	case (&auth.Principal{Scopes: scopesOf(may)}).Has(auth.Scope(r.needs)):
		return ""
	}
	return "insufficient_scope"
}

func readPrincipals(t *testing.T) map[string]string {
	all := map[string]string{}
	for _, line := range accessLines(t, "principals.txt") {
		kind, may, found := strings.Cut(line, ": ")
		require.True(t, found, line)
		require.NotContains(t, all, kind)
		for _, scope := range scopesOf(may) {
			known := slices.Contains(append(everything(), auth.PlatformAdmin), scope)
			require.True(t, known || len(scopesOf(may)) == 1, "%s: %s is no scope", kind, scope)
		}
		all[kind] = may
	}
	return all
}

// TestAccess walks every route with everybody who may be at the door. Requests that
// are let in do nothing, because their bodies are broken, what they name is not there,
// or they are for another version. Then all refusals are in the audit, by themselves
// or counted.
func TestAccess(t *testing.T) {
	folder, refused := t.TempDir(), 0
	done := t.Run("walk", func(t *testing.T) {
		g, principals := newGatehouse(t, folder), readPrincipals(t)
		for kind := range g.shows {
			require.Contains(t, principals, kind, "the table lacks it")
		}
		before := g.scim("GET", "?count=1000", "").is(200).text
		w := &walk{gatehouse: g, told: map[string]string{}}
		for kind, may := range principals {
			require.Contains(t, g.shows, kind, "nobody is it")
			for _, r := range readAccessRoutes(t) {
				w.ask(kind, may, r)
			}
		}
		require.Equal(t, before, g.scim("GET", "?count=1000", "").is(200).text, "nothing has changed")
		refused = w.refused
	})
	if done {
		require.Equal(t, refused, refusedInAudit(t, folder))
	}
}

// walk is what came of the requests.
type walk struct {
	*gatehouse
	refused int               // by 401 and 403
	told    map[string]string // to the first who was refused on a route for a reason
}

// ask sends a request for a route, also by the path with the account in it.
func (w *walk) ask(kind, may string, r accessRoute) {
	path := regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc(r.pattern, func(string) string { return storage.NewID() })
	paths := []string{path}
	if below, found := strings.CutPrefix(path, server.Root); found {
		paths = append(paths, server.Root+"/accounts/"+w.account+below)
	}
	for _, path := range paths {
		q := httptest.NewRequest(r.method, path, strings.NewReader("{"))
		q.Header.Set("Content-Type", map[bool]string{true: "application/x-www-form-urlencoded", false: "application/json"}[r.needs == "own"])
		q.Header.Set("If-Match", `W/"another"`)
		w.shows[kind](q)
		a := httptest.NewRecorder()
		w.Handler().ServeHTTP(a, q)
		w.judge(kind+": "+r.method+" "+path, a, outcome(may, r), r)
	}
}

// judge holds an answer to what is to become of the request.
func (w *walk) judge(what string, a *httptest.ResponseRecorder, reason string, r accessRoute) {
	what += "\n" + a.Body.String()
	challenge := strings.Join(a.Header().Values("WWW-Authenticate"), "; ")
	if reason == "" {
		require.NotContains(w.t, []int{401, 403, 429}, a.Code, what)
		require.Less(w.t, a.Code, 500, what)
		require.Empty(w.t, challenge, what)
		return
	}
	want := refusals[reason]
	require.Equal(w.t, want.status, a.Code, what)
	if want.code != "" {
		require.Contains(w.t, challenge, `Bearer realm="roster", error="`+want.code+`"`, what)
	} else {
		require.NotContains(w.t, challenge, "error=", what)
	}
	require.Equal(w.t, want.status == http.StatusUnauthorized, strings.Contains(challenge, "Basic realm="), what)
	if reason == "insufficient_scope" {
		require.Contains(w.t, challenge, `scope="`+r.needs+`"`, what)
		require.Contains(w.t, a.Body.String(), "lacks the scope "+r.needs, what)
		if !strings.HasPrefix(r.pattern, server.Root) {
			require.Contains(w.t, a.Body.String(), `"scope":"`+r.needs+`"`, what)
		}
	}
	if want.status == http.StatusBadRequest {
		return // which is no refusal: it says how to write the header
	}
	w.refused++
	// Whatever is wrong with a credential, the answer is the same.
	key := r.method + r.pattern + reason
	text := strings.ReplaceAll(a.Body.String(), a.Header().Get("X-Correlation-Id"), "")
	text = challenge + strings.ReplaceAll(text, "the certificate", "the token")
	if w.told[key] == "" {
		w.told[key] = text
	}
	require.Equal(w.t, w.told[key], text, what)
}

// refusedInAudit counts the refusals in the audit of a server that has ended.
func refusedInAudit(t *testing.T, folder string) (n int) {
	c := inFolder(folder)
	c.Schemas = examples
	conn, err := app.Administer(context.Background(), c, false)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	q := admin.AuditQuery{Query: audit.Query{Types: []string{audit.RefusedType, audit.OmittedType}}}
	for {
		page, err := conn.ReadAudit(context.Background(), q)
		require.NoError(t, err)
		for _, r := range page.Records {
			require.Equal(t, audit.Refused, r.Data.Outcome)
			if n += r.Data.Omitted; r.Type == audit.RefusedType {
				require.Contains(t, []int{401, 403}, r.Data.Status)
				require.Equal(t, refusals[r.Data.Reason].status, r.Data.Status)
				require.Equal(t, r.Data.Reason == "insufficient_scope", r.Data.Scope != "")
				n++
			}
		}
		if q.Query.After = page.Next; page.Next == "" {
			return n
		}
	}
}
