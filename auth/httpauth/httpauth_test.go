package httpauth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// tokens is an authenticator with fixed answers.
type tokens map[auth.Secret]*auth.Principal

func (t tokens) Authenticate(_ context.Context, s auth.Secret) (*auth.Principal, error) {
	if s == "broken" {
		return nil, errors.New("the disk is gone")
	}
	if p := t[s]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("look up: %w", auth.ErrUnauthenticated)
}

const (
	reader = "reader-token"
	writer = "writer/token+with~all.of_it=="
)

// routes serves /required, /optional and /write, which tell who asks.
func routes(logs io.Writer) http.Handler { return muxOf(logs, "roster", surface) }

// surface fails in plain text.
var surface = httpauth.Surface{
	Root: "",
	Routes: []httpauth.Route{
		{Method: "GET", Pattern: "/required", Scope: auth.SCIMRead, Name: "required", Handler: http.HandlerFunc(who)},
		{Method: "GET", Pattern: "/optional", Scope: auth.Open, Name: "optional", Handler: http.HandlerFunc(who)},
		{Method: "GET", Pattern: "/write", Scope: auth.SCIMWrite, Name: "write", Handler: http.HandlerFunc(who)},
	},
	Fail: plainly("plain"),
}

func who(w http.ResponseWriter, r *http.Request) {
	if p := auth.PrincipalFrom(r.Context()); p != nil {
		fmt.Fprint(w, p.Subject)
	}
}

// plainly fails with the form's name and the detail.
func plainly(form string) func(http.ResponseWriter, *http.Request, int, string) {
	return func(w http.ResponseWriter, _ *http.Request, status int, detail string) {
		w.WriteHeader(status)
		fmt.Fprint(w, form+": "+detail)
	}
}

func muxOf(logs io.Writer, realm string, first httpauth.Surface, more ...httpauth.Surface) *httpauth.Mux {
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{
			reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}},
			writer: {Account: "a", Subject: "w", Scopes: []auth.Scope{auth.SCIM}},
		},
		Named:  func(context.Context, string, string) (bool, error) { return true, nil },
		Realm:  realm,
		Logger: slog.New(slog.NewTextHandler(logs, nil)),
	}, first, more...)
	if err != nil {
		panic(err)
	}
	return m
}

func basic(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }

func TestAuthentication(t *testing.T) {
	const (
		noError   = `Bearer realm="roster"`
		malformed = `Bearer realm="roster", error="invalid_request"`
		invalid   = `Bearer realm="roster", error="invalid_token"`
	)
	tests := []struct {
		name, header string
		status       int
		answer       string // body of 200, else the challenge
	}{
		{"bearer", "Bearer " + reader, 200, "r"},
		{"every character of a token", "Bearer " + writer, 200, "w"},
		{"scheme in lower case", "bearer " + reader, 200, "r"},
		{"scheme in upper case", "BEARER " + reader, 200, "r"},
		{"more spaces", "Bearer   " + reader + " ", 200, "r"},
		{"basic", basic("anybody:" + reader), 200, "r"},
		{"basic in lower case", "basic" + basic("x:" + reader)[5:], 200, "r"},
		{"basic without a user", basic(":" + reader), 200, "r"},
		{"basic, wrong token", basic("anybody:nobody"), 401, invalid},
		{"unknown token", "Bearer nobody", 401, invalid},
		{"authenticator fails", "Bearer broken", 503, ""},
		{"other scheme", "Digest username=x", 401, noError},
		{"scheme alone, unknown", "x", 401, noError},
		{"token alone", writer, 200, "w"},
		{"unknown token alone", strings.Repeat("a", 24), 401, invalid},
		{"too short to be a token alone", strings.Repeat("a", 23), 401, noError},
		{"empty header", "", 401, noError},
		{"no token", "Bearer", 400, malformed},
		{"blank token", "Bearer  ", 400, malformed},
		{"two tokens", "Bearer a b", 400, malformed},
		{"tab", "Bearer\t" + reader, 401, noError},
		{"comma", "Bearer a,b", 400, malformed},
		{"quoted", `Bearer "` + reader + `"`, 400, malformed},
		{"padding only", "Bearer ==", 400, malformed},
		{"padding inside", "Bearer a=b", 400, malformed},
		{"not ASCII", "Bearer é", 400, malformed},
		{"longest", "Bearer " + strings.Repeat("a", 24<<10-7), 401, invalid},
		{"too long", "Bearer " + strings.Repeat("a", 24<<10-6), 400, malformed},
		{"very long", "Bearer " + strings.Repeat("a", 1<<20), 400, malformed},
		{"basic, no base64", "Basic %%%", 400, malformed},
		{"basic, no colon", basic(reader), 400, malformed},
		{"basic, no password", basic("anybody:"), 400, malformed},
		{"basic, token as the user", basic(reader + ":"), 400, malformed},
		{"basic, NUL", basic("x:\x00"), 400, malformed},
		{"basic, colon in the password", basic("x:a:b"), 400, malformed},
	}
	for _, tt := range tests {
		for _, route := range []string{"/required", "/optional"} {
			t.Run(tt.name+route, func(t *testing.T) {
				var logs bytes.Buffer
				r := httptest.NewRequest("GET", route, nil)
				r.Header.Set("Authorization", tt.header)
				w := httptest.NewRecorder()
				routes(&logs).ServeHTTP(w, r)
				require.Equal(t, tt.status, w.Code, w.Body)
				switch tt.status {
				case 200:
					require.Equal(t, tt.answer, w.Body.String())
					require.Empty(t, w.Header().Values("WWW-Authenticate"))
				case 503:
					require.Equal(t, "1", w.Header().Get("Retry-After"))
					require.NotContains(t, w.Body.String(), "disk")
					require.Contains(t, logs.String(), "disk")
					require.Contains(t, logs.String(), "level=ERROR")
					require.NotContains(t, logs.String(), "broken")
				default:
					require.Equal(t, tt.answer, w.Header().Get("WWW-Authenticate"))
					require.NotContains(t, logs.String(), "error=")
					require.Less(t, logs.Len(), 300)
					require.Less(t, w.Body.Len(), 200)
				}
			})
		}
	}
}

