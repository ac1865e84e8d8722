package script

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// TestOwnExtension: what a server adds of its own accord is left out wherever a
// resource may stand, and nothing else is.
func TestOwnExtension(t *testing.T) {
	v, err := scim.ParseJSON([]byte(`{"Resources": [{"schemas": ["urn:x:User", "urn:x:Own"], "urn:x:Own": {"a": 1}, "urn:x:Other": {"a": 2}, "n": 1.50}]}`))
	require.NoError(t, err)
	require.Equal(t, `{"Resources":[{"schemas":["urn:x:User"],"urn:x:Other":{"a":2},"n":1.50}]}`, withoutExtension(v, "urn:x:own").String())

	session := func(want string) *Script {
		s, err := Parse("s.http", ("=== Create\n> POST /Users\n{\"urn:x:Own\": {\"a\": 1}, \"schemas\": [\"urn:x:User\", \"urn:x:Own\"], \"emails\": [{\"value\": \"a@x\"}, {\"value\": \"b@x\"}]}\n< 201 exactly\n"+want+"\n"))
		require.NoError(t, err)
		return s
	}
	c := server(t, "")
	rest := `"id": "1", "meta": "<any>", "emails": "<any>"}`
	c.Own = []string{"urn:x:Own"}
	require.NoError(t, session(`{"schemas": ["urn:x:User"], `+rest).Play(t.Context(), c).Err())
	require.NoError(t, session(`{"schemas": ["urn:x:User", "urn:x:Own"], "urn:x:Own": {"a": 1}, `+rest).Play(t.Context(), c).Err())
	require.Error(t, session(`{"schemas": ["urn:x:User"], "urn:x:Own": "<absent>", `+rest).Play(t.Context(), c).Err(), "a step that names it sees it")
	c.Own = nil
	require.Error(t, session(`{"schemas": ["urn:x:User"], `+rest).Play(t.Context(), c).Err())
}
