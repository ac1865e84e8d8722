package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/cmd/internal/admin"
	"roster/scim/conformance"
)

// TestConforms: the server keeps every requirement that a check shows. What is
// skipped must be shown by a Go test, or be pending in the register.
func TestConforms(t *testing.T) {
	register, err := conformance.Requirements()
	require.NoError(t, err)
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			_, base, token := inProcess(t, memory)
			report, err := conformance.Run(t.Context(), conformance.Config{Base: base, Token: token})
			require.NoError(t, err)
			var text bytes.Buffer
			require.NoError(t, report.Print(&text, false))
			require.Zero(t, report.Failing(), text.String())
			require.Empty(t, report.LeftBehind)
			requireKept(t, register, report)
			requireEmpty(t, base, token)
		})
	}
}

// TestConformsForAUser: with the token of a user the checks of /Me run too.
func TestConformsForAUser(t *testing.T) {
	a, base, token := inProcess(t, true)
	req, err := http.NewRequest(http.MethodPost, base+"/Users", strings.NewReader(`{"userName":"anna"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	var user struct{ ID string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&user))
	require.NoError(t, resp.Body.Close())
	issued, err := a.Service().CreateToken(t.Context(), admin.NewToken{Account: "acme", Name: "anna", Scopes: []auth.Scope{auth.SCIM}, User: user.ID})
	require.NoError(t, err)
	report, err := conformance.Run(t.Context(), conformance.Config{Base: base, Token: issued.Secret})
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, report.Print(&text, false))
	require.Zero(t, report.Failing(), text.String())
	for _, j := range report.Judgements() {
		if j.Requirement.ID == "7644-3.11-b" {
			require.Equal(t, conformance.Passed, j.Status)
		}
	}
}

func requireKept(t *testing.T, register []conformance.Requirement, report *conformance.Report) {
	t.Helper()
	status := map[string]conformance.Status{}
	for _, j := range report.Judgements() {
		status[j.Requirement.ID] = j.Status
	}
	for _, r := range register {
		pending := len(r.Pending) > 0
		switch {
		case len(r.Checks) == 0:
		case status[r.ID] == conformance.Passed && pending && len(r.Tests) == 0:
			t.Logf("%s passes: it is no longer pending", r.ID)
		case status[r.ID] == conformance.Passed:
		case pending && status[r.ID] == conformance.Skipped:
			t.Logf("pending %v: %s", r.Pending, r.ID)
		case status[r.ID] == conformance.Skipped && len(r.Tests) > 0:
			t.Logf("skipped, and shown by %v: %s", r.Tests, r.ID)
		default:
			require.Fail(t, "a requirement is not shown", "%s %s: %s: %s", status[r.ID], r.ID, r.Level, r.Text)
		}
	}
}

// requireEmpty: a run leaves nothing behind.
func requireEmpty(t *testing.T, base, token string) {
	t.Helper()
	for _, path := range []string{"/Users", "/Groups"} {
		req, err := http.NewRequest(http.MethodGet, base+path, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		var list struct{ TotalResults int }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&list))
		require.NoError(t, resp.Body.Close())
		require.Zero(t, list.TotalResults, path)
	}
}

// command runs a command line and returns what it prints.
func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, words bytes.Buffer
	status = run(t.Context(), environment{&out, &words, nil}, args)
	return status, out.String(), words.String()
}

func TestConformCommand(t *testing.T) {
	_, base, token := inProcess(t, true)
	status, stdout, stderr := command(t, "conform", base+"/", "--token", token)
	require.Zero(t, status, stdout, stderr)
	require.Contains(t, stdout, "RFC 7644 section 3.5.2  Modifying with PATCH")
	require.Contains(t, stdout, "MUST, SHALL, REQUIRED")
	require.NotContains(t, stdout, token)

	status, stdout, _ = command(t, "conform", base, "--token", token, "--only", "7644-3.6", "--all")
	require.Zero(t, status)
	require.Contains(t, stdout, "7644-3.6-e  SHALL: A successful DELETE answers 204.")
	require.Contains(t, stdout, "delete: DELETE answers 204")
	require.NotContains(t, stdout, "RFC 7644 section 3.5")

	status, stdout, _ = command(t, "conform", base, "--token", token, "--json", "--only", "create")
	require.Zero(t, status)
	var report struct {
		Conforms     bool
		Must         conformance.Count
		Requirements []struct{ ID, Level, Status string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.True(t, report.Conforms)
	require.Positive(t, report.Must.Passed)
	require.NotEmpty(t, report.Requirements)
}

func TestConformRefuses(t *testing.T) {
	_, base, token := inProcess(t, true)
	for _, row := range []struct {
		args   []string
		stderr string
	}{
		{[]string{base, "--token", "wrong-token"}, "answers 401: the token is not valid there"},
		{[]string{base}, "a token is missing"},
		{[]string{"scim.example.com", "--token", "x"}, "is no address of a server"},
		{[]string{base + "?x=1", "--token", "x"}, "has no query"},
		{[]string{"http://127.0.0.1:1/scim/v2", "--token", "x"}, "cannot be reached"},
		{[]string{base, "--token", token, "--only", "nothing-like-this"}, "no check is called"},
	} {
		status, stdout, stderr := command(t, append([]string{"conform"}, row.args...)...)
		require.Equal(t, statusFailed, status, row.args)
		require.Contains(t, stderr, row.stderr)
		require.Empty(t, strings.TrimSpace(stdout))
	}
}

// TestConformCleansUpWhenItIsEnded: after an interrupt, too, nothing is left.
func TestConformCleansUpWhenItIsEnded(t *testing.T) {
	_, base, token := inProcess(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := &ending{after: 60, end: cancel}
	_, err := conformance.Run(ctx, conformance.Config{Base: base, Token: token, Transport: ended})
	require.ErrorIs(t, err, context.Canceled)
	require.Greater(t, ended.seen, 60, "it deletes behind the end")
	requireEmpty(t, base, token)
}

// ending is a transport that calls a function after some requests.
type ending struct {
	after, seen int
	end         func()
}

func (e *ending) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.seen++; e.seen == e.after {
		defer e.end()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestOtherVersionsAreRefused: an operation in a version of the protocol that the
// server does not have is not carried out in another (RFC 7644 section 3.13).
func TestOtherVersionsAreRefused(t *testing.T) {
	_, base, token := inProcess(t, true)
	for _, version := range []string{"v1", "v3", "V2"} {
		req, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(base, "v2")+version+"/Users", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusNotFound, resp.StatusCode, version)
	}
}
