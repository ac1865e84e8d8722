package registry_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/federation"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/storage"
)

// fill puts something into the store of an account, and holds whether it is there.
func (f *fixture) fill(t testing.TB, account string) {
	t.Helper()
	_, err := f.store.Store.Apply(t.Context(), storage.Account(account), storage.Batch{
		Puts:    []storage.Put{{Document: storage.Document{Type: "User", ID: "u1", Version: "1", Body: []byte("{}")}}},
		Effects: storage.Effects{Events: []storage.Event{{Type: "user.created", Subject: "u1"}}},
	})
	require.NoError(t, err)
}

func (f *fixture) holds(t testing.TB, account string) (document bool, events int) {
	t.Helper()
	err := f.store.Store.View(t.Context(), storage.Account(account), func(s storage.Snapshot) error {
		_, err := s.Get(t.Context(), "u1")
		document = err == nil
		log, err := s.Events(t.Context(), storage.EventQuery{Limit: 10})
		events = len(log)
		return err
	})
	require.NoError(t, err)
	return document, events
}

func TestDisableAccount(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	require.True(t, a.Disabled.IsZero())
	since := f.clock.Now()
	for range 2 {
		disabled, err := f.DisableAccount(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, since, disabled.Disabled, "the first time counts")
		read, err := f.Account(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, disabled, read, "at once")
		f.clock.Advance(time.Second)
	}
	_, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
		s.Profile = "strict"
		return nil
	})
	require.NoError(t, err)
	list, err := f.ListAccounts(t.Context(), "", 1)
	require.NoError(t, err)
	require.Equal(t, since, list[0].Disabled, "settings change nothing about it")
	for range 2 {
		enabled, err := f.EnableAccount(t.Context(), a.ID)
		require.NoError(t, err)
		require.True(t, enabled.Disabled.IsZero())
	}
	for _, id := range []string{"", "nobody"} {
		_, err := f.DisableAccount(t.Context(), id)
		require.ErrorIs(t, err, registry.ErrNotFound)
		_, err = f.EnableAccount(t.Context(), id)
		require.ErrorIs(t, err, registry.ErrNotFound)
	}
}

// TestDeleteAccount: everything goes but its log and that it was there.
func TestDeleteAccount(t *testing.T) {
	f := newFixture(t)
	a, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Issuers: []federation.Issuer{plain("a"), where("b", "1")}}})
	require.NoError(t, err)
	other := f.account(t, "other")
	f.fill(t, a.ID)
	f.fill(t, other.ID)
	made, secret := f.token(t, a.ID)
	client, clientSecret := f.made(t, a.ID, registry.FormSecret, nil)
	leaf := f.newCertificate(t, nil)
	f.certified(t, a.ID, fingerprint(leaf))
	_, handle, err := f.client().WithSecret(t.Context(), client.Client, clientSecret)
	require.NoError(t, err)
	_, foreign := f.token(t, other.ID)
	f.clock.Advance(hour)
	f.opens(t, secret, true, "before")
	require.NotEmpty(t, f.shows(t, leaf, false))
	require.NotEmpty(t, f.trusted(t, login, "a"))
	_, err = f.client().Current(t.Context(), handle)
	require.NoError(t, err)

	require.NoError(t, f.DeleteAccount(t.Context(), a.ID))
	f.opens(t, secret, false, "deleted")
	require.Empty(t, f.shows(t, leaf, false))
	_, err = f.client().Current(t.Context(), handle)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.Empty(t, f.trusted(t, login, "a"))
	_, err = f.Token(t.Context(), made.ID)
	require.ErrorIs(t, err, registry.ErrNotFound)
	document, events := f.holds(t, a.ID)
	require.False(t, document)
	require.Equal(t, 1, events, "the log stays")
	_, err = f.store.Store.Apply(t.Context(), storage.Account(a.ID), storage.Batch{})
	require.ErrorIs(t, err, storage.ErrErased, "for whoever is still in it")
	require.ErrorIs(t, f.DeleteAccount(t.Context(), a.ID), registry.ErrNotFound, "again")
	requireUnknown(t, f, a.ID)

	deleted, err := f.DeletedAccounts(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, []registry.DeletedAccount{{ID: a.ID, Name: "acme", Created: a.Created, Deleted: f.clock.Now(), RetainAudit: 730 * 24 * time.Hour}}, deleted)

	document, _ = f.holds(t, other.ID)
	require.True(t, document, "of another account nothing goes")
	f.opens(t, foreign, true, "of another account nothing goes")
	again, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Issuers: []federation.Issuer{plain("a"), plain("b")}}})
	require.NoError(t, err, "name and issuers are free")
	require.NotEqual(t, a.ID, again.ID)
	for _, id := range []string{"", "nobody", "system"} {
		require.ErrorIs(t, f.DeleteAccount(t.Context(), id), registry.ErrNotFound)
	}
}

