package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKill ends the server without warning while clients write, several times,
// and expects everything that was acknowledged to be there, and nothing to be
// damaged.
func TestKill(t *testing.T) {
	const rounds, writes = 3, 200
	folder := t.TempDir()
	var acknowledged []string
	for round := range rounds {
		s := serveFolder(t, folder)
		acknowledged = append(acknowledged, writeUntilKilled(t, s, round, writes)...)
	}
	s := serveFolder(t, folder)
	require.GreaterOrEqual(t, len(acknowledged), rounds*writes)
	for _, name := range acknowledged {
		status, body := ask(t, s, http.MethodGet, "/Users?filter=userName+eq+%22"+name+"%22", "")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, `"totalResults":1,`, name)
	}
	require.NoError(t, s.stop(terminate), s.stderr.String())

	output, err := exec.Command("roster", "check", "--data", folder).CombinedOutput()
	require.NoError(t, err, string(output))
}

func serveFolder(t *testing.T, folder string) *serving {
	t.Helper()
	s, err := startServer(folder, os.Environ(), "--dev", "--data", folder, "--dev-token", "chosen-by-me", "--log-level", "error")
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.stop(os.Kill) })
	return s
}

// writeUntilKilled creates users from several clients, kills the server once so
// many were acknowledged, and returns the names of all that were.
func writeUntilKilled(t *testing.T, s *serving, round, writes int) (names []string) {
	const clients = 8
	acknowledged := make(chan string)
	var running sync.WaitGroup
	for client := range clients {
		running.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("user-%d-%d-%d", round, client, n)
				request := newRequest(t, s, http.MethodPost, "/Users", `{"userName":"`+name+`"}`)
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					return // the server is gone
				}
				_ = response.Body.Close()
				if response.StatusCode == http.StatusCreated {
					acknowledged <- name
				}
			}
		})
	}
	go func() {
		running.Wait()
		close(acknowledged)
	}()
	for name := range acknowledged {
		names = append(names, name)
		if len(names) == writes {
			require.NoError(t, s.stop(os.Kill))
		}
	}
	return names
}

func newRequest(t *testing.T, s *serving, method, path, body string) *http.Request {
	request, err := http.NewRequest(method, s.scim+path, strings.NewReader(body))
	if err != nil {
		panic(err) // a mistake of the test, in a goroutine of its own
	}
	request = request.WithContext(t.Context())
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/scim+json")
	return request
}

func ask(t *testing.T, s *serving, method, path, body string) (status int, answer string) {
	t.Helper()
	response, err := http.DefaultClient.Do(newRequest(t, s, method, path, body))
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(read)
}
