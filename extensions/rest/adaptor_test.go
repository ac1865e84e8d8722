package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/extensions/rest/resttest"
	"roster/scim"
)

func TestBody(t *testing.T) {
	var got toy
	h := serve(t, Route{Method: "POST", Pattern: "/toys", Scope: auth.UserWrite, Status: 201,
		Operation: Handle(func(_ context.Context, _ *Request, in struct{ Body toy }) (toyPart, error) {
			got = in.Body
			return toyPart{"1"}, nil
		})})
	nick := "n"
	tests := []struct {
		name, body string
		want       func(*toy) // what differs from {"name":"x"}
		code       Code       // "" if it is taken
		detail     string
	}{
		{"defaults", `{"name":"x"}`, func(*toy) {}, "", ""},
		{"everything", `{"name":"x","kind":"b","count":9,"on":false,"at":"2026-01-31T10:30:00+01:00","data":"AAE=","tags":["abc"],
			"parts":[{"id":"1"}],"roles":[],"nick":"n","title":"","secret":"s","options":{"a":1}}`,
			func(v *toy) {
				v.Kind, v.Count, v.On, v.At = "b", 9, false, time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC)
				v.Data, v.Tags, v.Parts, v.Roles = []byte{0, 1}, []string{"abc"}, []toyPart{{"1"}}, &[]string{}
				v.Nick, v.Title, v.Secret = Maybe[*string]{true, &nick}, Maybe[string]{Sent: true}, "s"
				v.Options = scim.ObjectValue(scim.Member{Name: "a", Value: scim.IntValue(1)})
			}, "", ""},
		{"null where it may be", `{"name":"x","roles":null,"nick":null}`, func(v *toy) { v.Nick.Sent = true }, "", ""},
		{"five characters, not bytes", `{"name":"äöüßé"}`, func(v *toy) { v.Name = "äöüßé" }, "", ""},

		{"no body", ``, nil, "invalid_value", "name is missing"},
		{"no object", `[]`, nil, "invalid_value", "the body must be an object, not an array"},
		{"no JSON", `{"name":`, nil, "invalid_syntax", "ends too early"},
		{"two values", `{"name":"x"}{}`, nil, "invalid_syntax", "more follows"},
		{"a member twice", `{"name":"x","name":"y"}`, nil, "invalid_syntax", "appears twice"},
		{"a member twice in another case", `{"name":"x","Name":"y"}`, nil, "invalid_syntax", "appears twice"},
		{"an unknown member", `{"name":"x","surname":"y"}`, nil, "invalid_syntax", `no member "surname"`},
		{"a member in another case", `{"Name":"x"}`, nil, "invalid_syntax", `no member "Name"`},
		{"an unknown member below", `{"name":"x","parts":[{"id":"1","x":1}]}`, nil, "invalid_syntax", `no member "parts[0].x"`},
		{"a missing member below", `{"name":"x","parts":[{}]}`, nil, "invalid_value", "parts[0].id is missing"},
		{"null where it may not be", `{"name":null}`, nil, "invalid_value", "name must be a string, not null"},
		{"null for what may be absent", `{"name":"x","title":null}`, nil, "invalid_value", "title must be a string, not null"},
		{"null in a list", `{"name":"x","tags":[null]}`, nil, "invalid_value", "tags[0] must be a string, not null"},
		{"another kind", `{"name":1}`, nil, "invalid_value", "name must be a string, not a number"},
		{"a boolean as text", `{"name":"x","on":"true"}`, nil, "invalid_value", "on must be a boolean, not a string"},
		{"a fraction", `{"name":"x","count":1.5}`, nil, "invalid_value", "count must be a whole number"},
		{"one for a list", `{"name":"x","tags":"a"}`, nil, "invalid_value", "tags must be a list, not a string"},
		{"too short", `{"name":""}`, nil, "invalid_value", "at least 1 characters"},
		{"too long", `{"name":"abcdef"}`, nil, "invalid_value", "at most 5 characters"},
		{"too long in a list", `{"name":"x","tags":["abcd"]}`, nil, "invalid_value", "tags[0] must have at most 3"},
		{"too few", `{"name":"x","tags":[]}`, nil, "invalid_value", "at least 1 elements"},
		{"too many", `{"name":"x","tags":["a","b","c"]}`, nil, "invalid_value", "at most 2 elements"},
		{"too small", `{"name":"x","count":0}`, nil, "invalid_value", "at least 1"},
		{"too large", `{"name":"x","count":10}`, nil, "invalid_value", "at most 9"},
		{"another word", `{"name":"x","kind":"c"}`, nil, "invalid_value", "kind must be one of a, b"},
		{"no time", `{"name":"x","at":"tomorrow"}`, nil, "invalid_value", "at must be a time"},
		{"base64 without padding", `{"name":"x","data":"AAE"}`, nil, "invalid_value", "data must be base64"},
		{"base64 of URLs", `{"name":"x","data":"__8="}`, nil, "invalid_value", "data must be base64"},
		{"base64 with a line break", `{"name":"x","data":"AA\nE="}`, nil, "invalid_value", "data must be base64"},
		{"base64 with bits left", `{"name":"x","data":"AAF="}`, nil, "invalid_value", "data must be base64"},
		{"no options", `{"name":"x","options":[]}`, nil, "invalid_value", "options must be an object"},
		{"too much", `{"name":"` + strings.Repeat("x", 500) + `"}`, nil, "too_large", "larger than 500 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got = toy{}
			w := send(h, request("POST", "/toys", tt.body, "Content-Type: application/json; charset=UTF-8"))
			if tt.code != "" {
				p := problem(t, w)
				require.Equal(t, tt.code, p.Code)
				require.Contains(t, p.Detail, tt.detail)
				return
			}
			require.Equal(t, 201, w.Code, w.Body)
			require.JSONEq(t, `{"id":"1"}`, w.Body.String())
			want := toy{Name: "x", Kind: "a", On: true}
			tt.want(&want)
			require.Equal(t, want, got)
		})
	}
}

