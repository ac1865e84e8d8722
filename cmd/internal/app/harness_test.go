package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/password"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/scim/script"
	"roster/scim/server"
)

// harness is a whole server in the test's process.
type harness struct {
	*app.App
	t    testing.TB
	base string // URL of the SCIM root
}

// engines are the stores that every session runs on.
var engines = map[string]bool{"bolt": false, "memory": true}

func newHarness(t testing.TB, memory bool, change ...func(*app.Config)) *harness {
	c := app.Config{
		Config:    config.Defaults(),
		Memory:    memory,
		Unlimited: true,
		Passwords: password.Config{Memory: 8, Time: 1},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	c.Data = t.TempDir()
	for _, f := range change {
		f(&c)
	}
	a, err := app.New(c)
	require.NoError(t, err)
	s := httptest.NewServer(a.Handler())
	h := &harness{App: a, t: t, base: s.URL + server.Root}
	t.Cleanup(func() {
		s.Close()
		report, err := a.Service().Check(context.Background(), struct{}{})
		require.NoError(t, err)
		require.Empty(t, report.Problems, "indexes, edges and claims agree with the documents")
		require.NoError(t, a.Close())
	})
	return h
}

// account makes an account with a profile, and returns a token for it.
func (h *harness) account(name, profile string, scopes ...auth.Scope) string {
	ctx := context.Background()
	if len(scopes) == 0 {
		scopes = []auth.Scope{auth.SCIM}
	}
	_, err := h.Service().CreateAccount(ctx, admin.NewAccount{Name: name, Profile: profile})
	require.NoError(h.t, err)
	return h.token(name, scopes...)
}

func (h *harness) token(account string, scopes ...auth.Scope) string {
	issued, err := h.Service().CreateToken(context.Background(), admin.NewToken{Account: account, Name: "test", Scopes: scopes})
	require.NoError(h.t, err)
	return issued.Secret
}

// server gives each profile an account of its own in one server.
func (h *harness) server() func(*testing.T, string) script.Client {
	clients := map[string]script.Client{}
	return func(_ *testing.T, profile string) script.Client {
		if _, ok := clients[profile]; !ok {
			clients[profile] = script.Client{Base: h.base, Token: h.account(profile, profile), Protocol: true}
		}
		return clients[profile]
	}
}

// send returns status and body.
func (h *harness) send(token, method, path, body string) (int, string) {
	r, err := http.NewRequest(method, h.base+path, strings.NewReader(body))
	require.NoError(h.t, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(h.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(h.t, err)
	return resp.StatusCode, string(text)
}
