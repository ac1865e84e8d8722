package main

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/password"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/scim/server"
)

// engines are the stores, and whether each is the one in memory.
var engines = map[string]bool{"bolt": false, "memory": true}

// inProcess starts a server in the test's process, with one account, and returns
// its address and a token.
func inProcess(t *testing.T, memory bool, change ...func(*app.Config)) (a *app.App, base, token string) {
	t.Helper()
	settings := config.Defaults()
	settings.Data = t.TempDir()
	c := app.Config{
		Config:    settings,
		Memory:    memory,
		Passwords: password.Config{Memory: 8, Time: 1},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	a, err := app.New(c)
	require.NoError(t, err)
	s := httptest.NewServer(a.Handler())
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, a.Close())
	})
	ctx := context.Background()
	_, err = a.Service().CreateAccount(ctx, admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	issued, err := a.Service().CreateToken(ctx, admin.NewToken{Account: "acme", Name: "test", Scopes: []auth.Scope{auth.SCIM}})
	require.NoError(t, err)
	return a, s.URL + server.Root, issued.Secret
}
