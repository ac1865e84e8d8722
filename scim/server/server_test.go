package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage/memory"
)

type plainHasher struct{}

func (plainHasher) Hash(context.Context, auth.Secret) (string, error) { return "h", nil }

// everyone takes a token for the name of the account, after a slash the user that
// it belongs to, and after a tilde the provisioning domain.
type everyone struct{}

func (everyone) Authenticate(_ context.Context, token auth.Secret) (*auth.Principal, error) {
	rest, domain, _ := strings.Cut(token.Reveal(), "~")
	account, user, _ := strings.Cut(rest, "/")
	return &auth.Principal{Account: account, Domain: domain, Subject: "test", Name: "Test token", User: user, Scopes: []auth.Scope{auth.SCIM}}, nil
}

func newServer(t testing.TB, log *bytes.Buffer) http.Handler {
	types := schema.Core()
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Hasher: plainHasher{}})
	require.NoError(t, err)
	return serve(t, log, server.Config{
		Provider: p,
		Types:    types,
		Settings: func(_ context.Context, account string) (scim.Profile, scim.Limits, error) {
			if account == "strict" {
				return scim.StrictProfile(), scim.DefaultLimits(), nil
			}
			return scim.DefaultProfile(), scim.DefaultLimits(), nil
		},
		PublicURL: "https://scim.example.com/",
	})
}

func byID(_ context.Context, account, named string) (bool, error) { return account == named, nil }

func serve(t testing.TB, log *bytes.Buffer, c server.Config) http.Handler {
	m, err := httpauth.NewMux(httpauth.Config{Authenticator: everyone{}, Named: byID, Logger: slog.New(slog.NewJSONHandler(log, nil))}, server.New(c))
	require.NoError(t, err)
	return m
}

