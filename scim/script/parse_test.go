package script

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestParseTellsTheLine(t *testing.T) {
	for text, message := range map[string]string{
		"":                           "s.http has no steps",
		"# only a comment\nnonsense": "s.http:2: the preamble holds",
		"let x":                      "s.http:1: write 'let name = value'",
		"> Accept":                   "s.http:1: a header is 'Name: value'",
		"=== a\nGET /":               "s.http:2: a step starts with '> METHOD /path'",
		"=== a\n> GET /\n":           `s.http:3: step "a" has no expected status`,
		"=== a\n> GET /\n=== b":      `s.http:3: step "a" has no expected status`,
		"=== a\n> GET /\n< 2xx":      `s.http:3: "2xx" is no status`,
		"=== a\n> GET /\n< 99":       `"99" is no status`,
		"=== a\n> GET /\n< 200\n{":   "expected body: the JSON text ends too early",
		"=== a\n> GET /\n< 200\n{\"id\": \"<strng>\"}": `"<strng>" is no placeholder`,
		"=== a\n> GET /\n< 200\n< ETag: <strng>":       `"<strng>" is no placeholder`,
		"=== a\n> GET /\n< 200\n\"<match (>\"":         "error parsing regexp",
		"=== a\n> GET /\n< 204\n{}":                    "a 204 has no body",
	} {
		_, err := Parse("s.http", text)
		require.ErrorContains(t, err, message, text)
	}
}

func TestLoad(t *testing.T) {
	step := []byte("=== a\n> GET /\n< 200\n")
	fsys := fstest.MapFS{"clients/b.http": {Data: step}, "clients/a.http": {Data: step}, "clients/c.txt": {}}
	scripts, err := Load(fsys, "clients/*.http")
	require.NoError(t, err)
	require.Len(t, scripts, 2)
	require.Equal(t, "a.http", scripts[0].Name)
	require.Equal(t, "default", scripts[0].Profile)
	_, err = Load(fsys, "rfc/*.http")
	require.ErrorContains(t, err, "no script matches rfc/*.http")
	fsys["clients/d.http"] = &fstest.MapFile{Data: []byte("x")}
	_, err = Load(fsys, "clients/*.http")
	require.ErrorContains(t, err, "d.http:1")
}
