package script

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const clients = "../../testdata/clients/"

func readClients(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(clients + name)
	require.NoError(t, err)
	return string(text)
}

// requireAll asks for a row for each number; a letter tells variants apart.
func requireAll(t *testing.T, letter string, last int, ids []string) {
	t.Helper()
	for n := 1; n <= last; n++ {
		id := fmt.Sprintf("%s%02d", letter, n)
		found := slices.ContainsFunc(ids, func(s string) bool { return len(s) >= 3 && s[:3] == id })
		require.True(t, found, "no row %s", id)
	}
}

func TestPatchTableIsComplete(t *testing.T) {
	rows, err := ParsePatchTable("patch.txt", readClients(t, "patch.txt"))
	require.NoError(t, err)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	requireAll(t, "P", 60, ids)
}

func TestQueryTableIsComplete(t *testing.T) {
	table, err := ParseQueryTable("queries.txt", readClients(t, "queries.txt"))
	require.NoError(t, err)
	requireAll(t, "Q", 32, table.IDs())
}

func TestScriptsParse(t *testing.T) {
	for _, pattern := range []string{"clients/*.http", "rfc/*.http"} {
		_, err := Load(os.DirFS("../../testdata"), pattern)
		require.NoError(t, err)
	}
}

const patchTable = `# comment
=== P01 User: title
# Who sends it.
{"title": "old"}
> {"op": "replace", "path": "title", "value": "{{aName}}"}
< 200
{"title": "{{aName}}"}
< strict 400 invalidValue

=== P02 Group: nothing changes
> [{"op": "remove", "path": "members"}]
< 200 unchanged
`

func TestPatchRowBecomesScript(t *testing.T) {
	rows, err := ParsePatchTable("patch.txt", patchTable)
	require.NoError(t, err)
	require.Len(t, rows, 2)

	s, err := rows[0].Script("default")
	require.NoError(t, err)
	var titles []string
	for _, step := range s.Steps {
		titles = append(titles, step.Title)
		require.Equal(t, 2, step.Line)
	}
	require.Equal(t, []string{"User a", "The resource that is to be changed", "P01 User: title",
		"What is stored is what was answered", "Clean up", "Clean up"}, titles)
	require.Equal(t, []int{200}, s.Steps[2].statuses)
	require.Equal(t, []header{{"Etag", "<not {{etag}}>"}}, s.Steps[2].expected)

	s, err = rows[0].Script("strict")
	require.NoError(t, err)
	require.Equal(t, "strict", s.Profile)
	require.Equal(t, []int{400}, s.Steps[2].statuses)
	require.Equal(t, `{"scimType":"invalidValue"}`, s.Steps[2].want.String())
	require.Equal(t, "Nothing was changed", s.Steps[3].Title)

	s, err = rows[1].Script("strict")
	require.NoError(t, err)
	require.Equal(t, []header{{"Etag", "{{etag}}"}}, s.Steps[1].expected)
}

func TestPatchTableErrors(t *testing.T) {
	for text, message := range map[string]string{
		"":                                "has no rows",
		"x\n=== P01 User: a":              "row P01 has no result",
		"=== P01 User: a\n> {}\n< strict": "a result is",
		"=== P01 Thing: a\n> {\"op\": \"add\"}\n< 200":                                           "a row is '=== id User: title'",
		"=== P01 User: a\n< 200":                                                                 "a row is '=== id User: title'",
		"=== P01 User: a\n[]\n> {\"op\": \"add\"}\n< 200":                                        "resource: want a JSON object",
		"=== P01 User: a\n> {\"op\": \"add\"}\n< 200\n{":                                         "expected body: the JSON text ends too early",
		"=== P01 User: a\n> {\"op\": \"add\"}\n< 200\n< 400":                                     "the row has that result already",
		"=== P01 User: a\n> {\"op\": \"add\"}\n< 200\n=== P01 User: a\n> {\"op\": \"x\"}\n< 200": "row P01 is there twice",
	} {
		_, err := ParsePatchTable("patch.txt", text)
		require.ErrorContains(t, err, message, text)
	}
}

const queryTable = `let mail = alice@example.com
User alice
{"userName": "{{mail}}"}
Group team
{"displayName": "Team", "members": [{"value": "{{alice}}"}]}

=== Q01 one
> GET /Users?filter=userName+eq+%22{{url mail}}%22&
< 200 alice
< strict 400 invalidFilter

=== Q02 none
> GET /Users?
< 200 none

=== Q03 two
> GET /All
< 200 in order: team alice
{"startIndex": 1}
`

func TestQueryTableBecomesScript(t *testing.T) {
	table, err := ParseQueryTable("queries.txt", queryTable)
	require.NoError(t, err)
	s, err := table.Script("default")
	require.NoError(t, err)
	require.Len(t, s.Steps, 9)
	require.Equal(t, "Q01 one", s.Steps[4].Title)
	require.Equal(t, 7, s.Steps[4].Line)
	require.Equal(t, "/Users?filter=userName+eq+%22{{url mail}}%22&", s.Steps[4].target)
	require.Equal(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"{{alice}}"}]}`,
		s.Steps[4].want.String())
	require.Equal(t, "/Users?", s.Steps[5].target)
	require.Equal(t, `{"startIndex":1,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":["<in order>",{"id":"{{team}}"},{"id":"{{alice}}"}]}`,
		s.Steps[6].want.String())

	s, err = table.Script("strict")
	require.NoError(t, err)
	require.Equal(t, `{"scimType":"invalidFilter"}`, s.Steps[4].want.String())
}

func TestQueryTableErrors(t *testing.T) {
	_, err := ParseQueryTable("q.txt", "User alice\n{\n=== Q01 a\n> GET /\n< 200")
	require.ErrorContains(t, err, "the JSON text ends too early")
	_, err = ParseQueryTable("q.txt", "=== Q01 a\n> GET /\n< 200 bob")
	require.ErrorContains(t, err, `"bob" is no resource of the table`)
	_, err = ParseQueryTable("q.txt", "nonsense\n=== Q01 a\n> GET /\n< 200")
	require.ErrorContains(t, err, "want 'let name = value'")
}