// send sends "METHOD /path", with lines of headers behind it.
func send(t testing.TB, h http.Handler, request, body string) *httptest.ResponseRecorder {
	lines := strings.Split(request, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, server.Root+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer a")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	if r.Header.Get("Authorization") == "" {
		r.Header.Del("Authorization")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrorsAreSCIM(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	created := send(t, s, "POST /Users", `{"userName":"anna"}`)
	require.Equal(t, 201, created.Code)
	one := strings.TrimPrefix(created.Header().Get("Location"), "https://scim.example.com/scim/v2")
	for _, row := range []struct {
		request, body string
		status        int
		scimType      string
		detail        string
	}{
		{"GET /Nothing", "", 404, "", "/scim/v2/ResourceTypes"},
		{"GET /Users/nobody", "", 404, "", `"nobody"`},
		{"GET /Users/" + strings.Repeat("x", 10_000), "", 404, "", "(10000 bytes)"},
		{"PUT /Users", "{}", 405, "", "GET, HEAD, OPTIONS, POST"},
		{"BREW " + one, "{}", 405, "", "DELETE, GET"},
		{"GET /Users?filter=", "", 400, "invalidFilter", "leave it out"},
		{"POST /Users/.search", `{"schemas":["` + scim.MessagePatchOp + `"]}`, 400, "invalidSyntax", "SearchRequest"},
		{"POST " + one, "{}", 405, "", "DELETE, GET"},
		{"POST /Users", `{"userName"`, 400, "invalidSyntax", "ends too early"},
		{"POST /Users", `{"userName":"a","USERNAME":"b"}`, 400, "invalidSyntax", "twice"},
		{"POST /Users", `{"userName":"a"}x`, 400, "invalidSyntax", "byte 16"},
		{"POST /Users", "{\"userName\":\"\xff\"}", 400, "invalidSyntax", "UTF-8"},
		{"POST /Users", strings.Repeat("[", 100_000), 400, "invalidSyntax", "deeper"},
		{"POST /Users", `{"title":"x"}`, 400, "invalidValue", "userName is required"},
		{"POST /Users", `{"userName":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "", "1048576 bytes"},
		{"POST /Bulk", `{"Operations":[{"path":"` + strings.Repeat("x", 9<<20) + `"}]}`, 413, "", "8388608 bytes"},
		{"POST /Bulk", `{"Operations":[` + strings.Repeat("{},", 1000) + `{}]}`, 413, "", "maxOperations is 1000"},
		{"POST /Users\nContent-Type: text/xml", `<x/>`, 415, "", "application/scim+json"},
		{"GET /Users?count=abc", "", 400, "invalidValue", "count"},
		{"GET /Users?sortOrder=up", "", 400, "invalidValue", "sortOrder"},
		{"GET /Users?sortBy=name", "", 400, "invalidValue", "name"},
		{"GET /Users?sortBy=nothing", "", 400, "invalidValue", "nothing"},
		{"GET /Users?filter=nothing+eq+1", "", 400, "invalidFilter", "nothing"},
		{"GET /Users?filter=" + strings.Repeat("(", 100_000), "", 400, "invalidFilter", ""},
		{"GET /Users?attributes=id&excludedAttributes=name", "", 400, "invalidValue", "excludedAttributes"},
		{"GET /Schemas?filter=id+pr", "", 403, "", "filter"},
		{"GET /Schemas/urn:x", "", 404, "", "urn:x"},
		{"PATCH " + one + "\nIf-Match: W/\"old\"", `{"Operations":[{"op":"replace","path":"title","value":"x"}]}`, 412, "", "version"},
		{"DELETE " + one + "\nIf-Match: \"old\"", "", 412, "", "version"},
		{"POST /Users/.search", `{"count":"ten"}`, 400, "invalidValue", "count"},
		{"POST /Users/.search\nAuthorization: Bearer strict", `{"count":1}`, 400, "invalidSyntax", "SearchRequest"},
	} {
		w := send(t, s, row.request, row.body)
		name := scim.Abbreviate(row.request)
		require.Equal(t, row.status, w.Code, "%s: %s", name, w.Body)
		require.Equal(t, scim.MediaType, w.Header().Get("Content-Type"), name)
		v, err := scim.ParseJSON(w.Body.Bytes())
		require.NoError(t, err, name)
		require.Equal(t, `["`+scim.MessageError+`"]`, v.Get("schemas").String())
		require.Equal(t, http.StatusText(row.status), http.StatusText(w.Code))
		require.Equal(t, scim.String, v.Get("status").Kind(), "status is a string")
		require.Equal(t, row.scimType, v.Get("scimType").Text(), "%s: %s", name, w.Body)
		require.Contains(t, v.Get("detail").Text(), row.detail, name)
		require.Less(t, w.Body.Len(), 600, name)
	}
	require.Equal(t, "GET, HEAD, OPTIONS, POST", send(t, s, "PUT /Users", "").Header().Get("Allow"))
}

func TestConditions(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	w := send(t, s, "POST /Users", `{"userName":"anna"}`)
	etag := w.Header().Get("ETag")
	require.Regexp(t, `^W/"[\w-]{12}"$`, etag)
	one := strings.TrimPrefix(w.Header().Get("Location"), "https://scim.example.com/scim/v2")

	w = send(t, s, "GET "+one+"\nIf-None-Match: \"x\", "+etag, "")
	require.Equal(t, 304, w.Code)
	require.Equal(t, etag, w.Header().Get("ETag"))
	require.Zero(t, w.Body.Len())
	require.Equal(t, 200, send(t, s, "GET "+one+"\nIf-None-Match: \"x\"", "").Code)

	w = send(t, s, "PATCH "+one+"?attributes=title\nIf-Match: "+etag, `{"Operations":[{"op":"add","path":"title","value":"x"}]}`)
	require.Equal(t, 200, w.Code, w.Body)
	require.NotContains(t, w.Body.String(), "userName")
	require.NotEqual(t, etag, w.Header().Get("ETag"))
	require.Equal(t, 204, send(t, s, "DELETE "+one+"/\nIf-Match: *", "").Code)
	require.Equal(t, 404, send(t, s, "DELETE "+one, "").Code)
}

func TestMe(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	w := send(t, s, "POST /Users", `{"userName":"anna"}`)
	location := w.Header().Get("Location")
	id := location[strings.LastIndex(location, "/")+1:]
	require.Equal(t, 404, send(t, s, "GET /Me", "").Code, "a token of nobody")
	require.Equal(t, 404, send(t, s, "GET /Me\nAuthorization: Bearer a/somebody", "").Code)
	require.Equal(t, 404, send(t, s, "GET /Me\nAuthorization: Bearer other/"+id, "").Code)
	w = send(t, s, "GET /Me\nAuthorization: Bearer a/"+id, "")
	require.Equal(t, 200, w.Code)
	require.Equal(t, location, w.Header().Get("Location"))
	require.Contains(t, w.Body.String(), `"location":"`+location+`"`)
	w = send(t, s, "PATCH /Me\nAuthorization: Bearer a/"+id, `{"Operations":[{"op":"add","path":"title","value":"x"}]}`)
	require.Equal(t, 200, w.Code)
	require.Equal(t, 405, send(t, s, "POST /Me\nAuthorization: Bearer a/"+id, `{}`).Code)
	require.Equal(t, 204, send(t, s, "DELETE /Me\nAuthorization: Bearer a/"+id, "").Code)
	require.Equal(t, 404, send(t, s, "GET "+strings.TrimPrefix(location, "https://scim.example.com/scim/v2"), "").Code)
}

func TestRootAndCursors(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, name := range []string{"a", "b", "c"} {
		send(t, s, "POST /Users", `{"userName":"`+name+`"}`)
		send(t, s, "POST /Groups", `{"displayName":"`+name+`"}`)
	}
	for _, request := range []string{"GET /?cursor&count=4&filter=id+pr", "GET ?filter=id+pr&count=4&cursor=", "POST /.search"} {
		w := send(t, s, request, `{"filter":"id pr","count":4,"cursor":""}`)
		require.Equal(t, 200, w.Code, request)
		v, err := scim.ParseJSON(w.Body.Bytes())
		require.NoError(t, err)
		require.Equal(t, "6", v.Get("totalResults").Text())
		require.Equal(t, 4, v.Get("Resources").Len())
		require.True(t, v.Get("startIndex").IsNull())
		require.True(t, v.Get("previousCursor").IsNull())
		next := v.Get("nextCursor").Text()
		w = send(t, s, "GET ?filter=id+pr&count=4&cursor="+next, "")
		v, err = scim.ParseJSON(w.Body.Bytes())
		require.NoError(t, err)
		require.Equal(t, 2, v.Get("Resources").Len())
		require.True(t, v.Get("nextCursor").IsNull())
		require.NotEmpty(t, v.Get("previousCursor").Text())
		require.Contains(t, send(t, s, "GET ?filter=id+pr&count=5&cursor="+next, "").Body.String(), "invalidCount")
		require.Contains(t, send(t, s, "GET /Users?filter=id+pr&count=4&cursor="+next, "").Body.String(), "invalidCursor")
	}
	require.Equal(t, 400, send(t, s, "GET /Users?cursor&startIndex=1", "").Code)
	require.Equal(t, 405, send(t, s, "POST ", "{}").Code)
}

func TestNegotiation(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, row := range []struct {
		accept string
		status int
		media  string
	}{
		{"", 200, scim.MediaType},
		{"*/*", 200, scim.MediaType},
		{"application/json", 200, "application/json"},
		{"application/json;q=0.5, application/scim+json", 200, scim.MediaType},
		{"application/*;q=0.1", 200, scim.MediaType},
		{"text/html, */*;q=0.8", 200, scim.MediaType},
		{"application/scim+json;q=0, application/json", 200, "application/json"},
		{"text/html", 406, scim.MediaType},
		{"application/json;q=0, text/xml", 406, scim.MediaType},
	} {
		w := send(t, s, "GET /ServiceProviderConfig\nAccept: "+row.accept, "")
		if row.accept == "" {
			w = send(t, s, "GET /ServiceProviderConfig", "")
		}
		require.Equal(t, row.status, w.Code, row.accept)
		require.Equal(t, row.media, w.Header().Get("Content-Type"), row.accept)
	}
}

func TestLargeBodiesAreCompressed(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	plain := send(t, s, "GET /Schemas", "")
	require.Empty(t, plain.Header().Get("Content-Encoding"))
	packed := send(t, s, "GET /Schemas\nAccept-Encoding: gzip, deflate", "")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	require.Less(t, packed.Body.Len(), plain.Body.Len()/2)
	z, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, plain.Body.String(), string(text))
	require.Empty(t, send(t, s, "GET /ResourceTypes/User\nAccept-Encoding: gzip", "").Header().Get("Content-Encoding"), "small ones are not")
	require.Empty(t, send(t, s, "GET /Schemas\nAccept-Encoding: gzip;q=0, *", "").Header().Get("Content-Encoding"))
}

func TestPreferMinimal(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	w := send(t, s, "POST /Users\nPrefer: respond-async, return=minimal", `{"userName":"anna"}`)
	require.Equal(t, 201, w.Code)
	require.Zero(t, w.Body.Len())
	require.Equal(t, "return=minimal", w.Header().Get("Preference-Applied"))
	one := strings.TrimPrefix(w.Header().Get("Location"), "https://scim.example.com/scim/v2")
	w = send(t, s, "PATCH "+one+"\nPrefer: return=minimal", `{"Operations":[{"op":"add","path":"title","value":"x"}]}`)
	require.Equal(t, 204, w.Code)
	require.NotEmpty(t, w.Header().Get("ETag"))
	w = send(t, s, "PUT "+one+"\nPrefer: return=representation", `{"userName":"anna"}`)
	require.Equal(t, 200, w.Code)
	require.Equal(t, 412, send(t, s, "PUT "+one+"\nIf-None-Match: *", `{"userName":"anna"}`).Code)
	require.Equal(t, 204, send(t, s, "OPTIONS "+one, "").Code)
}

func TestDiscovery(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, path := range []string{"/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Schemas/" + strings.ToUpper(scim.SchemaEnterpriseUser), "/ResourceTypes/User"} {
		w := send(t, s, "GET "+path+"\nAuthorization: ", "")
		require.Equal(t, 200, w.Code, path)
		require.NotContains(t, w.Body.String(), "null")
		require.NotContains(t, w.Body.String(), "{base}")
		require.Contains(t, w.Body.String(), `"location":"https://scim.example.com/scim/v2/`)
	}
	unique := func(authorization string) string {
		v, err := scim.ParseJSON(send(t, s, "GET /Schemas/"+scim.SchemaGroup+"\nAuthorization: "+authorization, "").Body.Bytes())
		require.NoError(t, err)
		return v.Get("attributes").At(0).Get("uniqueness").Text()
	}
	require.Equal(t, "server", unique("Bearer a"))

	config := func(authorization string) string {
		return send(t, s, "GET /ServiceProviderConfig\nAuthorization: "+authorization, "").Body.String()
	}
	require.NotContains(t, config(""), "profile")
	require.NotContains(t, config("Bearer a"), "profile")
	require.Contains(t, config("Bearer strict"), `{"name":"strict"}`, "a profile is told to its own account")
}

func TestParametersAreTolerant(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, name := range []string{"anna", "b+c", "d;e&f", "é%"} {
		require.Equal(t, 201, send(t, s, "POST /Users", `{"userName":"`+name+`"}`).Code)
	}
	for _, row := range []struct {
		query string
		total string
		items string
	}{
		{"?filter=userName+eq+%22anna%22&", "1", "1"},
		{"?FILTER=userName%20Eq%20%22ANNA%22", "1", "1"},
		{"?filter=userName+eq+%22b%2Bc%22", "1", "1"},
		{"?filter=userName+eq+%22d;e%26f%22", "1", "1"},
		{"?filter=userName+eq+%22%C3%89%25%22", "1", "1"},
		{"?startindex=0&count=2&unknown=1", "4", "2"},
		{"/?startIndex=-1&count=-1", "4", "0"},
		{"?startIndex=9&count=99999999999999999999", "4", "0"},
		{"?startIndex=3", "4", "2"},
		{"?count=0", "4", "0"},
	} {
		w := send(t, s, "GET /Users"+row.query, "")
		require.Equal(t, 200, w.Code, "%s: %s", row.query, w.Body)
		v, err := scim.ParseJSON(w.Body.Bytes())
		require.NoError(t, err)
		require.Equal(t, row.total, v.Get("totalResults").Text(), row.query)
		require.Equal(t, row.items, v.Get("itemsPerPage").Text(), row.query)
		require.Equal(t, scim.Array, v.Get("Resources").Kind())
	}
}

func TestSearchIsTheSameAsAQuery(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, name := range []string{"b", "a", "c"} {
		send(t, s, "POST /Users", `{"userName":"`+name+`"}`)
	}
	byGet := send(t, s, "GET /Users?filter=userName+ne+%22c%22&sortBy=userName&sortOrder=descending&attributes=userName&startIndex=1&count=5", "")
	bySearch := send(t, s, "POST /Users/.search", `{"schemas":["`+scim.MessageSearchRequest+`"],"filter":"userName ne \"c\"","sortBy":"userName","sortOrder":"descending","attributes":["userName"],"startIndex":1,"count":5}`)
	require.Equal(t, 200, bySearch.Code)
	require.Equal(t, byGet.Body.String(), bySearch.Body.String())
	require.Regexp(t, `"b".*"a"`, byGet.Body.String())
}

func TestLogHasOneEventWithoutPersonalValues(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, &log)
	send(t, s, "POST /Users", `{"userName":"anna@example.com","password":"geheim"}`)
	send(t, s, "GET /Users?filter=userName+eq+%22anna@example.com%22", "")
	send(t, s, "GET /Users/anna@example.com", "")
	require.Equal(t, 3, strings.Count(log.String(), "\n"))
	require.NotContains(t, log.String(), "anna")
	require.NotContains(t, log.String(), "geheim")
	require.Contains(t, log.String(), `"operation":"create User","status":201`)
	require.Contains(t, log.String(), `"account":"a"`)
}

func TestPanicIsAnError(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, &log, server.Config{
		Types:    schema.Core(),
		Settings: func(context.Context, string) (scim.Profile, scim.Limits, error) { panic("settings") },
	})
	w := send(t, s, "GET /Users", "")
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "settings")
	require.Contains(t, log.String(), "panic: settings")
}
