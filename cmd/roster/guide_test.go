package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
)

// TestSchemasGuide does what docs/schemas.md says, with the examples and with data
// of an earlier server.
func TestSchemasGuide(t *testing.T) {
	r := follow(t, "docs/schemas.md", func(r *reader) {
		examples := filepath.Join(r.folder, "testdata", "schemas")
		require.NoError(t, os.CopyFS(examples, os.DirFS(filepath.Join("..", "..", "testdata", "schemas"))))
		r.serve([]string{"--dev", "--data", "data", "--schemas", "testdata/schemas"})
		r.stop()
	})
	require.Equal(t, []string{"201 POST", "200 GET"}, r.answers)
	require.Contains(t, r.bodies[1], `"totalResults":1,`)
}

// TestSchemasGuideExamples checks the definitions that it shows.
func TestSchemasGuideExamples(t *testing.T) {
	shown := blocks(page(t, "docs/schemas.md"), "json")
	require.Len(t, shown, 2)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"badge.json": shown[0],
		"type.json":  shown[1],
		"device.json": `[{"id":"urn:example:schemas:core:1.0:Device","attributes":[{"name":"a"}]},
			{"id":"urn:example:schemas:extension:audit:1.0:Device","attributes":[{"name":"a"}]}]`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	output, err := exec.Command("roster", "schema", "check", folder).CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, string(output), "/Devices")
}

// TestSchemasGuideNotes: its table has every member that tells the server something.
func TestSchemasGuideNotes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"id":"urn:example:schemas:a:1.0:User","attributes":[{"name":"a","roster":{"x":true}}]}`), 0o600))
	refusal, err := exec.Command("roster", "schema", "check", file).CombinedOutput()
	require.Error(t, err)
	_, list, _ := strings.Cut(strings.TrimSpace(string(refusal)), "there are ")
	_, table, _ := strings.Cut(page(t, "docs/schemas.md"), "| member | what it does |")
	table, _, _ = strings.Cut(table, "\n\n")
	var told []string
	for _, member := range firstColumn(table) {
		name, _, _ := strings.Cut(member, ":")
		told = append(told, strings.Trim(name, `"`))
	}
	require.ElementsMatch(t, strings.Split(list, ", "), told)
}

// TestAccountGuide does what docs/account.md says.
func TestAccountGuide(t *testing.T) {
	r := follow(t, "docs/account.md")
	require.Equal(t, []string{
		"200 GET",  // the API's description
		"200 GET",  // a list
		"201 POST", // a user and its life
		"200 POST", "409 POST", "200 POST", "204 DELETE", "200 POST", "409 POST",
		"201 POST", "202 PUT", // a role
		"201 POST", "200 POST", // a unit
		"204 PUT", "200 GET", // metadata
		"201 POST", "200 POST", // an invitation
		"200 POST",                        // a login
		"201 POST", "201 POST", "200 GET", // a machine
		"200 GET", "200 GET", // the history
	}, r.answers)
	for answer, says := range map[int]string{
		4: `"code":"already_locked"`, 5: `"status":"active"`, 8: `"code":"not_removed"`, 12: `"name":"Berlin"`,
		14: `"key":"app/theme"`, 17: `"status":"authenticated"`, 20: `"scopes":["user:read"]`, 22: `"type":"user.locked"`,
	} {
		require.Contains(t, r.bodies[answer], says)
	}
	require.Contains(t, r.bodies[0], `"openapi":"3.1.`)
}

