package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/app"
	"roster/scim/conformance"
)

// fault breaks a server that stands behind it in one way.
type fault struct {
	name  string
	shown string // requirement that must fail
	// ask changes the request; nil leaves it.
	ask func(r *http.Request)
	// answer changes the answer; nil leaves it.
	answer func(p *proxy, r *http.Request, a *answer)
}

// faults are what servers in the field do.
var faults = []fault{
	{name: "no Location", shown: "7644-3.3-d", answer: onCreate(func(a *answer) { a.header.Del("Location") })},
	{name: "200 for a creation", shown: "7644-3.3-b", answer: onCreate(func(a *answer) { a.status = 200 })},
	{name: "no body for a creation", shown: "7644-3.3-c", answer: onCreate(func(a *answer) { a.body = map[string]any{"id": a.body["id"]} })},
	{name: "status is a number", shown: "7644-3.12-b", answer: onError(func(a *answer) { a.body["status"] = a.status })},
	{name: "errors of another form", shown: "7644-3.12-a", answer: onError(func(a *answer) { a.body = map[string]any{"error": "failed"} })},
	{name: "a keyword that nobody knows", shown: "7644-3.12-a", answer: onError(func(a *answer) { a.body["scimType"] = "conflict" })},
	{name: "the password is returned", shown: "7643-4.1.1-l", answer: onResource(func(a *answer) { a.body["password"] = "secret" })},
	{name: "404 for an empty list", shown: "7644-3.4.2-g", answer: emptyIsMissing},
	{name: "no ETag", shown: "7644-3.14-a", answer: always(func(a *answer) { a.header.Del("ETag") })},
	{name: "another version in meta", shown: "7644-3.14-b", answer: onMeta(func(meta map[string]any) { meta["version"] = `W/"other"` })},
	{name: "names of attributes with case", shown: "7643-2.1-c", answer: refuse("USERNAME")},
	{name: "operators with case", shown: "7644-3.4.2.2-g", answer: refuse(" EQ ", "%20EQ%20")},
	{name: "totalResults counts the page", shown: "7644-3.4.2-c", answer: onList(func(a *answer, list []any) { a.body["totalResults"] = len(list) })},
	{name: "a list without its schema", shown: "7644-3.4.2-b", answer: onList(func(a *answer, _ []any) { delete(a.body, "schemas") })},
	{name: "PATCH is not atomic", shown: "7644-3.5.2-l", answer: inPieces},
	{name: "unique names are not", shown: "7644-3.3-e", answer: renamed},
	{name: "all is application/json", shown: "7644-3.8-a", answer: always(func(a *answer) { a.header.Set("Content-Type", "application/json") })},
	{name: "401 without a challenge", shown: "7644-2-c", answer: always(func(a *answer) { a.header.Del("WWW-Authenticate") })},
	{name: "200 for a deletion", shown: "7644-3.6-e", answer: on(http.MethodDelete, 204, func(a *answer) { a.status = 200 })},
	{name: "what was deleted can be read", shown: "7644-3.6-a", answer: undead},
	{name: "PUT creates", shown: "7644-3.5.1-a", answer: puts},
	{name: "PUT changes nothing", shown: "7644-3.5.1-b", ask: onMethod(http.MethodPut, func(r *http.Request) { r.Method = http.MethodGet })},
	{name: "attributes is ignored", shown: "7644-3.9-a", ask: without("attributes")},
	{name: "excludedAttributes is ignored", shown: "7644-3.4.2.5-b", ask: without("excludedAttributes")},
	{name: "startIndex 0 is refused", shown: "7644-3.4.2.4-a", answer: refuse("startIndex=0")},
	{name: "count is ignored", shown: "7644-3.4.2.4-b", ask: without("count")},
	{name: "sortBy is ignored", shown: "7644-3.4.2.3-a", ask: without("sortBy")},
	{name: "sortOrder is ignored", shown: "7644-3.4.2.3-a", ask: without("sortOrder")},
	{name: "filter is ignored", shown: "7644-3.4.2.2-a", ask: without("filter")},
	{name: "If-Match is ignored", shown: "7644-3.12-h", ask: func(r *http.Request) { r.Header.Del("If-Match") }},
	{name: "another location in meta", shown: "7643-3.1-n", answer: onMeta(func(meta map[string]any) { meta["location"] = fmt.Sprint(meta["location"]) + "/" })},
	{name: "created is no time", shown: "7643-3.1-l", answer: onMeta(func(meta map[string]any) { meta["created"] = "2024-01-02" })},
	{name: "every reading is a change", shown: "7644-3.5.2.1-e", answer: onMeta(func(meta map[string]any) { meta["lastModified"] = time.Now().UTC() })},
	{name: "schemas forgets extensions", shown: "7643-3.3-e", answer: onResource(func(a *answer) {
		a.body["schemas"] = []any{"urn:ietf:params:scim:schemas:core:2.0:User"}
	})},
	{name: "schemas lists all", shown: "7643-3-c", answer: onResource(func(a *answer) {
		a.body["schemas"] = append(a.body["schemas"].([]any), "urn:example:2.0:Other")
	})},
	{name: "all addresses are primary", shown: "7643-2.4-c", answer: onResource(allPrimary)},
	{name: "another keyword for no target", shown: "7644-3.5.2.3-e", answer: keyword("noTarget", "invalidPath")},
	{name: "another keyword for mutability", shown: "7644-3.5.2.2-f", answer: keyword("mutability", "invalidValue")},
	{name: "an externalId is made up", shown: "7643-3.1-i", answer: onList(func(_ *answer, list []any) {
		for _, r := range list {
			r.(map[string]any)["externalId"] = "made up"
		}
	})},
	{name: "unknown parameters are refused", shown: "7644-3.4.2-a", answer: refuse("nobody=knows")},
	{name: "the id changes", shown: "7643-3.1-f", answer: on(http.MethodGet, 200, func(a *answer) {
		if _, ok := a.body["id"]; ok {
			a.body["id"] = fmt.Sprint(time.Now().UnixNano())
		}
	})},
	{name: "no maxResults", shown: "7643-5-e", answer: at("/ServiceProviderConfig", func(a *answer) { delete(a.body, "filter") })},
	{name: "messages among the schemas", shown: "7644-3.1-b", answer: at("/Schemas", func(a *answer) {
		a.body["Resources"] = append(a.body["Resources"].([]any), map[string]any{"id": "urn:ietf:params:scim:api:messages:2.0:Error"})
	})},
	{name: "an extension that is not described", shown: "7643-6-e", answer: at("/Schemas", func(a *answer) {
		a.body["Resources"] = a.body["Resources"].([]any)[:1]
	})},
	{name: "schemas without descriptions", shown: "7643-7-c", answer: at("/Schemas", func(a *answer) {
		delete(a.body["Resources"].([]any)[0].(map[string]any), "description")
	})},
	{name: "a filter on schemas is ignored", shown: "7644-4-e", ask: func(r *http.Request) {
		if strings.Contains(r.URL.Path, "/Schemas") {
			r.URL.RawQuery = ""
		}
	}},
	{name: "bulk loses the bulkId", shown: "7644-3.7-l", answer: at("/Bulk", func(a *answer) {
		for _, op := range a.operations() {
			delete(op, "bulkId")
		}
	})},
	{name: "bulk has no responses", shown: "7644-3.7-g", answer: at("/Bulk", func(a *answer) {
		for _, op := range a.operations() {
			delete(op, "response")
		}
	})},
}

