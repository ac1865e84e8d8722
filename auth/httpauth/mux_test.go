package httpauth_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// says answers with a word and the parameters of the path.
func says(word string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, word)
		for _, name := range []string{"id", "key", "*", "other"} {
			if value := httpauth.Param(r, name); value != "" {
				fmt.Fprintf(w, " %s=%s", name, value)
			}
		}
	})
}

func open(method, pattern, name string) httpauth.Route {
	return httpauth.Route{Method: method, Pattern: pattern, Scope: auth.Open, Name: name, Handler: says(name)}
}

// things, and a surface below it with a form of its own.
var (
	things = httpauth.Surface{
		Root: "/v1",
		Routes: []httpauth.Route{
			open("GET", "/v1", "root"),
			open("GET", "/v1/things", "list"),
			open("POST", "/v1/things", "create"),
			open("GET", "/v1/things/{id}", "get"),
			open("DELETE", "/v1/things/{id}", "delete"),
			open("POST", "/v1/things/.search", "search"),
			open("PUT", "/v1/things/{id}/data/{key}", "put"),
			open("GET", "/v1/files/*", "file"),
		},
		Fail:     plainly("one"),
		NotFound: "no such thing",
	}
	inner = httpauth.Surface{
		Root:     "/v1/inner",
		Routes:   []httpauth.Route{open("PATCH", "/v1/inner/{id}", "patch")},
		Fail:     plainly("two"),
		NotFound: "nothing in here",
	}
)

func TestDispatch(t *testing.T) {
	m := muxOf(io.Discard, "", things, inner)
	for _, row := range []struct {
		request string
		status  int
		answer  string // body, or what Allow says
	}{
		{"GET /v1", 200, "root"},
		{"GET /v1/", 200, "root"},
		{"GET /v1/things", 200, "list"},
		{"GET /v1/things/", 200, "list"},
		{"GET /v1/things///?q=/", 200, "list"},
		{"HEAD /v1/things", 200, "list"}, // net/http leaves it out
		{"POST /v1/things", 200, "create"},
		{"GET /v1/things/7", 200, "get id=7"},
		{"GET /v1/things/{id}", 200, "get id={id}"},
		{"GET /v1/things/.search", 405, "OPTIONS, POST"},
		{"POST /v1/things/.search", 200, "search"},
		{"GET /v1/files/a/b", 200, "file *=a/b"},

		{"GET /v1/things/a%2Fb", 200, "get id=a/b"},
		{"GET /v1/things/a%2F", 200, "get id=a/"},
		{"GET /v1/things/%2F", 200, "get id=/"},
		{"GET /v1/things/a%20b", 200, "get id=a b"},
		{"GET /v1/things/a%2Bb+c", 200, "get id=a+b+c"},
		{"GET /v1/things/100%25", 200, "get id=100%"},
		{"GET /v1/things/a%2525", 200, "get id=a%25"},
		{"GET /v1/things/a%252Fb%2F", 200, "get id=a%2Fb/"},
		{"GET /v1/things/urn%3Ax", 200, "get id=urn:x"},
		{"GET /v1/things/%C3%A9", 200, "get id=é"},
		{"PUT /v1/things/1%2F2/data/x%2Fy", 200, "put id=1/2 key=x/y"},
		{"GET /v1/things/..", 200, "get id=.."},
		{"GET /v1/things/" + strings.Repeat("x", 100_000), 200, "get id=" + strings.Repeat("x", 100_000)},

		{"GET /v1/nothing", 404, "one: no such thing"},
		{"GET /v1/things/7/data", 404, "one: no such thing"},
		{"PUT /v1/things//data/k", 404, "one: no such thing"},
		{"PUT /v1/things/7/data/", 404, "one: no such thing"},
		{"GET /v1//things", 404, "one: no such thing"},
		{"GET /v1/files", 404, "one: no such thing"},
		{"GET /v1/THINGS", 404, "one: no such thing"},
		{"GET /v1/" + strings.Repeat("a/", 50_000), 404, "one: no such thing"},
		{"GET /v1/inner", 404, "two: nothing in here"},
		{"PATCH /v1/inner/a/b", 404, "two: nothing in here"},
		{"GET /v1/innermost", 404, "one: no such thing"},
		{"GET /", 404, "one: no such thing"},
		{"GET /v2/things", 404, "one: no such thing"},
		{"GET /v11", 404, "one: no such thing"},
		{"BREW /nothing", 404, "one: no such thing"},

		{"PUT /v1/things", 405, "GET, HEAD, OPTIONS, POST"},
		{"get /v1/things", 405, "GET, HEAD, OPTIONS, POST"},
		{"BREW /v1/things", 405, "GET, HEAD, OPTIONS, POST"},
		{"BREW /v1/things/a%2Fb/data/c%2F", 405, "OPTIONS, PUT"},
		{"HEAD /v1/things/7/data/k", 405, "OPTIONS, PUT"},
		{"GET /v1/inner/7", 405, "OPTIONS, PATCH"},
		{"OPTIONS /v1/inner/7/", 204, "OPTIONS, PATCH"},
		{"OPTIONS /v1/things/7", 204, "DELETE, GET, HEAD, OPTIONS"},
		{"OPTIONS /v1/nothing", 404, "one: no such thing"},
	} {
		t.Run(fmt.Sprintf("%.60s", row.request), func(t *testing.T) {
			method, target, _ := strings.Cut(row.request, " ")
			w := httptest.NewRecorder()
			m.ServeHTTP(w, httptest.NewRequest(method, target, nil))
			require.Equal(t, row.status, w.Code, w.Body)
			switch row.status {
			case 204:
				require.Empty(t, w.Body)
				require.Equal(t, row.answer, w.Header().Get("Allow"))
			case 405:
				require.Equal(t, row.answer, w.Header().Get("Allow"))
				form := map[bool]string{false: "one: ", true: "two: "}[strings.Contains(target, "/inner/")]
				require.Equal(t, form+"this endpoint does not take that method; it takes "+row.answer, w.Body.String())
			default:
				require.Equal(t, row.answer, w.Body.String())
			}
		})
	}
}

