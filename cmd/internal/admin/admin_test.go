package admin_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

func newService(t *testing.T, store storage.Store) *admin.Service {
	r := registry.New(registry.Config{Store: store, Tokens: token.Format{}})
	t.Cleanup(func() {
		r.Close()
		require.NoError(t, store.Close())
	})
	return &admin.Service{Registry: r, Store: store}
}

func inMemory(t *testing.T) *admin.Service { return newService(t, memory.New(registry.Indexes())) }

// serve answers on the socket of a folder until the test ends.
func serve(t *testing.T, folder string, s *admin.Service) {
	t.Helper()
	server, err := admin.Listen(folder, s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve() }()
	t.Cleanup(func() {
		require.NoError(t, server.Shutdown(context.Background()))
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
}

func dial(t *testing.T, folder string) *admin.Conn {
	t.Helper()
	conn, err := admin.Dial(t.Context(), folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// TestBothWays: an operation does the same through the socket and directly.
func TestBothWays(t *testing.T) {
	ways := map[string]func(*testing.T) *admin.Conn{
		"directly": func(t *testing.T) *admin.Conn {
			return admin.Direct(inMemory(t), func() error { return nil })
		},
		"through the socket": func(t *testing.T) *admin.Conn {
			folder := t.TempDir()
			serve(t, folder, inMemory(t))
			return dial(t, folder)
		},
	}
	for name, connect := range ways {
		t.Run(name, func(t *testing.T) { walk(t, connect(t)) })
	}
}

// walk carries out every operation but the backup, which memory has not.
func walk(t *testing.T, conn *admin.Conn) {
	ctx := t.Context()
	made, err := conn.CreateAccount(ctx, admin.NewAccount{Name: "acme", Profile: "strict"})
	require.NoError(t, err)
	require.Equal(t, "strict", made.Profile)
	require.NotEmpty(t, made.ID)
	_, err = conn.CreateAccount(ctx, admin.NewAccount{Name: "acme"})
	require.ErrorContains(t, err, `account name "acme" is taken`)
	shown, err := conn.ShowAccount(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, made, shown)
	_, err = conn.ShowAccount(ctx, "globex")
	require.ErrorContains(t, err, "not found")
	made, err = conn.SetAccount(ctx, admin.AccountChange{Account: "acme", Settings: `{"mailDomains": ["Example.COM"]}`, Merge: true})
	require.NoError(t, err)
	require.Equal(t, registry.Settings{Profile: "strict", MailDomains: []string{"example.com"}}, made.Settings)
	_, err = conn.SetAccount(ctx, admin.AccountChange{Account: "acme", Settings: `{"mailDomains": ["@"]}`})
	require.ErrorContains(t, err, `mail domain "@" is not valid`)
	_, err = conn.SetAccount(ctx, admin.AccountChange{Account: "globex", Settings: `{}`})
	require.ErrorContains(t, err, "not found")
	accounts, err := conn.ListAccounts(ctx)
	require.NoError(t, err)
	require.Equal(t, []admin.Account{made}, accounts)

	wanted := admin.NewToken{Account: "acme", Name: "okta", Scopes: []auth.Scope{auth.SCIMRead}, Lifetime: time.Hour}
	issued, err := conn.CreateToken(ctx, wanted)
	require.NoError(t, err)
	require.Regexp(t, "^"+token.Pattern+"$", issued.Secret)
	require.Equal(t, "acme", issued.Account)
	wanted.Account = "globex"
	_, err = conn.CreateToken(ctx, wanted)
	require.ErrorContains(t, err, "not found")
	tokens, err := conn.ListTokens(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, []admin.Token{issued.Token}, tokens)

	require.NoError(t, conn.RevokeToken(ctx, issued.ID))
	tokens, err = conn.ListTokens(ctx, "acme")
	require.NoError(t, err)
	require.False(t, tokens[0].Revoked.IsZero())
	require.ErrorContains(t, conn.RevokeToken(ctx, "nobody"), `credential "nobody": not found`)

	report, err := conn.Check(ctx)
	require.NoError(t, err)
	require.Equal(t, admin.Report{Problems: []string{}}, report)
	_, err = conn.Backup(ctx, filepath.Join(t.TempDir(), "copy"))
	require.ErrorContains(t, err, "cannot be backed up")
	walkToTheEnd(t, conn, made)
}

// walkToTheEnd disables and deletes an account.
func walkToTheEnd(t *testing.T, conn *admin.Conn, made admin.Account) {
	ctx := t.Context()
	disabled, err := conn.SetAccountState(ctx, admin.AccountState{Account: made.Name, Disabled: true})
	require.NoError(t, err)
	require.False(t, disabled.Disabled.IsZero())
	again, err := conn.SetAccountState(ctx, admin.AccountState{Account: made.Name, Disabled: true})
	require.NoError(t, err)
	require.Equal(t, disabled, again, "since when it is disabled stays")
	enabled, err := conn.SetAccountState(ctx, admin.AccountState{Account: made.Name})
	require.NoError(t, err)
	require.Equal(t, made, enabled)
	_, err = conn.SetAccountState(ctx, admin.AccountState{Account: "globex"})
	require.ErrorContains(t, err, "not found")

	require.ErrorContains(t, conn.DeleteAccount(ctx, "globex"), "not found")
	require.NoError(t, conn.DeleteAccount(ctx, made.Name))
	_, err = conn.ShowAccount(ctx, made.Name)
	require.ErrorContains(t, err, "not found")
	deleted, err := conn.ListDeletedAccounts(ctx)
	require.NoError(t, err)
	require.Len(t, deleted, 1)
	require.Equal(t, []any{made.ID, made.Name, made.Created}, []any{deleted[0].ID, deleted[0].Name, deleted[0].Created})
}

// TestLists: they are complete where they are longer than one page.
func TestLists(t *testing.T) {
	conn := admin.Direct(inMemory(t), nil)
	const many = 1001
	for i := range many {
		_, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: fmt.Sprintf("account-%d", i)})
		require.NoError(t, err)
	}
	accounts, err := conn.ListAccounts(t.Context())
	require.NoError(t, err)
	require.Len(t, accounts, many)
}

// TestBackup: the copy opens, and is private.
func TestBackup(t *testing.T) {
	folder := t.TempDir()
	open := func(name string) storage.Store {
		store, err := bolt.Open(bolt.Config{Path: filepath.Join(folder, name), Indexes: registry.Indexes(), NoSync: true})
		require.NoError(t, err)
		return store
	}
	conn := admin.Direct(newService(t, open("roster.db")), nil)
	made, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	path := filepath.Join(folder, "copy.db")
	written, err := conn.Backup(t.Context(), path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, admin.Written{Path: path, Bytes: info.Size()}, written)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	_, err = conn.Backup(t.Context(), path)
	require.ErrorContains(t, err, "new file")
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, info.Size(), after.Size(), "an existing file stays as it is")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = conn.Backup(ended, filepath.Join(folder, "half.db"))
	require.Error(t, err)
	require.NoFileExists(t, filepath.Join(folder, "half.db"))

	shown, err := admin.Direct(newService(t, open("copy.db")), nil).ShowAccount(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, made, shown)
}

// TestSocket: it is the owner's alone, takes the place of one that a dead server
// left, goes when the server goes, and its path may be long.
func TestSocket(t *testing.T) {
	folders := map[string]string{
		"short": t.TempDir(),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("long", 30), strings.Repeat("long", 30)),
	}
	for name, folder := range folders {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			socket := filepath.Join(folder, "admin", "socket")
			require.NoError(t, os.MkdirAll(filepath.Dir(socket), 0o777))
			require.NoError(t, os.WriteFile(socket, nil, 0o600)) // stands for a dead server's
			_, err := admin.Dial(t.Context(), folder)
			require.ErrorIs(t, err, admin.ErrNoServer)

			t.Run("serving", func(t *testing.T) {
				serve(t, folder, inMemory(t))
				info, err := os.Stat(socket)
				require.NoError(t, err)
				require.Equal(t, os.ModeSocket|0o600, info.Mode())
				info, err = os.Stat(filepath.Dir(socket))
				require.NoError(t, err)
				require.Equal(t, os.ModeDir|0o700, info.Mode())
				_, err = dial(t, folder).ListAccounts(t.Context())
				require.NoError(t, err)
			})
			require.NoFileExists(t, socket)
			left, err := os.ReadDir(os.Getenv("TMPDIR"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// TestForeignQuestions: what another version, or somebody curious, asks is
// refused, and the server goes on.
func TestForeignQuestions(t *testing.T) {
	folder := t.TempDir()
	serve(t, folder, inMemory(t))
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(folder, "admin", "socket"))
		},
	}}
	defer client.CloseIdleConnections()
	tests := []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/account/list", "", http.StatusMethodNotAllowed},
		{"POST", "/account/remove", "{}", http.StatusNotFound},
		{"POST", "/account/create", `{"name":"acme","color":"red"}`, http.StatusBadRequest},
		{"POST", "/account/create", `{"name":`, http.StatusBadRequest},
		{"POST", "/account/create", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusBadRequest},
		{"POST", "/account/set", `{"account":"acme","settings":{}}`, http.StatusBadRequest},
		{"POST", "/audit/export", `{"account":"acme","color":"red"}`, http.StatusBadRequest},
		{"POST", "/account/list", "{}", http.StatusOK},
	}
	for _, tt := range tests {
		request, err := http.NewRequest(tt.method, "http://roster"+tt.path, strings.NewReader(tt.body))
		require.NoError(t, err)
		response, err := client.Do(request)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, tt.status, response.StatusCode, "%s %s", tt.method, tt.path)
	}
}

// TestStrangerAtTheSocket: a command understands that what answers there is no
// server of its version.
func TestStrangerAtTheSocket(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"does not know this command": http.NotFound,
		"is not understood":          func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"not understood":             func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"result":1}`) },
		"broke off": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"does not answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for problem, answer := range answers {
		t.Run(problem, func(t *testing.T) {
			folder := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(folder, "admin"), 0o700))
			listener, err := net.Listen("unix", filepath.Join(folder, "admin", "socket"))
			require.NoError(t, err)
			stranger := &http.Server{Handler: answer}
			go func() { _ = stranger.Serve(listener) }()
			t.Cleanup(func() { require.NoError(t, stranger.Close()) })
			_, err = dial(t, folder).ListAccounts(t.Context())
			require.ErrorContains(t, err, problem)
		})
	}
}