// TestAccountGuideCodes: the table of codes is that of the API's own description.
func TestAccountGuideCodes(t *testing.T) {
	r := newReader(t)
	r.serve([]string{"--dev"})
	r.curl([]string{r.variables["API"] + "/openapi.json"})
	var document struct {
		Info struct{ Description string }
	}
	require.NoError(t, json.Unmarshal([]byte(r.bodies[0]), &document))
	var described []string
	for _, row := range regexp.MustCompile("(?m)^- `(\\w+)` \\((\\d+)\\): (.*)$").FindAllStringSubmatch(document.Info.Description, -1) {
		described = append(described, "| `"+row[1]+"` | "+row[2]+" | "+row[3]+" |")
	}
	_, table, _ := strings.Cut(page(t, "docs/account.md"), "| code | status | means |\n|---|---|---|\n")
	require.Equal(t, described, strings.Split(strings.TrimSpace(table), "\n"))
}

// TestAccountGuideEvents: the table of types of events has all that are said of
// users, as the sources of the account model name them.
func TestAccountGuideEvents(t *testing.T) {
	named := regexp.MustCompile(`"(user(?:\.[a-zA-Z]+)+)"`)
	var want []string
	sources, err := filepath.Glob(filepath.Join("..", "..", "extensions", "accountuser", "*", "*.go"))
	require.NoError(t, err)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			want = append(want, found[1])
		}
	}
	_, table, _ := strings.Cut(page(t, "docs/account.md"), "| about | types |")
	table, _, _ = strings.Cut(table, "\n\n")
	var told []string
	for _, found := range regexp.MustCompile("`(user[.][a-zA-Z.]+)`").FindAllStringSubmatch(table, -1) {
		told = append(told, found[1])
	}
	slices.Sort(want)
	slices.Sort(told)
	require.Equal(t, slices.Compact(want), told)
}

// TestSettingsGuide does what docs/settings.md says.
func TestSettingsGuide(t *testing.T) {
	r := follow(t, "docs/settings.md")
	var shown, written map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.screen[4]), &shown))
	require.NoError(t, json.Unmarshal([]byte(blocks(page(t, "docs/settings.md"), "json")[0]), &written))
	for name, value := range written {
		if name != "webhooks" { // its secret is hidden
			require.Equal(t, value, shown[name], name)
		}
	}
}

// TestSettingsGuideIsComplete: its tables have every setting of accounts, its
// example too, and every flag of the server with its variable.
func TestSettingsGuideIsComplete(t *testing.T) {
	text := page(t, "docs/settings.md")
	ofAccount, ofServer, _ := strings.Cut(text, "\n## Of the server")
	_, table, _ := strings.Cut(ofAccount, "| setting | means | default |")
	require.ElementsMatch(t, settingsOf(reflect.TypeFor[registry.Settings](), ""), firstColumn(table))
	for _, name := range settingsOf(reflect.TypeFor[registry.Settings](), "") {
		require.Contains(t, blocks(text, "json")[0], `"`+name[strings.LastIndexByte(name, '.')+1:]+`":`)
	}

	help, err := exec.Command("roster", "serve", "--help").Output()
	require.NoError(t, err)
	_, table, _ = strings.Cut(ofServer, "| flag | variable | means |")
	table, _, _ = strings.Cut(table, "\n\n")
	var flags []string
	for _, found := range regexp.MustCompile(`(?m)^ +(--[a-z-]+)[= ]`).FindAllStringSubmatch(string(help), -1) {
		flags = append(flags, found[1])
	}
	require.ElementsMatch(t, flags, firstColumn(table))
	variables := regexp.MustCompile(`ROSTER_[A-Z_]+`)
	require.ElementsMatch(t, variables.FindAllString(string(help), -1), variables.FindAllString(table, -1))
}

// settingsOf lists the members of the JSON of a struct, those of a member by
// "member.of".
func settingsOf(of reflect.Type, prefix string) (names []string) {
	for _, field := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = append(names, settingsOf(inner, prefix+name+".")...)
			continue
		}
		names = append(names, prefix+name)
	}
	return names
}

// firstColumn lists what stands in backquotes in the first column of a table.
func firstColumn(table string) (names []string) {
	for line := range strings.Lines(table) {
		column, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(column, -1) {
			names = append(names, found[1])
		}
	}
	return names
}
