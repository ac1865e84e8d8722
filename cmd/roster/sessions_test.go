package main

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim/scimtest"
	"roster/scim/script"
)

// TestSessionsSurvive plays the whole sessions of Okta and Microsoft Entra ID
// against the running binary, kills it, and expects the next one to serve the
// same bytes.
func TestSessionsSurvive(t *testing.T) {
	folder := t.TempDir()
	first := serveFolder(t, folder)
	client := script.Client{Base: first.scim, Token: first.token, Protocol: true}
	for _, pattern := range []string{"clients/okta-*.http", "clients/entra-*.http"} {
		scimtest.RunScripts(t, os.DirFS("../../testdata"), pattern,
			func(*testing.T, string) script.Client { return client })
	}
	// The sessions end with deletions, so that something must be left.
	status, answer := ask(t, first, http.MethodPost, "/Users", `{"userName":"bjensen"}`)
	require.Equal(t, http.StatusCreated, status, answer)
	before := everything(t, first)
	require.Contains(t, before, "bjensen")
	require.NoError(t, first.stop(os.Kill))

	second := serveFolder(t, folder)
	require.Equal(t, before, everything(t, second))
	require.NoError(t, second.stop(terminate), second.stderr.String())
	output, err := exec.Command("roster", "check", "--data", folder).CombinedOutput()
	require.NoError(t, err, string(output))
}

// everything is all that a client can read, without the server's own address.
func everything(t *testing.T, s *serving) string {
	t.Helper()
	var all string
	for _, path := range []string{"/Users?count=1000", "/Groups?count=1000"} {
		status, answer := ask(t, s, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, status)
		all += answer
	}
	return strings.ReplaceAll(all, s.scim, "")
}