func TestContentType(t *testing.T) {
	h := serve(t, Route{Method: "POST", Pattern: "/verb", Scope: auth.UserWrite, Status: 204,
		Operation: Handle(func(context.Context, *Request, struct{}) (None, error) { return None{}, nil })})
	for _, tt := range []struct {
		media, body string
		status      int
	}{
		{"application/json", `{}`, 204},
		{"", `{}`, 204},
		{"", ``, 204},
		{"text/plain", ``, 204},
		{"application/json", `{"a":1}`, 400},
		{"application/json", `null`, 400},
		{"text/plain", `{}`, 415},
		{"application/scim+json", `{}`, 415},
		{"application/json; charset=latin1", `{}`, 415},
		{"application/json; charset", `{}`, 415},
	} {
		r := request("POST", "/verb", tt.body)
		r.Header.Set("Content-Type", tt.media)
		if tt.media == "" {
			r.Header.Del("Content-Type")
		}
		w := send(h, r)
		require.Equal(t, tt.status, w.Code, tt)
		if tt.status == 204 {
			require.Empty(t, w.Body.String())
		}
	}
}

func TestParameters(t *testing.T) {
	var got toyQuery
	h := serve(t, Route{Method: "GET", Pattern: "/toys/{id}", Scope: auth.UserRead, Status: 200,
		Operation: Handle(func(_ context.Context, _ *Request, in toyQuery) (toyPart, error) {
			got = in
			return toyPart{"1"}, nil
		})})
	tests := []struct {
		target string
		want   func(*toyQuery)
		detail string // "" if it is taken
	}{
		{"/toys/1", func(*toyQuery) {}, ""},
		{"/toys/a%2Fb", func(q *toyQuery) { q.ID = "a/b" }, ""},
		{"/toys/a%252Fb", func(q *toyQuery) { q.ID = "a%2Fb" }, ""},
		{"/toys/1?word=a%20b&number=0&flag=true&order=desc&names=x&names=y&after=18",
			func(q *toyQuery) {
				q.Word, q.Number, q.Flag, q.Order, q.Names, q.After = "a b", 0, true, "desc", []string{"x", "y"}, 18
			}, ""},
		{"/toys/1?word=%C3%A4%C3%A4%C3%A4", func(q *toyQuery) { q.Word = "äää" }, ""},

		{"/toys/1?since=2026-01-31T10:30:00%2B01:00", func(q *toyQuery) { q.Since = time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC) }, ""},

		{"/toys/1?since=yesterday", nil, "since must be a time"},
		{"/toys/1?wort=a", nil, "no such parameter here; there are: word, number, flag, order, names, after, since"},
		{"/toys/1?Word=a", nil, "no such parameter"},
		{"/toys/1?word=a&word=b", nil, "word may be sent only once"},
		{"/toys/1?word=", nil, "word has no value"},
		{"/toys/1?word=%FF", nil, "not UTF-8"},
		{"/toys/1?word=abcd", nil, "at most 3 characters"},
		{"/toys/1?number=-1", nil, "whole number, 0 or more"},
		{"/toys/1?number=10", nil, "at most 9"},
		{"/toys/1?number=99999999999999999999", nil, "whole number"},
		{"/toys/1?flag=yes", nil, "true or false"},
		{"/toys/1?order=up", nil, "one of asc, desc"},
		{"/toys/1?names=a&names=b&names=c", nil, "at most 2"},
		{"/toys/1?word=%zz", nil, "not encoded"},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			w := send(h, request("GET", tt.target, ""))
			if tt.detail != "" {
				p := problem(t, w)
				require.Equal(t, Code("invalid_parameter"), p.Code)
				require.Contains(t, p.Detail, tt.detail)
				return
			}
			require.Equal(t, 200, w.Code, w.Body)
			want := toyQuery{ID: "1", Number: 7, Order: "asc"}
			tt.want(&want)
			require.Equal(t, want, got)
		})
	}
}

