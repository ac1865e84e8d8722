package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// module is its name in go.mod, root where it lies.
const (
	module = "roster"
	root   = "../../.."
)

func TestImports(t *testing.T) {
	breaches, files, err := inspect(os.DirFS(root))
	require.NoError(t, err)
	require.Greater(t, files, 50, "this is not the module")
	require.Empty(t, breaches)
}

// TestBreachIsFound plants one file and expects to be told about it.
func TestBreachIsFound(t *testing.T) {
	tests := []struct {
		file, imports string
		breach        string // "" if it is allowed
	}{
		{"scim/patch/patch.go", "roster/scim/filter", ""},
		{"scim/value.go", "roster/storage", "scim must not import storage"},
		{"storage/memory/store.go", "roster/scim", "storage/memory must not import scim"},
		{"scim/provider/extension.go", "roster/extensions/events", "scim/provider must not import extensions/events"},
		{"cmd/internal/app/app.go", "roster/storage/bolt", ""},
		{"surprise/surprise.go", "fmt", "surprise is not in the law"},
		{"storage/postgres/pg.go", "fmt", "storage/postgres is not in the law"},

		{"storage/bolt/store.go", "go.etcd.io/bbolt", ""},
		{"storage/memory/store.go", "go.etcd.io/bbolt", "storage/memory must not import go.etcd.io/bbolt"},
		{"scim/patch/patch.go", "github.com/scim2/filter-parser/v2", "scim/patch must not import github.com/scim2/filter-parser/v2"},
		{"scim/schema/load.go", "github.com/elimity-com/scim/optional", ""},
		{"scim/filter/parse.go", "example.com/new/thing", "example.com/new/thing is not in the law"},

		{"scim/value.go", "testing", "scim must not import testing"},
		{"scim/value_test.go", "testing", ""},
		{"scim/scimtest/run.go", "testing", ""},
		{"scim/value.go", "testing/fstest", "scim must not import testing/fstest"},
		{"scim/value.go", "github.com/stretchr/testify/require", "scim must not import github.com/stretchr/testify/require"},
		{"scim/value_test.go", "github.com/stretchr/testify/require", ""},

		{"scim/query/query_test.go", "roster/storage/bolt", ""},
		{"scim/query/query.go", "roster/storage/bolt", "scim/query must not import storage/bolt"},
		{"scim/query/query_test.go", "roster/scim/query", ""},
		{"scim/query/query_test.go", "roster/scim/server", "scim/query must not import scim/server"},
		{"scim/server/server_test.go", "roster/scim/query", ""}, // which its provider uses
		{"scim/server/server.go", "roster/scim/query", "scim/server must not import scim/query"},
		{"cmd/internal/app/app.go", "roster/storage/storetest", "cmd/internal/app must not import storage/storetest"},
		{"scim/schema/testdata/x.go", "roster/cmd/roster", ""},
	}
	for _, tt := range tests {
		t.Run(tt.file+" imports "+tt.imports, func(t *testing.T) {
			source := fmt.Sprintf("package p\n\nimport _ %q\n", tt.imports)
			breaches, _, err := inspect(fstest.MapFS{tt.file: {Data: []byte(source)}})
			require.NoError(t, err)
			if tt.breach == "" {
				require.Empty(t, breaches)
				return
			}
			require.Len(t, breaches, 1)
			require.Contains(t, breaches[0], tt.file)
			require.Contains(t, breaches[0], tt.breach)
		})
	}
}

// inspect returns each breach of the law in the Go files of a tree, and how
// many files there are.
func inspect(tree fs.FS) (breaches []string, files int, err error) {
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && ignored(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		files++
		imported, err := importsOf(tree, name)
		if err != nil {
			return err
		}
		breaches = append(breaches, judge(name, imported)...)
		return nil
	})
	return breaches, files, err
}

// ignored are the folders that the go command ignores too.
func ignored(folder string) bool {
	return folder == "testdata" || folder != "." && strings.ContainsAny(folder[:1], "._")
}

func importsOf(tree fs.FS, name string) ([]string, error) {
	source, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	imported := make([]string, len(file.Imports))
	for i, spec := range file.Imports {
		if imported[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			return nil, err
		}
	}
	return imported, nil
}

func judge(file string, imported []string) (breaches []string) {
	importer := path.Dir(file)
	if _, known := imports[importer]; !known {
		return []string{fmt.Sprintf("%s: %s is not in the law: add a row to law_test.go", file, importer)}
	}
	forTests := strings.HasSuffix(file, "_test.go")
	for _, target := range imported {
		if problem := refusal(importer, target, forTests); problem != "" {
			breaches = append(breaches, file+": "+problem)
		}
	}
	return breaches
}

// refusal says why a package must not import another, "" if it may.
func refusal(importer, target string, forTests bool) string {
	allowed := false
	inner, ours := strings.CutPrefix(target, module+"/")
	switch {
	case ours:
		target = inner
		allowed = mayImport(importer, target, forTests)
	case target == "testing" || strings.HasPrefix(target, "testing/"):
		allowed = forTests || slices.Contains(testPackages, importer)
	case !strings.Contains(strings.Split(target, "/")[0], "."):
		allowed = true // the standard library
	default:
		found, permitted := mayUse(importer, target, forTests)
		if !found {
			return target + " is not in the law: add a row to law_test.go"
		}
		allowed = permitted
	}
	if allowed {
		return ""
	}
	return importer + " must not import " + target
}

func mayImport(importer, target string, forTests bool) bool {
	if forTests && mayImportInTests(importer, target) {
		return true
	}
	if slices.Contains(testPackages, target) {
		return slices.Contains(testPackages, importer)
	}
	row := imports[importer]
	return slices.Contains(row, anything) || slices.Contains(row, target)
}

func mayImportInTests(importer, target string) bool {
	return target == importer || slices.Contains(inTests, target) ||
		slices.Contains(inTestsOf[importer], target) || reaches(importer, target)
}

// reaches reports whether a package may import another through others. The law
// has no cycles, or the module would not compile.
func reaches(importer, target string) bool {
	for _, next := range imports[importer] {
		if next == target || reaches(next, target) {
			return true
		}
	}
	return false
}

// mayUse looks up the module that an imported package belongs to.
func mayUse(importer, target string, forTests bool) (found, allowed bool) {
	for _, m := range testModules {
		if within(target, m) {
			found = true
			allowed = forTests || slices.Contains(testPackages, importer)
		}
	}
	for m, users := range modules {
		if within(target, m) {
			found = true
			allowed = allowed || slices.Contains(users, importer)
		}
	}
	return found, allowed
}

func within(target, module string) bool {
	return target == module || strings.HasPrefix(target, module+"/")
}
