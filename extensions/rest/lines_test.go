package rest

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/rest/resttest"
)

// log is a list that goes on.
type log struct {
	Results []toyPart `json:"results"`
	Next    string    `json:"next,omitzero"`
}

func (log) Line() reflect.Type { return reflect.TypeFor[toyPart]() }
func (l log) Lines() []any     { return Mapped(l.Results, func(p toyPart) any { return p }) }
func (l log) After() string    { return l.Next }

func TestLines(t *testing.T) {
	route := Route{Method: "GET", Pattern: "/log", Scope: auth.UserRead, Status: 200, Name: "read log",
		Operation: Handle(func(_ context.Context, _ *Request, in struct {
			After string `query:"after,omitzero"`
			Names string `query:"names,omitzero"`
		}) (log, error) {
			if in.After != "" {
				return log{Results: []toyPart{}}, nil
			}
			return log{[]toyPart{{"1"}, {"<2>"}}, "a b"}, nil
		})}
	h := serve(t, route)
	document, err := resttest.Parse(toys(route).document)
	require.NoError(t, err)
	for _, tt := range []struct {
		accept string
		lines  bool
	}{
		{"", false}, {"*/*", false}, {"application/json", false}, {"application/x-ndjson;q=0", false}, {"application/x-ndjson;q=0.00", false},
		{"application/x-ndjson", true}, {"application/json;q=0.5, application/x-ndjson", true}, {"Application/X-NDJSON; q=0.1", true},
		{"application/x-ndjson;;", false}, {",,", false},
	} {
		w := send(h, request("GET", "/log?names=x", "", "Accept: "+tt.accept))
		require.Equal(t, `</v1/toys/log?after=a+b&names=x>; rel="next"`, w.Header().Get("Link"))
		require.Equal(t, "Accept", w.Header().Get("Vary"))
		require.NoError(t, document.Check("GET", root+"/log", w.Code, w.Header(), w.Body.Bytes()))
		if tt.lines {
			require.Equal(t, "{\"id\":\"1\"}\n{\"id\":\"<2>\"}\n", w.Body.String(), tt.accept)
			require.Equal(t, mediaLines, w.Header().Get("Content-Type"))
			continue
		}
		require.JSONEq(t, `{"results":[{"id":"1"},{"id":"<2>"}],"next":"a b"}`, w.Body.String(), tt.accept)
	}
	end := send(h, request("GET", "/log?after=x", "", "Accept: application/x-ndjson"))
	require.Empty(t, end.Body.String())
	require.Empty(t, end.Header().Get("Link"))
}
