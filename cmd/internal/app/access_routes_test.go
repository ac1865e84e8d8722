package app_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// accessRoutes is the table of the routes, in the folder of testdata.
const accessRoutes = "access/routes.txt"

const accessRoutesHead = `# The routes of a server with the example definitions, each with the scope that it
# needs: "open" if it needs none, "own" if it finds out by itself who calls. Written
# by the test that holds it to the server; review what it changes.
`

// needs says what a route needs, as the table does.
func needs(r httpauth.Route) string {
	switch {
	case r.Own:
		return "own"
	case r.Scope == auth.Open:
		return "open"
	}
	return string(r.Scope)
}

// routes lists what the server serves.
func (h *harness) routes() []httpauth.Route {
	served, ok := h.Handler().(interface{ Routes() []httpauth.Route })
	require.True(h.t, ok, "the handler lists its routes")
	return served.Routes()
}

// TestAccessRoutes: a route is added, taken away or opened to others only together
// with its line in the table.
func TestAccessRoutes(t *testing.T) {
	want := accessRoutesHead
	for _, r := range newHarness(t, true, withSchemas).routes() {
		want += fmt.Sprintf("%-6s %s %s\n", r.Method, r.Pattern, needs(r))
	}
	if *update {
		require.NoError(t, os.WriteFile(module+"/testdata/"+accessRoutes, []byte(want), 0o644))
	}
	have, err := fs.ReadFile(testdata, accessRoutes)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run the test with -update")
}

// accessRoute is a line of the table.
type accessRoute struct{ method, pattern, needs string }

func readAccessRoutes(t *testing.T) (all []accessRoute) {
	for _, line := range accessLines(t, "routes.txt") {
		words := strings.Fields(line)
		require.Len(t, words, 3, line)
		all = append(all, accessRoute{words[0], words[1], words[2]})
	}
	require.Greater(t, len(all), 150)
	return all
}

// accessLines are the lines of a table that are no comments.
func accessLines(t testing.TB, name string) (lines []string) {
	text, err := fs.ReadFile(testdata, "access/"+name)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
