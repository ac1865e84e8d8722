package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinks: the documentation leads to what is there.
func TestLinks(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	pages = append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "ARCHITECTURE.md"), filepath.Join(root, "CHANGELOG.md"))
	for _, file := range pages {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			target := file
			if strings.Contains(link[1], "://") {
				continue
			}
			if link[1] != "" {
				target = filepath.Join(filepath.Dir(file), link[1])
			}
			_, err := os.Stat(target)
			require.NoError(t, err, file)
			if link[2] != "" {
				require.Contains(t, headings(t, target), link[2], "%s links to %s%s", file, target, link[2])
			}
		}
	}
}

// TestBuiltOn: the README names every module that is used.
func TestBuiltOn(t *testing.T) {
	readme := page(t, "README.md")
	direct, _, _ := strings.Cut(page(t, "go.mod"), "\n)")
	for _, module := range regexp.MustCompile(`(?m)^\t\S*?(/[^/ ]+)(?:/v[0-9]+)? v[0-9]`).FindAllStringSubmatch(direct, -1) {
		require.True(t, strings.Contains(readme, module[1]+"]"), module[0])
	}
}

// TestRooms: the architecture names every package.
func TestRooms(t *testing.T) {
	architecture, root := page(t, "ARCHITECTURE.md"), filepath.Join("..", "..")
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != "." || entry.Name() == "testdata" && path != "testdata" {
			return fs.SkipDir
		}
		if sources, _ := filepath.Glob(filepath.Join(root, path, "*.go")); len(sources) > 0 {
			require.True(t, strings.Contains(architecture, "`"+path+"`"), path)
		}
		return nil
	})
	require.NoError(t, err)
}

// headings lists the anchors of a page.
func headings(t *testing.T, file string) (anchors []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		anchors = append(anchors, "#"+strings.ReplaceAll(kept, " ", "-"))
	}
	return anchors
}
