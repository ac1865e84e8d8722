package httpauth_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// TestEveryAnswerIsProtected: whatever became of the request.
func TestEveryAnswerIsProtected(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		w.Header().Set("Cache-Control", "max-age=900")
	}
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{
			reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}},
			"none": {Account: "a", Subject: "n"},
		},
		Logger:         slog.New(slog.DiscardHandler),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
	}, surface, httpauth.Surface{Root: "/v2", Fail: plainly(""), Routes: []httpauth.Route{
		{Method: "GET", Pattern: "/v2/page", Name: "page", Handler: http.HandlerFunc(page)},
		{Method: "GET", Pattern: "/v2/panic", Name: "panic", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })},
	}})
	require.NoError(t, err)
	for _, row := range []struct {
		request, token, scheme string
		status                 int
		more                   map[string]string
	}{
		{"GET http://here/required", reader, "", 200, nil},
		{"GET http://here/required", "", "", 401, nil},
		{"GET http://here/required", "none", "", 403, nil},
		{"GET http://here/required", "broken", "", 503, nil},
		{"GET http://here/nothing", "", "", 404, nil},
		{"PUT http://here/required", "", "", 405, nil},
		{"OPTIONS http://here/required", "", "", 204, nil},
		{"GET http://here/v2/panic", "", "", 500, nil},
		{"GET http://here/v2/page", "", "", 200, map[string]string{"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=900"}},
		{"GET https://here/required", "", "", 401, map[string]string{"Strict-Transport-Security": "max-age=31536000"}},
		{"GET http://here/required", "", "https", 401, map[string]string{"Strict-Transport-Security": "max-age=31536000"}},
		{"GET https://here/required", "", "http", 401, nil},
	} {
		t.Run(row.request+" "+row.token+row.scheme, func(t *testing.T) {
			method, target, _ := strings.Cut(row.request, " ")
			r := httptest.NewRequest(method, target, nil)
			if row.token != "" {
				r.Header.Set("Authorization", "Bearer "+row.token)
			}
			if row.scheme != "" {
				r.Header.Set("X-Forwarded-Proto", row.scheme)
			}
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			require.Equal(t, row.status, w.Code)
			want := map[string]string{
				"X-Content-Type-Options":    "nosniff",
				"Cache-Control":             "no-store",
				"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'",
				"Referrer-Policy":           "no-referrer",
				"Strict-Transport-Security": "",
			}
			for name, value := range row.more {
				want[name] = value
			}
			for name, value := range want {
				require.Equal(t, value, w.Header().Get(name), name)
			}
			require.Empty(t, w.Header().Get("Vary"))
		})
	}
}

// TestOrigins: pages of configured origins may use the server, and no others.
func TestOrigins(t *testing.T) {
	const app = "https://app.example.com"
	newMux := func(origins ...string) http.Handler {
		m, err := httpauth.NewMux(httpauth.Config{
			Authenticator: tokens{reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}}},
			Logger:        slog.New(slog.DiscardHandler),
			Origins:       origins,
		}, things, surfaceBelow("/v2"))
		require.NoError(t, err)
		return m
	}
	for _, row := range []struct {
		name            string
		origins         []string
		request, origin string
		asks            string // Access-Control-Request-Method
		status          int
		shared          bool
		methods         string
	}{
		{"an answer", []string{app}, "GET /v1/things", app, "", 200, true, ""},
		{"of several", []string{"http://localhost:3000", app}, "GET /v1/things", "http://localhost:3000", "", 200, true, ""},
		{"a refusal", []string{app}, "GET /v2/x", app, "", 401, true, ""},
		{"nothing", []string{app}, "GET /v1/nothing", app, "", 404, true, ""},
		{"a question", []string{app}, "OPTIONS /v1/things", app, "POST", 204, true, "GET, HEAD, OPTIONS, POST"},
		{"a question about a method that is not there", []string{app}, "OPTIONS /v1/things", app, "BREW", 204, true, "GET, HEAD, OPTIONS, POST"},
		{"a question about nothing", []string{app}, "OPTIONS /v1/nothing", app, "POST", 404, true, ""},
		{"OPTIONS alone", []string{app}, "OPTIONS /v1/things", app, "", 204, true, ""},
		{"another origin", []string{app}, "GET /v1/things", "https://evil.example.com", "", 200, false, ""},
		{"a question of another origin", []string{app}, "OPTIONS /v1/things", "https://evil.example.com", "POST", 204, false, ""},
		{"another scheme", []string{app}, "GET /v1/things", "http://app.example.com", "", 200, false, ""},
		{"another port", []string{app}, "GET /v1/things", app + ":8443", "", 200, false, ""},
		{"a longer name", []string{app}, "GET /v1/things", app + ".evil.example", "", 200, false, ""},
		{"no origin", []string{app}, "GET /v1/things", "", "", 200, false, ""},
		{"null", []string{app}, "GET /v1/things", "null", "", 200, false, ""},
		{"none configured", nil, "GET /v1/things", app, "", 200, false, ""},
		{"a question, none configured", nil, "OPTIONS /v1/things", app, "POST", 204, false, ""},
		{"no origin, none configured", nil, "OPTIONS /v1/things", "", "POST", 204, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			method, target, _ := strings.Cut(row.request, " ")
			r := httptest.NewRequest(method, target, nil)
			for name, value := range map[string]string{"Origin": row.origin, "Access-Control-Request-Method": row.asks} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			newMux(row.origins...).ServeHTTP(w, r)
			require.Equal(t, row.status, w.Code)
			h := w.Header()
			got := map[string]string{}
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
					got[name] = h.Get(name)
				}
			}
			want := map[string]string{}
			if len(row.origins) > 0 {
				want["Vary"] = "Origin"
			}
			if row.shared {
				want["Access-Control-Allow-Origin"] = row.origin
				want["Access-Control-Expose-Headers"] = "ETag, Location, Retry-After, WWW-Authenticate, X-Rate-Limit-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset, X-Correlation-Id"
			}
			if row.methods != "" {
				want["Access-Control-Allow-Methods"] = row.methods
				want["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-Match, If-None-Match, X-Account-Id, X-Correlation-Id"
				want["Access-Control-Max-Age"] = "600"
			}
			require.Equal(t, want, got)
		})
	}
}

// surfaceBelow has one route, which needs a token.
func surfaceBelow(root string) httpauth.Surface {
	return httpauth.Surface{Root: root, Fail: plainly(""), Routes: []httpauth.Route{
		{Method: "GET", Pattern: root + "/x", Scope: auth.SCIMRead, Name: "x", Handler: says("x")},
	}}
}

// TestOriginsAreExact: what a browser never sends, or all send, is a mistake.
func TestOriginsAreExact(t *testing.T) {
	for _, origin := range []string{
		"*", "", "null", "app.example.com", "https://*.example.com", "https://app.example.com/", "https://app.example.com/x",
		"https://App.example.com", "https://", "ftp://app.example.com", "https://a@app.example.com", "https://app.example.com?x", "https://a b", "\x00",
	} {
		_, err := httpauth.NewMux(httpauth.Config{Authenticator: tokens{}, Origins: []string{origin}}, things)
		require.ErrorContains(t, err, "write it as browsers do", origin)
	}
}