// TestFaultsAreFound: a server with one fault is found out, by the requirement
// that it does not keep.
func TestFaultsAreFound(t *testing.T) {
	a, _, token := inProcess(t, true, func(c *app.Config) { c.Unlimited = true })
	t.Run("all", func(t *testing.T) { // so that the server outlives the parallel ones
		for _, f := range faults {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				s := httptest.NewServer(&proxy{behind: a.Handler(), fault: f, deleted: map[string][]byte{}})
				defer s.Close()
				report, err := conformance.Run(t.Context(), conformance.Config{Base: s.URL + "/scim/v2", Token: token, Only: []string{f.shown}})
				require.NoError(t, err)
				require.Len(t, report.Judgements(), 1)
				require.Equal(t, conformance.Failed, report.Judgements()[0].Status, f.shown)
			})
		}
	})
}

// proxy puts a fault in front of a server.
type proxy struct {
	behind  http.Handler
	fault   fault
	deleted map[string][]byte // what was at a path; a run asks one thing after the other
}

// answer is what the server behind said.
type answer struct {
	status int
	header http.Header
	body   map[string]any // nil: no JSON object
	raw    []byte
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(content))
	if p.fault.ask != nil {
		p.fault.ask(r)
	}
	r.Header.Del("Accept-Encoding")
	before := p.lookBeforeDeleting(r)
	a := p.forward(r)
	r.Body = io.NopCloser(bytes.NewReader(content))
	if before != nil && a.status == http.StatusNoContent {
		p.deleted[r.URL.Path] = before
	}
	if p.fault.answer != nil {
		p.fault.answer(p, r, a)
	}
	a.write(w)
}