func TestAccountHeader(t *testing.T) {
	h := serve(t, Route{Method: "GET", Pattern: "/it", Scope: auth.UserRead, Status: 200,
		Operation: Handle(func(_ context.Context, q *Request, _ struct{}) (toyPart, error) {
			return toyPart{string(q.Call.Account)}, nil
		})},
		Route{Method: "GET", Pattern: "/open", Scope: auth.Open, Status: 200,
			Operation: Handle(func(_ context.Context, q *Request, _ struct{}) (toyPart, error) {
				return toyPart{string(q.Call.Account)}, nil
			})})
	require.JSONEq(t, `{"id":"acme"}`, send(h, request("GET", "/it", "", "x-account-id: acme")).Body.String())
	for _, other := range []string{"beta", "ACME", "acme,acme", ""} {
		require.Equal(t, Code("account_mismatch"), problem(t, send(h, request("GET", "/it", "", "x-account-id: "+other))).Code)
	}
	twice := request("GET", "/it", "")
	twice.Header["X-Account-Id"] = []string{"acme", "acme"}
	require.Equal(t, 403, send(h, twice).Code)

	open := request("GET", "/open", "", "x-account-id: beta")
	open.Header.Del("Authorization")
	require.JSONEq(t, `{"id":""}`, send(h, open).Body.String())
}

func TestConditions(t *testing.T) {
	routes := []Route{
		{Method: "GET", Pattern: "/it", Scope: auth.UserRead, Status: 200, Traits: Tagged,
			Operation: Handle(func(_ context.Context, q *Request, _ struct{}) (toyPart, error) {
				q.Tag(`W/"1"`)
				return toyPart{"1"}, nil
			})},
		{Method: "PUT", Pattern: "/it", Scope: auth.UserWrite, Status: 204, Traits: Tagged,
			Operation: Handle(func(_ context.Context, q *Request, _ struct{}) (None, error) {
				if q.If != nil {
					if err := q.If(`W/"1"`); err != nil {
						return None{}, err
					}
				}
				q.Tag(`W/"2"`)
				return None{}, nil
			})},
	}
	h := serve(t, routes...)
	for _, tt := range []struct {
		method, header string
		status         int
	}{
		{"GET", "x: y", 200},
		{"GET", `If-None-Match: W/"1"`, 304},
		{"GET", `If-None-Match: "0", "1"`, 304},
		{"GET", `If-None-Match: *`, 304},
		{"GET", `If-None-Match: W/"2"`, 200},
		{"GET", `If-Match: W/"1"`, 200},
		{"GET", `If-Match: W/"2"`, 412},
		{"HEAD", `If-None-Match: W/"1"`, 304},
		{"PUT", "x: y", 204},
		{"PUT", `If-Match: "1"`, 204},
		{"PUT", `If-Match: *`, 204},
		{"PUT", `If-Match: W/"2"`, 412},
		{"PUT", `If-None-Match: W/"1"`, 412},
		{"PUT", `If-None-Match: *`, 412},
	} {
		w := send(h, request(tt.method, "/it", "", tt.header))
		require.Equal(t, tt.status, w.Code, tt)
		switch tt.status {
		case 412:
			require.Equal(t, Code("precondition_failed"), problem(t, w).Code)
		case 304:
			require.Empty(t, w.Body.String())
			require.Equal(t, `W/"1"`, w.Header().Get("ETag"))
		default:
			require.NotEmpty(t, w.Header().Get("ETag"))
		}
	}
}

