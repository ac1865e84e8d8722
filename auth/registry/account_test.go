package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
	"roster/scim"
	"roster/storage"
)

func TestCreateAccount(t *testing.T) {
	f := newFixture(t)
	made, err := f.CreateAccount(t.Context(), registry.NewAccount{
		Name:     "acme",
		Settings: registry.Settings{Profile: "strict", Switches: map[string]bool{"wrapValues": true}, Limits: map[string]int{"maxPageSize": 500}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, made.ID)
	require.False(t, made.Created.IsZero())
	require.Equal(t, scim.Profile{Name: "strict+wrapValues", WrapValues: true}, made.Profile)
	limits := scim.DefaultLimits()
	limits.MaxPageSize = 500
	require.Equal(t, limits, made.Limits)

	byID, err := f.Account(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, made, byID)
	byName, err := f.AccountByName(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, made, byName)

	_, err = f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
	require.ErrorIs(t, err, registry.ErrTaken)
	require.EqualError(t, err, `account name "acme" is taken: choose another`)
}

func TestAccountNames(t *testing.T) {
	tests := []struct {
		name  string
		valid bool
	}{
		{"a", true}, {"7", true}, {"acme", true}, {"acme-2", true}, {"a--b", true},
		{strings.Repeat("a", 63), true},
		{"", false}, {"-", false}, {"-a", false}, {"a-", false}, {"Acme", false}, {"ac me", false},
		{"a_b", false}, {"a.b", false}, {"a/b", false}, {"é", false}, {"a\x00", false}, {"\xff", false},
		{strings.Repeat("a", 64), false}, {strings.Repeat("a", 1<<20), false},
	}
	f := newFixture(t)
	for _, tt := range tests {
		_, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: tt.name})
		if tt.valid {
			require.NoError(t, err, "%q", tt.name)
			continue
		}
		require.ErrorIs(t, err, registry.ErrInvalid, "%.80q", tt.name)
		require.ErrorContains(t, err, "use 1 to 63 lower-case letters, digits and '-'")
		require.Less(t, len(err.Error()), 300)
	}
}

func TestSameNameAtOnce(t *testing.T) {
	f := newFixture(t)
	var all sync.WaitGroup
	var made atomic.Int32
	for range 8 {
		all.Go(func() {
			_, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
			if err == nil {
				made.Add(1)
			} else if !errors.Is(err, registry.ErrTaken) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, made.Load())
}

func TestUnknownAccount(t *testing.T) {
	f := newFixture(t)
	made, _ := f.token(t, f.account(t, "acme").ID)
	for _, id := range []string{"", "nobody", made.ID, strings.Repeat("x", 10_000)} {
		_, err := f.Account(t.Context(), id)
		require.ErrorIs(t, err, registry.ErrNotFound)
		_, err = f.AccountByName(t.Context(), id)
		require.ErrorIs(t, err, registry.ErrNotFound)
		_, err = f.UpdateAccount(t.Context(), id, func(*registry.Settings) error { return nil })
		require.ErrorIs(t, err, registry.ErrNotFound)
		require.Less(t, len(err.Error()), 200)
	}
}

func TestListAccounts(t *testing.T) {
	f := newFixture(t)
	list, err := f.ListAccounts(t.Context(), "", 10)
	require.NoError(t, err)
	require.Empty(t, list)
	for _, n := range []int{3, 1, 4, 2, 5} {
		f.account(t, fmt.Sprintf("account-%d", n))
	}
	tests := []struct {
		after string
		limit int
		names []string
	}{
		{"", 2, []string{"account-1", "account-2"}},
		{"account-2", 2, []string{"account-3", "account-4"}},
		{"account-4", 2, []string{"account-5"}},
		{"account-5", 2, nil},
		{"account-25", 0, []string{"account-3", "account-4", "account-5"}},
		{"", -1, []string{"account-1", "account-2", "account-3", "account-4", "account-5"}},
	}
	for _, tt := range tests {
		list, err := f.ListAccounts(t.Context(), tt.after, tt.limit)
		require.NoError(t, err)
		var names []string
		for _, a := range list {
			names = append(names, a.Name)
		}
		require.Equal(t, tt.names, names)
	}
}

func TestUpdateActsAtOnce(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	before, err := f.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "default", before.Profile.Name)

	f.clock.Advance(time.Second)
	updated, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
		s.Profile, s.Limits = "strict", map[string]int{"patchOps": 10}
		s.MailDomains, s.Policy.MaxFailedLogins, s.Language = []string{"Example.COM"}, 5, "de-at"
		return nil
	})
	require.NoError(t, err)
	after, err := f.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, updated, after)
	require.Equal(t, scim.StrictProfile(), after.Profile)
	require.Equal(t, 10, after.Limits.PatchOps)
	require.Equal(t, 5, after.Policy.MaxFailedLogins)
	require.Equal(t, 8, after.Policy.PasswordMin)
	require.Equal(t, "de-AT", after.Language)
	require.True(t, after.Settings.AdmitsMail("babs@example.com"))
	require.False(t, after.Settings.AdmitsMail("babs@example.org"))
	require.Equal(t, a.Created, after.Created)
	byName, err := f.AccountByName(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, after, byName)
}

