package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const several = `# Two scripts.
let user = ada
> Accept: application/json
settings: {"language": "de"}

*** First
let user = bob
=== Ask
> GET /Users/{{user}}
< 200

*** Second
settings: {"language": "en"}

--- Prepare
> GET /Users/{{user}}
< 200
{"id": "1"}
`

// TestParseAll: what stands before the first heading belongs to every script, and
// lines keep their numbers.
func TestParseAll(t *testing.T) {
	scripts, err := ParseAll("several.http", several)
	require.NoError(t, err)
	require.Len(t, scripts, 2)
	first, second := scripts[0], scripts[1]
	require.Equal(t, []string{"First", "Second"}, []string{first.Heading, second.Heading})
	require.Equal(t, []binding{{"user", "ada"}, {"user", "bob"}}, first.lets)
	require.Equal(t, []binding{{"user", "ada"}}, second.lets)
	require.Equal(t, []header{{"Accept", "application/json"}}, second.headers)
	require.Equal(t, []string{`{"language": "de"}`, `{"language": "en"}`}, []string{first.Settings, second.Settings})
	require.Equal(t, []int{8, 15}, []int{first.Steps[0].Line, second.Steps[0].Line})
	method, target, body := second.Steps[0].Request()
	require.Equal(t, []string{"GET", "/Users/{{user}}", ""}, []string{method, target, body})
	statuses, expected := second.Steps[0].Expects()
	require.Equal(t, []int{200}, statuses)
	require.Equal(t, `{"id":"1"}`, expected.String())
	_, none := first.Steps[0].Expects()
	require.True(t, none.IsNull())

	one, err := ParseAll("one.http", "=== Ask\n> GET /\n< 200\n")
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.Empty(t, one[0].Heading)

	_, err = ParseAll("several.http", "*** First\n*** Second\n=== Ask\n> GET /\n< 200\n")
	require.ErrorContains(t, err, "no steps")
	_, err = ParseAll("several.http", "*** First\n\n=== Ask\n> GET /\n< none\n")
	require.ErrorContains(t, err, "several.http:5:")
}
