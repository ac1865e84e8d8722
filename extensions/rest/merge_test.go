package rest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/scim"
)

// TestMergePatch has the examples of RFC 7396 appendix A, but for those whose patch
// is no object.
func TestMergePatch(t *testing.T) {
	for _, tt := range []struct{ original, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		original, err := scim.ParseJSON([]byte(tt.original))
		require.NoError(t, err)
		patch, err := scim.ParseJSON([]byte(tt.patch))
		require.NoError(t, err)
		require.JSONEq(t, tt.result, string(mergePatch(original, patch).AppendJSON(nil)), tt.patch)
	}
}

// TestMergeMany: a patch as large as a body may be is no more work than reading it.
func TestMergeMany(t *testing.T) {
	var many []scim.Member
	for i := range 50_000 {
		many = append(many, scim.Member{Name: fmt.Sprint(i), Value: scim.IntValue(i)})
	}
	patch := scim.ObjectValue(many...)
	require.Equal(t, patch, mergePatch(scim.ObjectValue(), patch))
	require.Equal(t, patch, mergePatch(patch, patch))
}

// span is a text with a form of its own.
type span time.Duration

func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	if err != nil {
		return fmt.Errorf("write it like 90s")
	}
	return nil
}

// Box is a body of which a part may be sent.
type Box struct {
	Name   string         `json:"name,omitzero" maxLength:"5"`
	Sizes  map[string]int `json:"sizes,omitempty" minimum:"1"`
	Every  span           `json:"every,omitzero"`
	Inner  BoxInner       `json:"inner,omitzero"`
	Labels []string       `json:"labels,omitempty"`
}

// BoxInner is a part of a Box.
type BoxInner struct {
	Deep string `json:"deep,omitzero"`
	More string `json:"more,omitzero"`
}

func TestMerge(t *testing.T) {
	present := Box{Name: "old", Sizes: map[string]int{"a": 1, "b": 2}, Every: span(time.Minute),
		Inner: BoxInner{"d", "m"}, Labels: []string{"x", "y"}}
	h := serve(t, Route{Method: "PATCH", Pattern: "/box", Scope: auth.UserWrite, Status: 200, Name: "change box",
		Operation: Handle(func(_ context.Context, _ *Request, in struct{ Body Merge[Box] }) (Box, error) {
			return in.Body.Into(present)
		})})
	for _, tt := range []struct {
		patch, want string
		code        Code // "" if it is taken
		detail      string
	}{
		{``, `{"name":"old","sizes":{"a":1,"b":2},"every":"1m0s","inner":{"deep":"d","more":"m"},"labels":["x","y"]}`, "", ""},
		{`{"name":null,"sizes":{"a":null,"c":3},"every":"90s","inner":{"deep":null},"labels":["z"]}`,
			`{"sizes":{"b":2,"c":3},"every":"1m30s","inner":{"more":"m"},"labels":["z"]}`, "", ""},
		{`{"sizes":null,"inner":null,"every":null,"labels":null}`, `{"name":"old"}`, "", ""},
		{`{"nome":"x"}`, "", "invalid_syntax", `no member "nome"`},
		{`{"inner":{"depe":"x"}}`, "", "invalid_syntax", `no member "inner.depe"`},
		{`{"name":"abcdef"}`, "", "invalid_value", "at most 5 characters"},
		{`{"sizes":{"a":"1"}}`, "", "invalid_value", "sizes.a must be a whole number"},
		{`{"sizes":[1]}`, "", "invalid_value", "sizes must be an object"},
		{`{"every":"soon"}`, "", "invalid_value", "every: write it like 90s"},
		{`{"every":5}`, "", "invalid_value", "every must be a string"},
		{`["name"]`, "", "invalid_value", "the body must be an object"},
		{`{"name":"a","name":"b"}`, "", "invalid_syntax", "twice"},
	} {
		for _, media := range []string{"application/json", "application/merge-patch+json"} {
			w := send(h, request("PATCH", "/box", tt.patch, "Content-Type: "+media))
			if tt.code == "" {
				require.Equal(t, 200, w.Code, "%s: %s", tt.patch, w.Body)
				require.JSONEq(t, tt.want, w.Body.String())
				continue
			}
			p := problem(t, w)
			require.Equal(t, tt.code, p.Code)
			require.Contains(t, p.Detail, tt.detail)
		}
	}
	require.Equal(t, 415, send(h, request("PATCH", "/box", "{}", "Content-Type: text/plain")).Code)
	require.Equal(t, map[string]int{"a": 1, "b": 2}, present.Sizes, "the present one is not changed")
}

// TestMergeDescribed: the document names what is merged, and both media types.
func TestMergeDescribed(t *testing.T) {
	text := string(toys(Route{Method: "PATCH", Pattern: "/box", Status: 200, Name: "change box",
		Operation: Handle(func(context.Context, *Request, struct{ Body Merge[Box] }) (Box, error) { return Box{}, nil })}).document)
	require.Contains(t, text, "A merge patch (RFC 7396) of #/components/schemas/Box")
	require.Equal(t, 1, strings.Count(text, mediaMerge))
	require.Contains(t, text, `"additionalProperties": {`)
}

// Member has the name of a type of another package.
type Member struct {
	Box Box `json:"box"`
}

// TestNamesakes: types of the same name do not take each other's schema.
func TestNamesakes(t *testing.T) {
	type answer struct {
		Ours   Member      `json:"ours"`
		Theirs scim.Member `json:"theirs"`
	}
	s := schemas{named: map[string]object{}, types: map[string]reflect.Type{}}
	all := s.plain(reflect.TypeFor[answer](), rules{})["properties"].(object)
	require.Equal(t, object{"$ref": "#/components/schemas/Member"}, all["ours"])
	require.Equal(t, object{"$ref": "#/components/schemas/MemberOfScim"}, all["theirs"])
	require.Contains(t, s.named["Member"]["properties"], "box")
	require.NotContains(t, s.named["MemberOfScim"]["properties"], "box")
}
