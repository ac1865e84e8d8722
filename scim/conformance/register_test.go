package conformance

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim/script"
)

// root is where the module lies.
const root = "../.."

var update = flag.Bool("update", false, "write the lines with check of the register")

func TestMain(m *testing.M) {
	flag.Parse()
	if !*update {
		os.Exit(m.Run())
	}
	// What is written is embedded by the next run only.
	if err := updateRegister(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// sections that there are, by RFC.
var sections = map[string]string{
	"7643": "1 1.1 1.2 2 2.1 2.2 2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.3.6 2.3.7 2.3.8 2.4 2.5 3 3.1 3.2 3.3 " +
		"4 4.1 4.1.1 4.1.2 4.2 4.3 5 6 7 8 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.7.1 8.7.2 9 9.1 9.2 9.3",
	"7644": "1 1.1 1.2 1.3 2 2.1 2.2 3 3.1 3.2 3.3 3.3.1 3.4 3.4.1 3.4.2 3.4.2.1 3.4.2.2 3.4.2.3 3.4.2.4 3.4.2.5 3.4.3 " +
		"3.5 3.5.1 3.5.2 3.5.2.1 3.5.2.2 3.5.2.3 3.6 3.7 3.7.1 3.7.2 3.7.3 3.7.4 3.8 3.9 3.10 3.11 3.12 3.13 3.14 " +
		"4 5 6 6.1 6.2 7 7.1 7.2 7.3 7.4 7.5 7.5.1 7.5.2 7.6 7.7 7.8 8 8.1 8.2",
	"9865": "1 1.1 1.2 2 2.1 2.2 2.3 2.4 3 4 5 5.1 5.2 5.3 5.4",
}

// features that are not there yet. Without any, nothing may be pending.
var features = []string{}

// TestRegister: every requirement is shown by something, or says why not.
func TestRegister(t *testing.T) {
	register, err := Requirements()
	require.NoError(t, err)
	require.Greater(t, len(register), 250)
	seen := map[string]bool{}
	var faults []string
	for _, r := range register {
		require.False(t, seen[r.ID], "%s is there twice", r.ID)
		seen[r.ID] = true
		require.Contains(t, strings.Fields(sections[r.Section.RFC]), r.Section.Number, r.ID)
		for _, feature := range r.Pending {
			require.Contains(t, features, feature, r.ID)
		}
		if len(r.Pending) > 0 {
			t.Logf("pending %s: %s %s %s", strings.Join(r.Pending, ", "), r.ID, r.Level, r.Text)
		}
		if fault := faultOf(r); fault != "" {
			faults = append(faults, fmt.Sprintf("%s %s %s: %s", r.ID, r.Level, fault, r.Text))
		}
	}
	require.Empty(t, faults, "\n%s", strings.Join(faults, "\n"))
}

func faultOf(r Requirement) string {
	shown := len(r.Checks)+len(r.Tests) > 0
	switch {
	case r.Untestable != "" && (shown || r.Undone != ""):
		return "is untestable, and shown all the same"
	case r.Undone != "" && r.Level.Binds():
		return "binds, and is left undone"
	case !shown && r.Untestable == "" && r.Undone == "" && len(r.Pending) == 0:
		return "is shown by nothing"
	}
	return ""
}

// TestRegisterNamesChecks: the register and the scripts say the same.
func TestRegisterNamesChecks(t *testing.T) {
	register, err := Requirements()
	require.NoError(t, err)
	shownBy := shownByChecks(t)
	for _, r := range register {
		require.Equal(t, shownBy[r.ID], r.Checks, "%s: run go test ./scim/conformance -update", r.ID)
		delete(shownBy, r.ID)
	}
	require.Empty(t, slices.Collect(maps.Keys(shownBy)), "checks show what is not in the register")
}

// TestRegisterNamesTests: the Go tests that it names are there.
func TestRegisterNamesTests(t *testing.T) {
	register, err := Requirements()
	require.NoError(t, err)
	known := map[string]map[string]bool{}
	for _, r := range register {
		for _, name := range r.Tests {
			folder, function, ok := strings.Cut(name, ".")
			require.True(t, ok, name)
			if known[folder] == nil {
				known[folder] = testsIn(t, folder)
			}
			require.True(t, known[folder][function], "%s names %s, which does not exist", r.ID, name)
		}
	}
}

// testsIn finds what runs as a test in a package: its tests, and the functions
// that a suite offers.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	found := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && takesTest(f) {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// takesTest reports whether the first parameter is a *testing.T or *testing.F.
func takesTest(f *ast.FuncDecl) bool {
	if len(f.Type.Params.List) == 0 {
		return false
	}
	pointer, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	selected, ok := pointer.X.(*ast.SelectorExpr)
	return ok && (selected.Sel.Name == "T" || selected.Sel.Name == "F")
}

// shownByChecks returns the names of the checks for each requirement.
func shownByChecks(t *testing.T) map[string][]string {
	t.Helper()
	all, err := allChecks()
	require.NoError(t, err)
	names := map[string]bool{}
	shown := map[string][]string{}
	for _, c := range all {
		require.False(t, names[c.Check], "two checks have the name %q", c.Check)
		require.NotEmpty(t, c.Shows, "%q shows nothing", c.Check)
		names[c.Check] = true
		for _, id := range c.Shows {
			require.NotContains(t, shown[id], c.Check, "%q shows %s twice", c.Check, id)
			shown[id] = append(shown[id], c.Check)
		}
	}
	return shown
}

// allChecks lists the checks of scripts, documents and rules, in the order of
// their names.
func allChecks() ([]Result, error) {
	scripts, err := load()
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, s := range scripts {
		all = append(all, checksOf(s)...)
	}
	for _, d := range documents {
		all = append(all, Result{Check: d.name, Shows: d.shows})
	}
	for _, r := range newRules() {
		all = append(all, Result{Check: r.name, Shows: r.shows})
	}
	slices.SortStableFunc(all, func(a, b Result) int { return strings.Compare(a.Check, b.Check) })
	return all, nil
}

func checksOf(s *script.Script) (all []Result) {
	for i := range s.Steps {
		if !s.Steps[i].Aside {
			all = append(all, Result{Check: nameOf(s, &s.Steps[i]), Shows: s.Steps[i].Shows})
		}
	}
	return all
}

// updateRegister writes the lines with check.
func updateRegister() error {
	all, err := allChecks()
	if err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(root, "testdata/requirements/*.txt"))
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(withChecks(string(text), all)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// withChecks puts the lines of each requirement behind it.
func withChecks(register string, all []Result) string {
	var b strings.Builder
	for line := range strings.Lines(register) {
		if strings.HasPrefix(line, "  check ") {
			continue
		}
		b.WriteString(line)
		found := requirementLine.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		for _, c := range all {
			if slices.Contains(c.Shows, found[1]) {
				fmt.Fprintf(&b, "  check %s\n", c.Check)
			}
		}
	}
	return b.String()
}
