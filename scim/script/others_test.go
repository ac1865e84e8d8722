package script

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// TestOtherExtensions: an extension that a step does not expect is left out
// wherever a resource may stand, if the resource says that it has it.
func TestOtherExtensions(t *testing.T) {
	for _, row := range []struct{ have, want string }{
		{`{"schemas": ["urn:x:User", "urn:x:Own"], "urn:x:Own": {"a": 1}, "n": 1.50}`, `{"schemas": ["urn:x:User"], "n": 1.50}`},
		{`{"Resources": [{"schemas": ["urn:x:Own", "urn:x:User"], "urn:x:Own": {"a": 1}}]}`, `{"Resources": [{"schemas": ["urn:x:User"]}]}`},
		{`{"schemas": ["urn:x:User", "urn:x:Own"]}`, `{"schemas": ["urn:x:User", "urn:x:Own"]}`},
		{`{"schemas": ["urn:x:User"], "urn:x:Own": {"a": 1}}`, `{"schemas": ["urn:x:User"], "urn:x:Own": {"a": 1}}`},
		{`{"schemas": ["urn:x:User", "urn:x:Known"], "urn:x:Known": {"a": 1}}`, `{"schemas": ["urn:x:User", "urn:x:Known"], "urn:x:Known": {"a": 1}}`},
		{`[1, null, "x", {}]`, `[1, null, "x", {}]`},
	} {
		v, err := scim.ParseJSON([]byte(row.have))
		require.NoError(t, err)
		require.JSONEq(t, row.want, withoutOthers(v, `{"urn:x:Known": "<absent>"}`).String())
	}
}

// TestStepsWithOtherExtensions: a step that names the extension sees it.
func TestStepsWithOtherExtensions(t *testing.T) {
	c := server(t, "")
	for want, fits := range map[string]bool{
		`"schemas": ["urn:x:User"]`:                                     true,
		`"schemas": ["urn:x:User", "urn:x:Own"], "urn:x:Own": {"a": 1}`: true,
		`"schemas": ["urn:x:User"], "urn:x:Own": "<absent>"`:            false,
		`"schemas": ["urn:x:User", "{{own}}"], "{{own}}": {"a": 1}`:     true,
	} {
		s, err := Parse("s.http", `let own = urn:x:Own
=== Create
> POST /Users
{"urn:x:Own": {"a": 1}, "schemas": ["urn:x:User", "urn:x:Own"], "emails": [{"value": "a@x"}, {"value": "b@x"}]}
< 201 exactly
{"id": "1", "meta": "<any>", "emails": "<any>", `+want+"}\n")
		require.NoError(t, err)
		require.Equal(t, fits, s.Play(t.Context(), c).Err() == nil, want)
	}
}