func (p *proxy) lookBeforeDeleting(r *http.Request) []byte {
	if r.Method != http.MethodDelete {
		return nil
	}
	return p.send(r, http.MethodGet, r.URL.Path, nil).raw
}

func (p *proxy) forward(r *http.Request) *answer {
	recorder := httptest.NewRecorder()
	p.behind.ServeHTTP(recorder, r)
	a := &answer{status: recorder.Code, header: recorder.Header(), raw: recorder.Body.Bytes()}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

// send asks the server behind something else, with the credential of a request.
func (p *proxy) send(r *http.Request, method, path string, body any) *answer {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	other := httptest.NewRequest(method, "http://"+r.Host+path, bytes.NewReader(content))
	other.Header = r.Header.Clone()
	return p.forward(other)
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.status)
	if a.body == nil {
		_, _ = w.Write(a.raw)
		return
	}
	_ = json.NewEncoder(w).Encode(a.body)
}

func (a *answer) operations() (list []map[string]any) {
	operations, _ := a.body["Operations"].([]any)
	for _, op := range operations {
		list = append(list, op.(map[string]any))
	}
	return list
}

func always(change func(*answer)) func(*proxy, *http.Request, *answer) {
	return func(_ *proxy, _ *http.Request, a *answer) { change(a) }
}

func on(method string, status int, change func(*answer)) func(*proxy, *http.Request, *answer) {
	return func(_ *proxy, r *http.Request, a *answer) {
		if r.Method == method && a.status == status {
			change(a)
		}
	}
}

func at(endpoint string, change func(*answer)) func(*proxy, *http.Request, *answer) {
	return func(_ *proxy, r *http.Request, a *answer) {
		if strings.HasSuffix(r.URL.Path, endpoint) && a.status == http.StatusOK {
			change(a)
		}
	}
}

func onCreate(change func(*answer)) func(*proxy, *http.Request, *answer) {
	return on(http.MethodPost, http.StatusCreated, change)
}

func onError(change func(*answer)) func(*proxy, *http.Request, *answer) {
	return always(func(a *answer) {
		if a.status >= http.StatusBadRequest && a.body != nil {
			change(a)
		}
	})
}

// onResource changes users that are answered by themselves.
func onResource(change func(*answer)) func(*proxy, *http.Request, *answer) {
	return always(func(a *answer) {
		if _, ok := a.body["userName"]; ok && a.body["schemas"] != nil {
			change(a)
		}
	})
}