// TestProblems: errors of the domain, of SCIM and of the server in one form.
func TestProblems(t *testing.T) {
	var fails error
	h := serve(t, Route{Method: "GET", Pattern: "/it", Scope: auth.UserRead, Status: 200,
		Operation: Handle(func(context.Context, *Request, struct{}) (toyPart, error) { return toyPart{}, fails })},
		Route{Method: "GET", Pattern: "/delete", Scope: auth.UserDelete, Status: 200,
			Operation: Handle(func(context.Context, *Request, struct{}) (toyPart, error) { return toyPart{}, nil })})
	for _, tt := range []struct {
		err    error
		status int
		code   Code
		detail string
	}{
		{Refuse(409, "already_locked", "the user is locked already"), 409, "already_locked", "the user is locked already"},
		{fmt.Errorf("lock: %w", &tired{"no_seat"}), 409, "no_seat", "sleep first"},
		{&tired{}, 409, "conflict", "sleep first"},
		{scim.NotFound("User", "1"), 404, "not_found", `User "1" was not found`},
		{scim.BadRequest(scim.InvalidFilter, "no"), 400, "invalid_parameter", "no"},
		{scim.BadRequest(scim.TooMany, "no"), 400, "too_many", "no"},
		{scim.BadRequest(scim.InvalidValue, "no"), 400, "invalid_value", "no"},
		{scim.BadRequest(scim.InvalidPath, "no"), 400, "invalid_value", "no"},
		{scim.BadRequest(scim.Mutability, "no"), 400, "mutability", "no"},
		{scim.Errorf(409, scim.Uniqueness, "no"), 409, "uniqueness", "no"},
		{scim.Errorf(409, "", "no"), 409, "conflict", "no"},
		{scim.Errorf(418, "", "no"), 418, "invalid_request", "no"},
		{scim.Errorf(503, "", "no"), 503, "unavailable", "no"},
		{errors.New("disk full"), 500, "internal", "the server failed; its log says why"},
		{context.DeadlineExceeded, 503, "unavailable", "the request took too long; try again"},
	} {
		fails = tt.err
		w := send(h, request("GET", "/it", ""))
		p := problem(t, w)
		require.Equal(t, tt.status, w.Code)
		require.Equal(t, tt.code, p.Code)
		require.Equal(t, tt.detail, p.Detail)
		require.Equal(t, tt.status == 503, w.Header().Get("Retry-After") != "")
	}
	nobody := request("GET", "/it", "")
	nobody.Header.Del("Authorization")
	for _, tt := range []struct {
		r    *http.Request
		code Code
	}{
		{nobody, "unauthenticated"},
		{request("GET", "/it", "", "Authorization: Bearer bad"), "unauthenticated"},
		{request("GET", "/it", "", "Authorization: Bearer"), "invalid_request"},
		{request("GET", "/delete", ""), "insufficient_scope"},
		{request("GET", "/nothing", ""), "not_found"},
		{request("POST", "/it", ""), "method_not_allowed"},
	} {
		p := problem(t, send(h, tt.r))
		require.Equal(t, tt.code, p.Code)
		require.Equal(t, tt.code == "insufficient_scope", p.Scope == auth.UserDelete)
	}
}

// TestLacking: a refusal names the scope that is lacking, whoever decides it, and
// another refusal names none.
func TestLacking(t *testing.T) {
	h := serve(t, Route{Method: "GET", Pattern: "/it", Scope: auth.UserRead, Status: 200, Name: "get it",
		Operation: Handle(func(context.Context, *Request, struct{}) (None, error) {
			return None{}, Lacking(auth.UserGlobal, "all=true")
		})})
	p := problem(t, send(h, request("GET", "/it", "")))
	require.Equal(t, Problem{Type: p.Type, Title: "Forbidden", Status: 403, Code: "insufficient_scope", Scope: auth.UserGlobal,
		Detail: "the token lacks the scope user:global, which all=true needs", CorrelationID: p.CorrelationID}, p)

	for reason, code := range map[string]Code{"account_disabled": "account_disabled", "other_account": "account_mismatch", "": "forbidden"} {
		surface := toys().Surface()
		surface.Routes = []httpauth.Route{{Method: "GET", Pattern: root + "/it", Name: "get it", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			httpauth.EventFrom(r.Context()).Reason = reason
			surface.Fail(w, r, 403, "no")
		})}}
		mux, err := httpauth.NewMux(httpauth.Config{Authenticator: anybody{}, Logger: slog.New(slog.DiscardHandler)}, surface)
		require.NoError(t, err)
		p := problem(t, send(mux, request("GET", "/it", "")))
		require.Equal(t, code, p.Code)
		require.Empty(t, p.Scope)
	}
}

