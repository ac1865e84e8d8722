package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSchemasGuide runs every command that docs/schemas.md shows, in a folder with
// the examples and with data of an earlier server.
func TestSchemasGuide(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "schemas.md"))
	require.NoError(t, err)
	r := &reader{t: t, folder: t.TempDir(), variables: map[string]string{}}
	t.Cleanup(r.stop)
	examples := filepath.Join(r.folder, "testdata", "schemas")
	require.NoError(t, os.CopyFS(examples, os.DirFS(filepath.Join("..", "..", "testdata", "schemas"))))
	r.serve([]string{"--dev", "--data", "data", "--schemas", "testdata/schemas"})
	r.stop()

	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		for _, words := range splitShell(t, block[1], func(name string) string { return r.variables[name] }) {
			r.run(words)
		}
	}
	require.Equal(t, []string{"201 POST", "200 GET"}, r.answers)
	require.Contains(t, r.lastAnswer, `"totalResults":1,`)
}

// TestSchemasGuideExamples checks the definitions that it shows.
func TestSchemasGuideExamples(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "schemas.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	require.Len(t, blocks, 2)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"badge.json": blocks[0][1],
		"type.json":  blocks[1][1],
		"device.json": `[{"id":"urn:example:schemas:core:1.0:Device","attributes":[{"name":"a"}]},
			{"id":"urn:example:schemas:extension:audit:1.0:Device","attributes":[{"name":"a"}]}]`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	output, err := exec.Command("roster", "schema", "check", folder).CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, string(output), "/Devices")
}
