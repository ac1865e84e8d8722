package app_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/scim/server"
)

// inFolder returns the configuration of a server on that folder.
func inFolder(folder string) app.Config {
	c := app.Config{Config: config.Defaults(), Logger: slog.New(slog.DiscardHandler)}
	c.Data = folder
	return c
}

func newApp(t *testing.T, c app.Config) *app.App {
	t.Helper()
	a, err := app.New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

// newToken makes an account and a token for it.
func newToken(t *testing.T, a *app.App) string {
	t.Helper()
	_, err := a.Service().CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	issued, err := a.Service().CreateToken(t.Context(), admin.NewToken{
		Account: "acme", Name: "test", Scopes: []auth.Scope{auth.SCIM},
	})
	require.NoError(t, err)
	return issued.Secret
}

// send returns the status and body of an answer.
func send(a *app.App, token, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, server.Root+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// create posts a user and returns its path.
func create(t *testing.T, a *app.App, token, body string) string {
	t.Helper()
	status, answer := send(a, token, http.MethodPost, "/Users", body)
	require.Equal(t, http.StatusCreated, status, answer)
	var created struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(answer), &created))
	return "/Users/" + created.ID
}

// TestPublicURL: locations begin with it, whatever the request says.
func TestPublicURL(t *testing.T) {
	c := inFolder(t.TempDir())
	c.PublicURL = "https://scim.example.com/roster/"
	a := newApp(t, c)
	token := newToken(t, a)
	user := create(t, a, token, `{"userName":"babs"}`)
	_, answer := send(a, token, http.MethodGet, user, "")
	require.Contains(t, answer, `"location":"https://scim.example.com/roster/scim/v2`+user+`"`)
}

// TestReopen: what was written is there when the folder is opened again.
func TestReopen(t *testing.T) {
	c := inFolder(filepath.Join(t.TempDir(), "new", "data"))
	first, err := app.New(c)
	require.NoError(t, err)
	token := newToken(t, first)
	user := create(t, first, token, `{"userName":"babs"}`)
	require.NoError(t, first.Close())

	status, _ := send(newApp(t, c), token, http.MethodGet, user, "")
	require.Equal(t, http.StatusOK, status)
}

// TestDevelop: the account is made once; a chosen token keeps working, a random
// one until it is released.
func TestDevelop(t *testing.T) {
	a := newApp(t, inFolder(t.TempDir()))
	for range 2 {
		secret, release, err := a.Develop(t.Context(), "chosen-by-me")
		require.NoError(t, err)
		require.Equal(t, "chosen-by-me", secret.Reveal())
		require.NoError(t, release(t.Context()))
	}
	status, _ := send(a, "chosen-by-me", http.MethodGet, "/Users", "")
	require.Equal(t, http.StatusOK, status)

	random, release, err := a.Develop(t.Context(), "")
	require.NoError(t, err)
	status, _ = send(a, random.Reveal(), http.MethodGet, "/Users", "")
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, release(t.Context()))
	status, _ = send(a, random.Reveal(), http.MethodGet, "/Users", "")
	require.Equal(t, http.StatusUnauthorized, status)

	accounts, err := admin.Direct(a.Service(), nil).ListAccounts(t.Context())
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	_, _, err = a.Develop(t.Context(), "short")
	require.ErrorContains(t, err, "8 to 512")
	require.NotContains(t, err.Error(), "short")
}