// TestReported: the audit is told why a handler refuses.
func TestReported(t *testing.T) {
	var got httpauth.Refusal
	api := toys(Route{Method: "GET", Pattern: "/it", Scope: auth.UserRead, Status: 200, Name: "get it",
		Operation: Handle(func(context.Context, *Request, struct{}) (None, error) {
			return None{}, Lacking(auth.UserGlobal, "all=true")
		})})
	mux, err := httpauth.NewMux(httpauth.Config{Authenticator: anybody{}, Logger: slog.New(slog.DiscardHandler),
		Refused: func(_ context.Context, r httpauth.Refusal) { got = r }}, api.Surface())
	require.NoError(t, err)
	send(mux, request("GET", "/it", ""))
	require.Equal(t, httpauth.Refusal{Status: 403, Operation: "get it", Account: "acme", Scope: auth.UserGlobal, Reason: "insufficient_scope"}, got)
}

// TestOwn: one handler serves what is about one of many and about the caller's own.
func TestOwn(t *testing.T) {
	show := Handle(func(_ context.Context, q *Request, in struct {
		ID string `path:"id"`
	}) (toyPart, error) {
		q.Locate("/toys/" + in.ID)
		return toyPart{in.ID}, nil
	})
	routes := []Route{
		{Method: "GET", Pattern: "/toys/{id}", Scope: auth.UserRead, Status: 200, Name: "get one", Operation: show},
		{Method: "GET", Pattern: "/toy", Scope: auth.UserRead, Status: 200, Name: "get own", Operation: show},
	}
	h := serve(t, routes...)
	one := send(h, request("GET", "/toys/1", ""))
	require.JSONEq(t, `{"id":"1"}`, one.Body.String())
	require.Equal(t, "/v1/toys/toys/1", one.Header().Get("Location"))
	require.JSONEq(t, `{"id":""}`, send(h, request("GET", "/toy", "")).Body.String())
	require.Equal(t, 1, strings.Count(string(toys(routes...).document), `"in": "path"`))
}

// TestDescribe: what the document says of a route is what the adaptor does.
func TestDescribe(t *testing.T) {
	routes := []Route{{Method: "POST", Pattern: "/toys/{id}", Scope: auth.UserWrite, Status: 201, Traits: Tagged,
		Name: "make a toy", Summary: "Makes a toy", Codes: []Code{"no_seat"},
		Operation: Handle(func(context.Context, *Request, struct {
			ID   string `path:"id" doc:"Which"`
			N    int    `query:"n" default:"3" maximum:"9"`
			Body toy
		}) (toyPart, error) {
			return toyPart{}, nil
		})}}
	text := toys(routes...).document
	_, err := resttest.Parse(text)
	require.NoError(t, err)
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &document))
	require.JSONEq(t, `{
		"operationId": "makeAToy", "summary": "Makes a toy", "security": [{"bearer": ["user:write"]}],
		"parameters": [
			{"$ref": "#/components/parameters/AccountId"}, {"$ref": "#/components/parameters/CorrelationId"}, {"$ref": "#/components/parameters/IfMatch"},
			{"name": "id", "in": "path", "required": true, "description": "Which", "schema": {"type": "string"}},
			{"name": "n", "in": "query", "required": false, "schema": {"type": "integer", "default": 3, "maximum": 9}}],
		"requestBody": {"required": true, "content": {"application/json": {"schema": {
			"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
				"name": {"type": "string", "minLength": 1, "maxLength": 5},
				"kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
				"count": {"type": "integer", "minimum": 1, "maximum": 9},
				"on": {"type": "boolean", "default": true},
				"at": {"type": "string", "format": "date-time"},
				"data": {"type": "string", "contentEncoding": "base64"},
				"tags": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "maxLength": 3}},
				"parts": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {"id": {"type": "string"}}}},
				"roles": {"type": ["array", "null"], "items": {"type": "string"}},
				"nick": {"type": ["string", "null"]},
				"title": {"type": "string"},
				"secret": {"type": "string"},
				"options": {"type": "object"}
			}}}}},
		"responses": {
			"201": {"description": "Created", "headers": {"ETag": {"required": true, "description": "Version of what is stored; what is looked up elsewhere, such as names of groups, is no part of it", "schema": {"type": "string"}}},
				"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {"id": {"type": "string"}}}}}},
			"409": {"description": "Conflict, also: no_seat", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
			"default": {"$ref": "#/components/responses/Problem"}}
		}`, string(document.Paths["/v1/toys/toys/{id}"]["post"]))
}