// requireUnknown: nothing can be made, changed or found in an account.
func requireUnknown(t testing.TB, f *fixture, id string) {
	t.Helper()
	_, err := f.Account(t.Context(), id)
	require.ErrorIs(t, err, registry.ErrNotFound)
	_, err = f.AccountByName(t.Context(), "acme")
	require.ErrorIs(t, err, registry.ErrNotFound)
	_, err = f.UpdateAccount(t.Context(), id, func(s *registry.Settings) error { s.Profile = "strict"; return nil })
	require.ErrorIs(t, err, registry.ErrNotFound)
	_, err = f.EnableAccount(t.Context(), id)
	require.ErrorIs(t, err, registry.ErrNotFound)
	_, _, err = f.CreateToken(t.Context(), registry.NewToken{Account: id, Name: "x", Scopes: []auth.Scope{auth.SCIM}})
	require.ErrorIs(t, err, registry.ErrNotFound)
	list, err := f.ListAccounts(t.Context(), "", 0)
	require.NoError(t, err)
	for _, a := range list {
		require.NotEqual(t, id, a.ID)
	}
}

// TestMadeWhileDeleted: what was allowed before the deletion is not made after it.
func TestMadeWhileDeleted(t *testing.T) {
	for name, do := range map[string]func(f *fixture, old registry.Token) error{
		"create": func(f *fixture, old registry.Token) error {
			_, _, err := f.CreateToken(t.Context(), registry.NewToken{Account: old.Account, Name: "x", Scopes: old.Scopes})
			return err
		},
		"add": func(f *fixture, old registry.Token) error {
			_, err := f.AddToken(t.Context(), registry.NewToken{Account: old.Account, Name: "x", Scopes: old.Scopes}, "development")
			return err
		},
		"rotate": func(f *fixture, old registry.Token) error {
			_, _, err := f.RotateToken(t.Context(), old.ID, registry.Rotation{})
			return err
		},
		"disable": func(f *fixture, old registry.Token) error {
			_, err := f.DisableAccount(t.Context(), old.Account)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			a := f.account(t, "acme")
			old, _ := f.token(t, a.ID)
			f.store.beforeApply = func() { // the deletion has begun, and no more
				f.store.beforeApply = nil
				steps := 0
				f.store.fails = func() error {
					if steps++; steps > 1 {
						return errBroken
					}
					return nil
				}
				require.ErrorIs(t, f.DeleteAccount(t.Context(), a.ID), errBroken)
				f.store.fails = nil
			}
			require.ErrorIs(t, do(f, old), registry.ErrNotFound)
			list, err := f.ListTokens(t.Context(), a.ID, "", 0)
			require.NoError(t, err)
			require.Len(t, list, 1)
			requireUnknown(t, f, a.ID)
		})
	}
}

// TestDeletionEnds: wherever it is stopped, nobody gets in from then on, and the
// next start ends it.
func TestDeletionEnds(t *testing.T) {
	for stop := 0; ; stop++ {
		f := newFixture(t)
		a, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Issuers: []federation.Issuer{plain("a")}}})
		require.NoError(t, err)
		f.fill(t, a.ID)
		f.token(t, a.ID)
		f.made(t, a.ID, registry.FormSecret, nil)
		steps := 0
		f.store.fails = func() error {
			if steps++; steps > stop {
				return errBroken
			}
			return nil
		}
		err = f.DeleteAccount(t.Context(), a.ID)
		f.store.fails = nil
		if err == nil {
			require.Greater(t, stop, 3, "mark, remove, erase, bury")
			return
		}
		require.ErrorIs(t, err, errBroken)
		if stop > 0 {
			requireUnknown(t, f, a.ID)
			require.Empty(t, f.trusted(t, login, "a"))
			_, err = f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
			require.ErrorIs(t, err, registry.ErrTaken, "not free before all is gone")
			deleted, err := f.DeletedAccounts(t.Context(), "", 10)
			require.NoError(t, err)
			require.Equal(t, []registry.DeletedAccount{{ID: a.ID, Name: "acme", Created: a.Created, RetainAudit: 730 * 24 * time.Hour}}, deleted)
		}

		restarted := registry.New(registry.Config{Store: f.store, Tokens: token.Format{}, Now: f.clock.Now})
		t.Cleanup(restarted.Close)
		for range 2 {
			require.NoError(t, restarted.ResumeDeletions(t.Context()))
		}
		document, _ := f.holds(t, a.ID)
		require.Equal(t, stop == 0, document, "what was not begun is not ended")
		deleted, err := restarted.DeletedAccounts(t.Context(), "", 10)
		require.NoError(t, err)
		require.Equal(t, stop > 0, len(deleted) == 1 && !deleted[0].Deleted.IsZero())
		_, err = restarted.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
		require.Equal(t, stop > 0, err == nil)
	}
}