func onMeta(change func(map[string]any)) func(*proxy, *http.Request, *answer) {
	return onResource(func(a *answer) {
		if meta, ok := a.body["meta"].(map[string]any); ok {
			change(meta)
		}
	})
}

func onList(change func(a *answer, list []any)) func(*proxy, *http.Request, *answer) {
	return always(func(a *answer) {
		if list, ok := a.body["Resources"].([]any); ok {
			change(a, list)
		}
	})
}

func keyword(right, wrong string) func(*proxy, *http.Request, *answer) {
	return onError(func(a *answer) {
		if a.body["scimType"] == right {
			a.body["scimType"] = wrong
		}
	})
}

// refuse answers requests whose URL or body has one of the texts with an error.
func refuse(texts ...string) func(*proxy, *http.Request, *answer) {
	return func(_ *proxy, r *http.Request, a *answer) {
		content, _ := io.ReadAll(r.Body)
		for _, text := range texts {
			if strings.Contains(r.URL.RawQuery, text) || bytes.Contains(content, []byte(text)) {
				a.status = http.StatusBadRequest
				a.body = map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": "400"}
			}
		}
	}
}

func onMethod(method string, change func(*http.Request)) func(*http.Request) {
	return func(r *http.Request) {
		if r.Method == method {
			change(r)
		}
	}
}

// without takes a parameter away.
func without(name string) func(*http.Request) {
	return func(r *http.Request) {
		var kept []string
		for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
			if !strings.HasPrefix(pair, name+"=") {
				kept = append(kept, pair)
			}
		}
		r.URL.RawQuery = strings.Join(kept, "&")
	}
}

func emptyIsMissing(_ *proxy, r *http.Request, a *answer) {
	if a.body["totalResults"] == 0.0 && strings.Contains(r.URL.RawQuery, "filter") {
		a.status = http.StatusNotFound
		a.body = map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": "404"}
	}
}

func allPrimary(a *answer) {
	emails, _ := a.body["emails"].([]any)
	for _, e := range emails {
		e.(map[string]any)["primary"] = true
	}
}

// inPieces carries out the operations of a PATCH that failed one by one.
func inPieces(p *proxy, r *http.Request, a *answer) {
	var message struct{ Operations []any }
	if r.Method != http.MethodPatch || a.status != http.StatusBadRequest || json.NewDecoder(r.Body).Decode(&message) != nil {
		return
	}
	for _, op := range message.Operations {
		p.send(r, http.MethodPatch, r.URL.Path, map[string]any{
			"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": []any{op},
		})
	}
}

// renamed creates a user whose name is taken under another one, and says the
// name that was asked for.
func renamed(p *proxy, r *http.Request, a *answer) {
	var user map[string]any
	if r.Method != http.MethodPost || a.status != http.StatusConflict || json.NewDecoder(r.Body).Decode(&user) != nil {
		return
	}
	name := user["userName"]
	user["userName"] = fmt.Sprint(name, ".", time.Now().UnixNano())
	*a = *p.send(r, http.MethodPost, r.URL.Path, user)
	a.body["userName"] = name
}

// undead shows what was deleted.
func undead(p *proxy, r *http.Request, a *answer) {
	if body, ok := p.deleted[r.URL.Path]; ok && r.Method == http.MethodGet {
		*a = answer{status: http.StatusOK, header: a.header}
		_ = json.Unmarshal(body, &a.body)
	}
}

// puts creates what a PUT does not find.
func puts(p *proxy, r *http.Request, a *answer) {
	var user map[string]any
	if r.Method != http.MethodPut || a.status != http.StatusNotFound || json.NewDecoder(r.Body).Decode(&user) != nil {
		return
	}
	endpoint, err := url.JoinPath(r.URL.Path, "..")
	if err != nil {
		panic(err)
	}
	*a = *p.send(r, http.MethodPost, strings.TrimRight(endpoint, "/"), user)
	a.status = http.StatusOK
}