func TestSeveralHeaders(t *testing.T) {
	r := httptest.NewRequest("GET", "/optional", nil)
	r.Header.Add("Authorization", "Bearer "+reader)
	r.Header.Add("Authorization", "Bearer "+writer)
	w := httptest.NewRecorder()
	routes(io.Discard).ServeHTTP(w, r)
	require.Equal(t, 400, w.Code)
}

func TestNoCredential(t *testing.T) {
	tests := []struct {
		route  string
		status int
	}{{"/required", 401}, {"/write", 401}, {"/optional", 200}}
	for _, tt := range tests {
		t.Run(tt.route, func(t *testing.T) {
			w := httptest.NewRecorder()
			routes(io.Discard).ServeHTTP(w, httptest.NewRequest("GET", tt.route, nil))
			require.Equal(t, tt.status, w.Code)
			if tt.status == 401 {
				require.Equal(t, []string{`Bearer realm="roster"`, `Basic realm="roster", charset="UTF-8"`},
					w.Header().Values("WWW-Authenticate"))
				require.Contains(t, w.Body.String(), "Authorization: Bearer")
			}
		})
	}
}

func TestScope(t *testing.T) {
	tests := []struct {
		name, token, challenge string
		status                 int
	}{
		{"has it", writer, "", 200},
		{"lacks it", reader, `Bearer realm="roster", error="insufficient_scope", scope="scim:write"`, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/write", nil)
			r.Header.Set("Authorization", "Bearer "+tt.token)
			w := httptest.NewRecorder()
			routes(io.Discard).ServeHTTP(w, r)
			require.Equal(t, tt.status, w.Code)
			require.Equal(t, tt.challenge, strings.Join(w.Header().Values("WWW-Authenticate"), "; "))
		})
	}
}

// TestRealmIsQuoted: an odd realm cannot break out of the header.
func TestRealmIsQuoted(t *testing.T) {
	w := httptest.NewRecorder()
	muxOf(io.Discard, "a\"b\r\nX: y", surface).ServeHTTP(w, httptest.NewRequest("GET", "/required", nil))
	require.Equal(t, `Bearer realm="a\"b\r\nX: y"`, w.Header().Get("WWW-Authenticate"))
}

func TestClientWentAway(t *testing.T) {
	var logs bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequest("GET", "/required", nil).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer broken")
	w := httptest.NewRecorder()
	routes(&logs).ServeHTTP(w, r)
	require.Equal(t, 503, w.Code)
	require.NotContains(t, logs.String(), "ERROR", "nothing that an operator must see")
}

func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"Bearer " + reader, basic("x:" + writer), "Basic", "bearer  =", "\xff \xff"} {
		f.Add(seed)
	}
	handler := routes(io.Discard)
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/required", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code == 200 {
			require.Contains(t, "rw", w.Body.String())
			return
		}
		require.Contains(t, []int{400, 401, 503}, w.Code)
		require.NotContains(t, w.Body.String(), reader)
	})
}
