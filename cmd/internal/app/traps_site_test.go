package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/cmd/internal/admin"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest/resttest"
	"roster/scim"
	"roster/scim/server"
)

// site is an account of a server, spoken to over HTTP by both its faces. Texts that
// are sent may write A for the URN of the account model's extension of users.
type site struct {
	*harness // base is the origin
	account  string
	token    string
	issued   atomic.Int64
	openapi  *resttest.Document
}

// onSites runs a test on each engine, in an account with these settings.
func onSites(t *testing.T, settings string, run func(t *testing.T, s *site)) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory)
			h.base = strings.TrimSuffix(h.base, server.Root)
			s := &site{harness: h, account: "acme", token: h.account("acme", "", everything()...), openapi: describe(t, h.base)}
			s.set(settings)
			run(t, s)
		})
	}
}

func (s *site) set(settings string) {
	if settings != "" {
		_, err := s.Service().SetAccount(context.Background(), admin.AccountChange{Account: s.account, Settings: settings, Merge: true})
		require.NoError(s.t, err)
	}
}

// reply is an answer, and what JSON there is in it.
type reply struct {
	scim.Value
	t      testing.TB
	status int
	header http.Header
	text   string
}

// scim sends a request below the SCIM root.
func (s *site) scim(method, path, body string, headers ...string) reply {
	return s.ask(method, server.Root+path, body, headers...)
}

// api sends a request below the root of the companion API, and holds the answer to
// its description.
func (s *site) api(method, path, body string, headers ...string) reply {
	r := s.ask(method, "/v1/account"+path, body, headers...)
	plain, _, _ := strings.Cut("/v1/account"+path, "?")
	if r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed {
		require.NoError(s.t, s.openapi.Check(method, plain, r.status, r.header, []byte(r.text)), "%s %s", method, path)
	}
	return r
}

// ask sends a request with the site's token, unless a header says otherwise.
func (s *site) ask(method, path, body string, headers ...string) reply {
	body = strings.NewReplacer(`"A"`, `"`+model.UserURN+`"`, `"A:`, `"`+model.UserURN+`:`).Replace(body)
	q, err := http.NewRequest(method, s.base+strings.ReplaceAll(path, "A:", model.UserURN+":"), strings.NewReader(body))
	require.NoError(s.t, err)
	q.Header.Set("Authorization", "Bearer "+s.token)
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if q.Header.Set(name, value); value == "" {
			q.Header.Del(name)
		}
	}
	resp, err := http.DefaultClient.Do(q)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	r := reply{t: s.t, status: resp.StatusCode, header: resp.Header, text: string(text)}
	if len(text) > 0 {
		r.Value, _ = scim.ParseJSON(text)
	}
	return r
}

// bulk sends one operation in a Bulk, and returns what came of it.
func (s *site) bulk(method, path, data string) reply {
	r := s.scim("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"`+method+`","bulkId":"x","path":"`+path+`","data":`+data+`}]}`).is(200)
	require.Equal(s.t, 1, r.Get("Operations").Len(), r.text)
	done := r.Get("Operations").At(0)
	status, err := strconv.Atoi(done.Get("status").Text())
	require.NoError(s.t, err)
	return reply{t: s.t, Value: done.Get("response"), status: status, text: done.String()}
}

// is requires a status, and the code of a refusal: of the companion API, or the
// scimType of SCIM.
func (r reply) is(status int, code ...string) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.text)
	if len(code) > 0 {
		require.Contains(r.t, []string{r.Get("code").Text(), r.Get("scimType").Text()}, code[0], r.text)
	}
	return r
}

// refused requires a refusal with one of the statuses.
func (r reply) refused(name string, statuses ...int) {
	r.t.Helper()
	require.Contains(r.t, statuses, r.status, "%s: %s", name, r.text)
}

// a returns an attribute of the extension.
func (r reply) a(name string) scim.Value { return r.Get(model.UserURN).Get(name) }

// user is an active user that came over SCIM; extra are more members.
func (s *site) user(name string, extra ...string) (id string) {
	body := `{"userName":"` + name + `@example.com","emails":[{"value":"` + name + `@example.com","primary":true}]` + strings.Join(append([]string{""}, extra...), ",") + `}`
	return s.scim("POST", "/Users", body).is(201).Get("id").Text()
}

// machine is a machine user.
func (s *site) machine(name string) (id string) {
	return s.scim("POST", "/Users", `{"userName":"`+name+`","A":{"kind":"machine"}}`).is(201).Get("id").Text()
}

// as is the same account with a token that belongs to a user.
func (s *site) as(user string) *site {
	issued, err := s.Service().CreateToken(context.Background(), admin.NewToken{Account: s.account, Name: "acting", Scopes: everything(), User: user})
	require.NoError(s.t, err)
	return &site{harness: s.harness, account: s.account, token: issued.Secret, openapi: s.openapi}
}

// other is another account on the same server.
func (s *site) other(name string, scopes ...auth.Scope) *site {
	if len(scopes) == 0 {
		scopes = everything()
	}
	return &site{harness: s.harness, account: name, token: s.harness.account(name, "", scopes...), openapi: s.openapi}
}

// fresh is a name that nobody has yet.
func (s *site) fresh() string { return fmt.Sprint("n", s.issued.Add(1)) }

// scimWays are all ways by which SCIM writes a value of an attribute of a user,
// whose name is name.
func (s *site) scimWays(id, name, attribute string) map[string]func(value string) reply {
	whole := func(name, value string) string {
		return `{"userName":"` + name + `","` + attribute + `":` + value + `}`
	}
	ops := func(value string) string {
		return `{"Operations":[{"op":"replace","path":"` + attribute + `","value":` + value + `}]}`
	}
	mine := s.as(id)
	return map[string]func(value string) reply{
		"POST":          func(v string) reply { return s.scim("POST", "/Users", whole(s.fresh(), v)) },
		"POST in Bulk":  func(v string) reply { return s.bulk("POST", "/Users", whole(s.fresh(), v)) },
		"PUT":           func(v string) reply { return s.scim("PUT", "/Users/"+id, whole(name, v)) },
		"PUT in Bulk":   func(v string) reply { return s.bulk("PUT", "/Users/"+id, whole(name, v)) },
		"PUT Me":        func(v string) reply { return mine.scim("PUT", "/Me", whole(name, v)) },
		"PATCH":         func(v string) reply { return s.scim("PATCH", "/Users/"+id, ops(v)) },
		"PATCH in Bulk": func(v string) reply { return s.bulk("PATCH", "/Users/"+id, ops(v)) },
		"PATCH Me":      func(v string) reply { return mine.scim("PATCH", "/Me", ops(v)) },
		"PATCH without path": func(v string) reply {
			return s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","value":{"`+attribute+`":`+v+`}}]}`)
		},
	}
}

// total counts what a filter finds.
func (s *site) total(filter string) int {
	n, ok := s.scim("POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":0,"filter":`+scim.StringValue(strings.ReplaceAll(filter, "A:", model.UserURN+":")).String()+`}`).is(200).Get("totalResults").Int()
	require.True(s.t, ok)
	return n
}

// atOnce does something n times at once, and counts the statuses.
func atOnce(n int, do func(i int) reply) map[int]int {
	var all sync.WaitGroup
	start, statuses := make(chan struct{}), make([]int, n)
	for i := range n {
		all.Go(func() { <-start; statuses[i] = do(i).status })
	}
	close(start)
	all.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	return count
}
