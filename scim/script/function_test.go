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
