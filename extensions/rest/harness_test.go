package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
)

// toy is a body with everything that a body can have.
type toy struct {
	Name    string         `json:"name" minLength:"1" maxLength:"5"`
	Kind    string         `json:"kind" enum:"a,b" default:"a"`
	Count   int            `json:"count,omitzero" minimum:"1" maximum:"9"`
	On      bool           `json:"on" default:"true"`
	At      time.Time      `json:"at,omitzero"`
	Data    []byte         `json:"data,omitzero"`
	Tags    []string       `json:"tags,omitzero" minItems:"1" maxItems:"2" maxLength:"3"`
	Parts   []toyPart      `json:"parts,omitzero"`
	Roles   *[]string      `json:"roles,omitzero"`
	Nick    Maybe[*string] `json:"nick,omitzero"`
	Title   Maybe[string]  `json:"title,omitzero"`
	Secret  auth.Secret    `json:"secret,omitzero"`
	Options scim.Value     `json:"options,omitzero"`
}

type toyPart struct {
	ID string `json:"id"`
}

type toyQuery struct {
	ID     string    `path:"id"`
	Word   string    `query:"word,omitzero" maxLength:"3"`
	Number int       `query:"number" default:"7" maximum:"9"`
	Flag   bool      `query:"flag" default:"false"`
	Order  string    `query:"order" default:"asc" enum:"asc,desc"`
	Names  []string  `query:"names,omitzero" maxItems:"2"`
	After  uint64    `query:"after" default:"0"`
	Since  time.Time `query:"since,omitzero"`
}

// serve returns a server of routes.
func serve(t testing.TB, routes ...Route) http.Handler {
	t.Helper()
	mux, err := httpauth.NewMux(httpauth.Config{Authenticator: anybody{}, Logger: slog.New(slog.DiscardHandler)}, toys(routes...).Surface())
	require.NoError(t, err)
	return mux
}

// root is where the toys are.
const root = "/v1/toys"

// toys returns an API of routes, with small limits.
func toys(routes ...Route) *API {
	return New(Config{
		Root: root, Name: "toy API", Introduction: "Toys.", Routes: routes,
		Protocol: func(context.Context, string) (scim.Profile, scim.Limits, error) {
			limits := scim.DefaultLimits()
			limits.Body, limits.BulkBody = 500, 1000
			return scim.DefaultProfile(), limits, nil
		},
		Codes: []Meaning{{"no_seat", 409, "There is no place left to sit"}},
		CodeOf: func(err error) Code {
			if t, ok := errors.AsType[*tired](err); ok {
				return t.code
			}
			return ""
		},
	})
}

// tired is an error with a code.
type tired struct{ code Code }

func (*tired) Error() string { return "tired" }
func (*tired) Unwrap() error { return scim.Errorf(409, "", "sleep first") }

// anybody knows the token "good".
type anybody struct{}

func (anybody) Authenticate(_ context.Context, s auth.Secret) (*auth.Principal, error) {
	if s.Reveal() != "good" {
		return nil, auth.ErrUnauthenticated
	}
	return &auth.Principal{Account: "acme", Subject: "token", Scopes: []auth.Scope{auth.UserRead, auth.UserWrite}}, nil
}

// request makes a request; headers are "name: value".
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, root+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer good")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// problem reads a problem document and checks what all of them have.
func problem(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	var p Problem
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, "about:blank", p.Type)
	require.Equal(t, w.Code, p.Status)
	require.Equal(t, http.StatusText(w.Code), p.Title)
	require.Equal(t, w.Header().Get("X-Correlation-Id"), p.CorrelationID)
	require.NotEmpty(t, p.CorrelationID)
	return p
}
