package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/storage"
	"roster/storage/memory"
)

var _ auth.Authenticator = (*registry.Registry)(nil)

// fixture is a registry over a store in memory that counts what it is asked and
// whose clock the test moves.
type fixture struct {
	*registry.Registry
	store *counting
	logs  *authtest.Log
	clock *authtest.Clock
}

func newFixture(t testing.TB) *fixture {
	f := &fixture{
		store: &counting{Store: memory.New(registry.Indexes())},
		logs:  &authtest.Log{},
		clock: authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
	}
	f.Registry = registry.New(registry.Config{
		Store: f.store, Tokens: token.Format{}, Now: f.clock.Now,
		Logger: slog.New(slog.NewTextHandler(f.logs, nil)),
	})
	t.Cleanup(func() {
		f.Close()
		checker, ok := f.store.Store.(storage.Checker)
		require.True(t, ok)
		require.NoError(t, checker.Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, f.store.Store.Close())
	})
	return f
}

// account makes an account of that name, and token one of its tokens.
func (f *fixture) account(t testing.TB, name string) registry.Account {
	t.Helper()
	a, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: name})
	require.NoError(t, err)
	return a
}

func (f *fixture) token(t testing.TB, account string) (registry.Token, auth.Secret) {
	t.Helper()
	made, secret, err := f.CreateToken(t.Context(), registry.NewToken{
		Account: account, Name: "connector", Scopes: []auth.Scope{auth.SCIM},
	})
	require.NoError(t, err)
	return made, secret
}

var errBroken = errors.New("the disk is gone")

// counting counts calls, and fails them on demand.
type counting struct {
	storage.Store
	views, applies atomic.Int64
	broken         atomic.Bool
	beforeApply    func()
	afterApply     func()
	afterView      func()
	fails          func() error // what changes the store
}

func (c *counting) View(ctx context.Context, a storage.Account, read func(storage.Snapshot) error) error {
	c.views.Add(1)
	if c.broken.Load() {
		return errBroken
	}
	err := c.Store.View(ctx, a, read)
	if c.afterView != nil {
		c.afterView()
	}
	return err
}

func (c *counting) Apply(ctx context.Context, a storage.Account, b storage.Batch) (storage.Receipt, error) {
	c.applies.Add(1)
	if c.broken.Load() {
		return storage.Receipt{}, errBroken
	}
	if c.fails != nil {
		if err := c.fails(); err != nil {
			return storage.Receipt{}, err
		}
	}
	if c.beforeApply != nil {
		c.beforeApply()
	}
	receipt, err := c.Store.Apply(ctx, a, b)
	if c.afterApply != nil {
		c.afterApply()
	}
	return receipt, err
}

func (c *counting) Erase(ctx context.Context, a storage.Account) error {
	if c.fails != nil {
		if err := c.fails(); err != nil {
			return err
		}
	}
	return c.Store.Erase(ctx, a)
}

// TestNothingSecretIsStored looks for the secret in all that the store keeps.
func TestNothingSecretIsStored(t *testing.T) {
	f := newFixture(t)
	made, secret := f.token(t, f.account(t, "acme").ID)
	err := f.store.View(t.Context(), storage.System, func(s storage.Snapshot) error {
		d, err := s.Get(t.Context(), made.ID)
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprintf("%s %v", d.Body, d.Claims), secret.Reveal())
		require.NotContains(t, string(d.Body), secret.Reveal()[len(token.Prefix):])
		return nil
	})
	require.NoError(t, err)
}

// TestIndexes extracts from documents as they are stored, and from damaged ones.
func TestIndexes(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made, _ := f.token(t, a.ID)
	want := map[string]string{"account:name": "acme", "token:account": a.ID}
	err := f.store.View(t.Context(), storage.System, func(s storage.Snapshot) error {
		documents, err := s.GetMany(t.Context(), []string{a.ID, made.ID})
		for _, x := range registry.Indexes() {
			for _, d := range documents {
				if values, sort := x.Extract(d); d.Type == x.Type && values != nil {
					require.Equal(t, [][]byte{[]byte(want[x.Name])}, values)
					require.Equal(t, want[x.Name], string(sort))
					delete(want, x.Name)
				}
			}
		}
		return err
	})
	require.NoError(t, err)
	require.Empty(t, want)
	for _, x := range registry.Indexes() {
		values, sort := x.Extract(&storage.Document{Type: x.Type, Body: []byte("no JSON")})
		require.Empty(t, values)
		require.Nil(t, sort)
	}
}
