package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSimulate: no client would stop at this server, and none leaves anything
// behind.
func TestSimulate(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			_, base, token := inProcess(t, memory)
			status, stdout, stderr := command(t, "simulate", "all", base, "--token", token)
			require.Zero(t, status, stdout, stderr)
			for _, client := range []string{"entra-flag", "entra-noflag", "okta-put", "okta-patch", "onelogin", "sailpoint", "microsoft-validator"} {
				require.Contains(t, stdout, client+": ")
			}
			require.NotContains(t, stdout, "STOP")
			require.NotContains(t, stdout, token)
			requireEmpty(t, base, token)
		})
	}
}

func TestSimulateList(t *testing.T) {
	status, stdout, _ := command(t, "simulate", "--list")
	require.Zero(t, status)
	require.Regexp(t, `okta-put +\d+ +Okta, PUT style: an app that was made with the app integration wizard\n`, stdout)
	require.NotContains(t, stdout, "bad-input")

	status, stdout, _ = command(t, "simulate", "--list", "--json")
	require.Zero(t, status)
	var clients []struct{ Name string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &clients))
	require.Greater(t, len(clients), 8)
}

// TestSimulateStops: the first request that the client does not get over is
// shown with what it sent and got; nothing is left behind.
func TestSimulateStops(t *testing.T) {
	a, base, token := inProcess(t, true)
	s := httptest.NewServer(&proxy{behind: a.Handler(), deleted: map[string][]byte{}, fault: fault{
		answer: on(http.MethodPut, http.StatusOK, func(a *answer) { a.status = http.StatusNoContent; a.body, a.raw = nil, nil }),
	}})
	defer s.Close()
	broken := s.URL + "/scim/v2"
	status, stdout, stderr := command(t, "simulate", "okta-put", broken, "--token", token)
	require.Equal(t, statusFailed, status)
	require.Contains(t, stderr, "the server would have stopped okta-put")
	require.Regexp(t, `  ok   201 +\d+ ms  POST    Create the user\n`, stdout)
	require.Regexp(t, `STOP  204 +\d+ ms  PUT     Change the user\n`, stdout)
	require.Contains(t, stdout, "status: want 200, have 204")
	require.Contains(t, stdout, "> PUT "+broken+"/Users/")
	require.NotContains(t, stdout, token)
	requireEmpty(t, base, token)

	status, stdout, _ = command(t, "simulate", "okta", broken, "--token", token, "--json")
	require.Equal(t, statusFailed, status)
	var found []simulationJSON
	require.NoError(t, json.Unmarshal([]byte(stdout), &found))
	require.Len(t, found, 3, "all that begin with okta-")
	for _, sim := range found {
		for _, step := range sim.Steps {
			require.Equal(t, step.Outcome == "stop", step.Request != "", step.Title)
		}
	}
}

func TestSimulateRefuses(t *testing.T) {
	for _, row := range []struct {
		args   []string
		stderr string
	}{
		{nil, "say which client and where"},
		{[]string{"okta"}, "say which client and where"},
		{[]string{"nobody", "http://127.0.0.1:1", "--token", "x"}, `"nobody" is no client that is known`},
		{[]string{"okta", "http://127.0.0.1:1"}, "a token is missing"},
		{[]string{"okta", "file:///etc", "--token", "x"}, "is no address of a server"},
		{[]string{"google", "http://127.0.0.1:1", "--token", "x"}, "cannot be reached"},
	} {
		status, _, stderr := command(t, append([]string{"simulate"}, row.args...)...)
		require.Equal(t, statusFailed, status, row.args)
		require.Contains(t, stderr, row.stderr)
	}
}