func TestRefusedUpdateChangesNothing(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	stop := errors.New("no change wanted")
	_, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
		s.Profile = "strict"
		return stop
	})
	require.ErrorIs(t, err, stop)
	_, err = f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
		s.Profile = "strict"
		s.Policy.MaxFailedLogins = 101
		return nil
	})
	require.ErrorIs(t, err, registry.ErrInvalid)
	after, err := f.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a, after)
}

// TestUpdatesAtOnce: no update is lost.
func TestUpdatesAtOnce(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	names := []string{"stringBooleans", "ignoreUnknown", "wrapValues", "looseSchemas"}
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			_, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
				if s.Switches == nil {
					s.Switches = map[string]bool{}
				}
				s.Switches[name] = false
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	after, err := f.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Len(t, after.Settings.Switches, len(names))
}

// TestUpdateStartsAgain: whoever comes too late computes from what is there now,
// and an account that changes under every attempt is an error, not a loop.
func TestUpdateStartsAgain(t *testing.T) {
	tests := []struct {
		name               string
		others, attempts   int
		succeeds, strictly bool
	}{
		{"alone", 0, 1, true, true},
		{"three are faster", 3, 4, true, true},
		{"always somebody is faster", 1000, 10, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			a := f.account(t, "acme")
			attempts := 0
			_, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
				s.Profile = "strict"
				if attempts++; attempts > tt.others {
					return nil
				}
				_, err := f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error {
					s.Limits = map[string]int{"patchOps": attempts}
					return nil
				})
				return err
			})
			require.Equal(t, tt.attempts, attempts)
			require.Equal(t, tt.succeeds, err == nil)
			after, err := f.Account(t.Context(), a.ID)
			require.NoError(t, err)
			require.Equal(t, tt.strictly, after.Settings.Profile == "strict")
			require.Equal(t, min(tt.others, 10), after.Settings.Limits["patchOps"], "nothing of the others is lost")
		})
	}
}

func TestAccountIsRemembered(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	views := f.store.views.Load()
	for range 100 {
		_, err := f.Account(t.Context(), a.ID)
		require.NoError(t, err)
	}
	require.Equal(t, views+1, f.store.views.Load())
	f.clock.Advance(time.Minute)
	_, err := f.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, views+2, f.store.views.Load(), "read again, for changes by other processes")
}

func TestAccountsWhenTheStoreFails(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	f.store.broken.Store(true)
	_, err := f.Account(t.Context(), a.ID)
	require.ErrorIs(t, err, errBroken)
	_, err = f.AccountByName(t.Context(), "acme")
	require.ErrorIs(t, err, errBroken)
	_, err = f.ListAccounts(t.Context(), "", 10)
	require.ErrorIs(t, err, errBroken)
	_, err = f.CreateAccount(t.Context(), registry.NewAccount{Name: "other"})
	require.ErrorIs(t, err, errBroken)
	_, err = f.UpdateAccount(t.Context(), a.ID, func(*registry.Settings) error { return nil })
	require.ErrorIs(t, err, errBroken)
	f.store.broken.Store(false)
	_, err = f.Account(t.Context(), a.ID)
	require.NoError(t, err, "a failure is not remembered")
}

// TestDamagedDocument: what is not ours is an error, never an account.
func TestDamagedDocument(t *testing.T) {
	f := newFixture(t)
	for _, body := range []string{``, `[]`, `{"name":1}`, `{"name":"x","settings":{"profile":"lax"}}`} {
		id := storage.NewID()
		created, _ := storage.IDTime(id)
		_, err := f.store.Apply(t.Context(), storage.System, storage.Batch{Puts: []storage.Put{{Document: storage.Document{
			Type: "account", ID: id, Version: "1", Created: created, Modified: created, Body: []byte(body),
		}}}})
		require.NoError(t, err)
		_, err = f.Account(t.Context(), id)
		require.Error(t, err, body)
		require.NotErrorIs(t, err, registry.ErrNotFound)
	}
}
