package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/admin"
)

// TestKillWhileDeleting ends the server without warning when the deletion of an
// account has begun that clients write to. The next start ends the deletion: the
// account is listed among the deleted ones, its name is free, nothing is damaged,
// and its audit is complete.
func TestKillWhileDeleting(t *testing.T) {
	const rounds, writes = 4, 50
	folder := t.TempDir()
	for round := range rounds {
		s := serveFolder(t, folder)
		roster(t, "", "account", "create", "acme", "--data", folder)
		s.token = tokenOf(t, folder)
		users := killWhileDeleting(t, s, folder, writes)

		s = serveFolder(t, folder)
		var deleted []admin.DeletedAccount
		require.NoError(t, json.Unmarshal([]byte(roster(t, "", "account", "list", "--deleted", "--data", folder, "--json")), &deleted))
		require.Len(t, deleted, round+1)
		last := deleted[round]
		require.Equal(t, "acme", last.Name)
		require.False(t, last.Deleted.IsZero())
		export := filepath.Join(t.TempDir(), "audit")
		lines := roster(t, "", "audit", "export", "--account", last.ID, "--data", folder)
		require.NoError(t, os.WriteFile(export, []byte(lines), 0o600))
		roster(t, "", "audit", "verify", export)
		for _, id := range users {
			require.Contains(t, lines, id)
		}
		require.Contains(t, lines, "account.deleted")
		require.NoError(t, s.stop(terminate), s.stderr.String())
	}
	output, err := exec.Command("roster", "check", "--data", folder).CombinedOutput()
	require.NoError(t, err, string(output))
}

// tokenOf makes a token for acme, which is there for the first time or again.
func tokenOf(t *testing.T, folder string) string {
	t.Helper()
	var issued admin.IssuedToken
	require.NoError(t, json.Unmarshal([]byte(roster(t, "", "token", "create", "--account", "acme", "--data", folder, "--json")), &issued))
	return issued.Secret
}

// killWhileDeleting creates users from several clients, deletes the account once so
// many were acknowledged, kills the server as soon as a client is let in no more, and
// returns the ids of all that were acknowledged.
func killWhileDeleting(t *testing.T, s *serving, folder string, writes int) (ids []string) {
	const clients = 8
	acknowledged, over := make(chan string), make(chan struct{})
	var running sync.WaitGroup
	end := sync.OnceFunc(func() { close(over) })
	for client := range clients {
		running.Go(func() {
			for n := 0; ; n++ {
				status, id := createUser(t, s, fmt.Sprintf("user-%d-%d", client, n))
				switch status {
				case http.StatusCreated:
					select {
					case acknowledged <- id:
					case <-over:
						return
					}
				case http.StatusUnauthorized, 0:
					end()
					return
				case http.StatusNotFound: // the account goes just now
				default:
					t.Errorf("a user of an account that is being deleted: %d", status)
					end()
					return
				}
			}
		})
	}
	defer running.Wait()
	for {
		select {
		case <-over:
			require.NoError(t, s.stop(os.Kill))
			return ids
		case id := <-acknowledged:
			if ids = append(ids, id); len(ids) == writes {
				deletion := exec.Command("roster", "account", "delete", "acme", "--confirm", "acme", "--data", folder)
				require.NoError(t, deletion.Start())
				t.Cleanup(func() { _ = deletion.Wait() }) // the server may be gone first
			}
		}
	}
}

// createUser returns status 0 if the server is gone.
func createUser(t *testing.T, s *serving, name string) (status int, id string) {
	response, err := http.DefaultClient.Do(newRequest(t, s, http.MethodPost, "/Users", `{"userName":"`+name+`"}`))
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	var user struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&user); err != nil {
		return 0, ""
	}
	return response.StatusCode, user.ID
}
