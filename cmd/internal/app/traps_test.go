package app_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the folder of the module, from here.
const module = "../../.."

// trapTests is what the table has: the tests of each entry, as "folder Test", and
// the rows, as "rows Z1".
func trapTests(t *testing.T) map[string][]string {
	text, err := fs.ReadFile(testdata, "seeds/traps.txt")
	require.NoError(t, err)
	table, entry := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  "):
			require.NotEmpty(t, entry)
			for _, name := range words[1:] {
				table[entry] = append(table[entry], words[0]+" "+name)
			}
		default:
			entry = words[0]
			require.NotContains(t, table, entry, "it is there twice")
			require.Greater(t, len(words), 1, "%s does not say what it is", entry)
			table[entry] = nil
		}
	}
	return table
}

// TestTraps: each trap, each bad input and each thing that was asked for has tests,
// and they are there.
func TestTraps(t *testing.T) {
	table := trapTests(t)
	there := testsOf(t)
	for _, row := range readOperations(t) {
		there["rows "+row.id] = true
	}
	var want []string
	for prefix, n := range map[string]int{"": 34, "B": 11, "I": 9} {
		for i := range n {
			want = append(want, fmt.Sprint(prefix, i+1))
		}
	}
	for _, entry := range want {
		require.NotEmpty(t, table[entry], "%s has no test", entry)
		for _, name := range table[entry] {
			require.True(t, there[name], "%s names %q, which there is not", entry, name)
		}
	}
	require.Len(t, table, len(want))
	numbered := regexp.MustCompile(`^\S+ TestTrap([0-9]+)`)
	for name := range there {
		if trap := numbered.FindStringSubmatch(name); trap != nil {
			require.Contains(t, table[trap[1]], name, "a test of a trap that the table does not name")
		}
	}
}

// testsOf finds the tests of all packages, as "folder Test".
func testsOf(t *testing.T) map[string]bool {
	tests := map[string]bool{}
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(module, filepath.Dir(path))
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[filepath.ToSlash(folder)+" "+f.Name.Name] = true
			}
		}
		return err
	})
	require.NoError(t, err)
	return tests
}

// TestToyIsSmall: an extension with everything that one can have, and its test, are
// less than a hundred lines.
func TestToyIsSmall(t *testing.T) {
	text, err := os.ReadFile("extension_test.go")
	require.NoError(t, err)
	require.Less(t, bytes.Count(text, []byte("\n")), 100)
}