// TestRefusalsHaveTheFormOfTheSurface: what stops before the handler looks like
// what the handler would answer.
func TestRefusalsHaveTheFormOfTheSurface(t *testing.T) {
	guarded := httpauth.Surface{
		Root:   "/v2",
		Routes: []httpauth.Route{{Method: "GET", Pattern: "/v2/x", Scope: auth.SCIMWrite, Name: "x", Handler: says("x")}},
		Fail:   plainly("two"),
	}
	m := muxOf(io.Discard, "", things, guarded)
	for _, row := range []struct {
		authorization string
		status        int
	}{{"", 401}, {"Bearer nobody", 401}, {"Bearer " + reader, 403}, {"Bearer a,b", 400}, {"Bearer broken", 503}, {"Bearer " + writer, 200}} {
		r := httptest.NewRequest("GET", "/v2/x", nil)
		if row.authorization != "" {
			r.Header.Set("Authorization", row.authorization)
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		require.Equal(t, row.status, w.Code, row.authorization)
		require.Equal(t, row.status != 200, strings.HasPrefix(w.Body.String(), "two: "), row.authorization)
	}
}

// TestEveryRouteIsReached: a Mux does not keep quiet about one that is not.
func TestEveryRouteIsReached(t *testing.T) {
	m := muxOf(io.Discard, "", things, inner)
	routes := m.Routes()
	require.Len(t, routes, len(things.Routes)+len(inner.Routes))
	routes[0].Name = "changed"
	require.Equal(t, "root", m.Routes()[0].Name)

	for name, more := range map[string]httpauth.Surface{
		"outside of the root":            {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v3/x", "x")}},
		"beside the root":                {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v22", "x")}},
		"in another surface":             {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v1/more", "x")}},
		"the same root twice":            {Root: "/v1", Routes: []httpauth.Route{open("GET", "/v1/more", "x")}},
		"twice":                          {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v2/x", "x"), open("GET", "/v2/x", "y")}},
		"with another name of parameter": {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v2/{a}", "x"), open("PUT", "/v2/{b}", "y")}},
		"HEAD":                           {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v2/x", "x"), open("HEAD", "/v2/x", "y")}},
		"HEAD alone":                     {Root: "/v2", Routes: []httpauth.Route{open("HEAD", "/v2/x", "y")}},
		"slash at the end":               {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v2/x/", "x")}},
		"regular expression":             {Root: "/v2", Routes: []httpauth.Route{open("GET", "/v2/{x:[0-9]+}", "x")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := httpauth.NewMux(httpauth.Config{Authenticator: tokens{}}, things, more)
			require.ErrorContains(t, err, "cannot be reached")
		})
	}
}

// FuzzPath: whatever the path, it ends in a route or in a 404 or 405, and no
// parameter of it is empty.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/v1/things/7", "/v1/accounts/a/things/7", "/v1/accounts//", "/v1//", "//", "/v1/things/%2F/data/%", "*", "", "\x00", "/v1/files/../../v1"} {
		f.Add(seed, "")
		f.Add(seed, seed)
	}
	get := func(w http.ResponseWriter, r *http.Request) {
		if httpauth.Param(r, "id") == "" || len(auth.OriginFrom(r.Context()).Account) > 64 {
			w.WriteHeader(500)
		}
	}
	m := muxOf(io.Discard, "", httpauth.Surface{
		Root: "/v1", Fail: plainly(""), Accounts: true,
		Routes: []httpauth.Route{
			{Method: "GET", Pattern: "/v1/things/{id}", Handler: http.HandlerFunc(get)},
			{Method: "GET", Pattern: "/v1/things/{id}/data/{key}", Handler: http.HandlerFunc(get)},
			{Method: "PUT", Pattern: "/v1/{id}", Handler: http.HandlerFunc(get)},
		},
	})
	f.Fuzz(func(t *testing.T, path, raw string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawPath = path, raw
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		require.Contains(t, []int{200, 404, 405}, w.Code)
	})
}
