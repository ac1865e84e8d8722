// Package scimtest plays the HTTP scripts and tables of testdata/ in tests. A
// failed step is one failed subtest that prints the request, the response and
// the first difference; the other steps are played all the same. Nothing here
// knows which server it talks to. The format is that of package script.
package scimtest

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim/script"
)

// Server gives a client of an account that has the profile, "default" or
// "strict". Scripts and PATCH tables may share one account for each profile, for
// they use names of their own and clean up; a query table needs an empty one.
type Server func(t *testing.T, profile string) script.Client

// Run plays a script, with one subtest for each step.
func Run(t *testing.T, s *script.Script, c script.Client) {
	t.Helper()
	c.Protocol = true
	report := s.Play(t.Context(), c)
	for _, result := range report.Results {
		t.Run(result.Step.Title, func(t *testing.T) {
			if result.Err != nil {
				t.Fatal(report.Describe(result))
			}
		})
	}
}

// RunScripts plays the scripts that match the pattern, each under the profile
// that it names.
func RunScripts(t *testing.T, fsys fs.FS, pattern string, server Server) {
	t.Helper()
	scripts, err := script.Load(fsys, pattern)
	require.NoError(t, err)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) { Run(t, s, server(t, s.Profile)) })
	}
}

// RunPatchTable plays every row of a table under a profile.
func RunPatchTable(t *testing.T, fsys fs.FS, name, profile string, server Server) {
	t.Helper()
	text, err := fs.ReadFile(fsys, name)
	require.NoError(t, err)
	rows, err := script.ParsePatchTable(name, string(text))
	require.NoError(t, err)
	client := server(t, profile)
	client.Protocol = true
	for _, row := range rows {
		t.Run(row.ID, func(t *testing.T) {
			s, err := row.Script(profile)
			require.NoError(t, err)
			require.NoError(t, s.Play(t.Context(), client).Err())
		})
	}
}

// RunQueryTable plays a table of queries under a profile. The account must be
// empty.
func RunQueryTable(t *testing.T, fsys fs.FS, name, profile string, server Server) {
	t.Helper()
	text, err := fs.ReadFile(fsys, name)
	require.NoError(t, err)
	table, err := script.ParseQueryTable(name, string(text))
	require.NoError(t, err)
	s, err := table.Script(profile)
	require.NoError(t, err)
	Run(t, s, server(t, profile))
}
