package script

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// functions are those of a test: sent returns its words in brackets, object an
// object, and broken fails.
func functions() map[string]Function {
	return map[string]Function{
		"sent": func(_ context.Context, words []string) (scim.Value, error) {
			return scim.StringValue("[" + strings.Join(words, "|") + "]"), nil
		},
		"object": func(context.Context, []string) (scim.Value, error) {
			return scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(`"x"`)}), nil
		},
		"broken": func(context.Context, []string) (scim.Value, error) {
			return scim.Value{}, errors.New("nothing was sent")
		},
	}
}

func TestFunction(t *testing.T) {
	const script = `let user = ada
=== Create
> POST /Users
{"userName": "{{sent user twice}}", "emails": [{{object}}, {"value": "{{sent}}"}]}
< 201
< {{sent user}} = <string -> first>
< {{first}} = [ada]
< {{object}} = <object>
{"userName": "[ada|twice]", "emails": [{"value": "\"x\""}, {"value": "[]"}], "id": "<string -> id>"}
`
	c := server(t, "")
	c.Functions = functions()
	const text = script
	require.NoError(t, play(t, text, c).Err())
	for _, tt := range []struct{ line, replacement, wrong string }{
		{"< {{sent user}} = <string -> first>", "< {{sent user}} = [bob]", `{{sent user}}: want "[bob]"`},
		{"< {{first}} = [ada]", "< {{broken}} = x", "nothing was sent"},
		{"{{sent user twice}}", "{{broken}}", "not sent: nothing was sent"},
		{"{{sent user twice}}", "{{unknown user}}", "{{unknown user}} is not set"},
	} {
		changed := strings.Replace(text, tt.line, tt.replacement, 1)
		require.ErrorContains(t, play(t, changed, c).Err(), tt.wrong)
	}
	_, err := Parse("x", "=== A\n> GET /\n< 200\n< {{sent}}\n")
	require.ErrorContains(t, err, "write '< {{function argument}} = value'")
	_, err = Parse("x", "=== A\n> GET /\n< 200\n< {{sent}} = <nonsense>\n")
	require.ErrorContains(t, err, "no placeholder")
}

func TestMadeFunctions(t *testing.T) {
	upper := TextFunction(func(_ context.Context, word string) (string, error) { return strings.ToUpper(word), nil })
	list := JSONFunction(func(word []byte) ([]byte, error) { return []byte("[" + string(word) + "]"), nil })
	v, err := upper(t.Context(), []string{"a"})
	require.NoError(t, err)
	require.Equal(t, "A", v.Text())
	v, err = list(t.Context(), []string{"1"})
	require.NoError(t, err)
	require.Equal(t, "[1]", v.String())
	_, err = list(t.Context(), []string{"{"})
	require.Error(t, err)
	for _, f := range []Function{upper, list} {
		for _, words := range [][]string{nil, {"a", "b"}} {
			_, err := f(t.Context(), words)
			require.ErrorIs(t, err, errOneWord)
		}
	}
}

// TestRoot: what is not below the SCIM root need not be SCIM.
func TestRoot(t *testing.T) {
	c := server(t, "null")
	c.Protocol = true
	text := session[:strings.Index(session, "--- Look again")]
	text = strings.Replace(text, "< 201 exactly", "< 201", 1)
	require.ErrorContains(t, play(t, text, c).Err(), "null")
	c.Root = "/scim/v2"
	require.NoError(t, play(t, text, c).Err())
	c.Root = "/Users"
	require.ErrorContains(t, play(t, text, c).Err(), "null")
}

// TestMoment: a moment may be written in several ways.
func TestMoment(t *testing.T) {
	for have, fits := range map[string]bool{
		"2099-01-01T00:00:00Z": true, "2099-01-01T00:00:00.000Z": true, "2099-01-01T01:00:00+01:00": true,
		"2099-01-01T00:00:00.001Z": false, "2099-01-01": false, "": false,
	} {
		require.Equal(t, fits, isTime("2099-01-01T00:00:00Z", scim.StringValue(have)), have)
	}
	require.False(t, isTime("2099-01-01", scim.StringValue("2099-01-01T00:00:00Z")))
}