func TestDeletedAccounts(t *testing.T) {
	f := newFixture(t)
	var ids []string
	for n := range 5 {
		a := f.account(t, fmt.Sprint("account-", n))
		ids = append(ids, a.ID)
		require.NoError(t, f.DeleteAccount(t.Context(), a.ID))
	}
	tests := []struct {
		after string
		limit int
		ids   []string
	}{
		{"", 2, ids[:2]}, {ids[1], 2, ids[2:4]}, {ids[3], 2, ids[4:]}, {ids[4], 2, nil}, {"", 0, ids},
	}
	for _, tt := range tests {
		list, err := f.DeletedAccounts(t.Context(), tt.after, tt.limit)
		require.NoError(t, err)
		var got []string
		for _, d := range list {
			got = append(got, d.ID)
		}
		require.Equal(t, tt.ids, got)
	}
}

// TestDeletedAtOnce: one who deletes, and others who delete, make, rotate, revoke
// and change at the same time, leave nothing behind.
func TestDeletedAtOnce(t *testing.T) {
	for range 10 {
		f := newFixture(t)
		a := f.account(t, "acme")
		f.fill(t, a.ID)
		var secrets sync.Map
		last, secret := f.token(t, a.ID)
		secrets.Store(secret, true)
		var all sync.WaitGroup
		var deleted atomic.Int32
		during := func(what string, do func(n int) error) {
			all.Go(func() {
				for n := range 10 {
					if err := do(n); err != nil && !errors.Is(err, registry.ErrNotFound) && !errors.Is(err, registry.ErrInvalid) && !errors.Is(err, storage.ErrConflict) {
						t.Errorf("%s: %v", what, err)
					}
				}
			})
		}
		during("make", func(int) error {
			_, secret, err := f.CreateToken(t.Context(), registry.NewToken{Account: a.ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}})
			secrets.Store(secret, true)
			return err
		})
		during("rotate", func(int) error {
			next, secret, err := f.RotateToken(t.Context(), last.ID, registry.Rotation{})
			if err == nil {
				last = next
			}
			secrets.Store(secret, true)
			return err
		})
		during("revoke", func(int) error {
			list, err := f.ListTokens(t.Context(), a.ID, "", 0)
			if err != nil || len(list) == 0 {
				return err
			}
			return f.RevokeToken(t.Context(), list[len(list)/2].ID)
		})
		during("change", func(n int) error {
			return f.trusting(t, a.ID, where("a", fmt.Sprint(n)))
		})
		during("disable", func(int) error {
			_, err := f.DisableAccount(t.Context(), a.ID)
			return err
		})
		for range 2 {
			all.Go(func() {
				switch err := f.DeleteAccount(t.Context(), a.ID); {
				case err == nil:
					deleted.Add(1)
				case !errors.Is(err, registry.ErrNotFound):
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Positive(t, deleted.Load())
		secrets.Range(func(secret, _ any) bool {
			f.opens(t, secret.(auth.Secret), false, "deleted")
			return true
		})
		list, err := f.ListTokens(t.Context(), a.ID, "", 0)
		require.NoError(t, err)
		require.Empty(t, list)
		document, _ := f.holds(t, a.ID)
		require.False(t, document)
		requireUnknown(t, f, a.ID)
		_, err = f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Issuers: []federation.Issuer{plain("a")}}})
		require.NoError(t, err, "name and issuers are free")
	}
}
