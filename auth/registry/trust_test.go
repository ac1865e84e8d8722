package registry_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/federation"
	"roster/auth/registry"
)

// trusting sets the issuers of an account.
func (f *fixture) trusting(t testing.TB, account string, issuers ...federation.Issuer) error {
	t.Helper()
	_, err := f.UpdateAccount(t.Context(), account, func(s *registry.Settings) error {
		s.Issuers = issuers
		return nil
	})
	return err
}

// accounts lists who trusts the issuer login for an audience.
func (f *fixture) trusted(t testing.TB, issuer, audience string) (accounts []string) {
	t.Helper()
	trusts, err := f.Trusts(t.Context(), issuer, audience)
	require.NoError(t, err)
	for _, trust := range trusts {
		require.Equal(t, issuer, trust.URL)
		require.Equal(t, audience, trust.Audience)
		accounts = append(accounts, trust.Account)
	}
	return accounts
}

func plain(audience string) federation.Issuer {
	return federation.Issuer{URL: login, Audience: audience}
}

func where(audience, value string) federation.Issuer {
	i := plain(audience)
	i.Where = federation.Match{Claim: "tid", Value: value}
	return i
}

func TestTrusts(t *testing.T) {
	f := newFixture(t)
	acme, globex := f.account(t, "acme").ID, f.account(t, "globex").ID
	require.Empty(t, f.trusted(t, login, "a"))
	require.NoError(t, f.trusting(t, acme, plain("a"), where("shared", "1"), where("shared", "2")))
	require.NoError(t, f.trusting(t, globex, where("shared", "3")))

	require.Equal(t, []string{acme}, f.trusted(t, login, "a"))
	require.Equal(t, []string{acme, acme, globex}, f.trusted(t, login, "shared"))
	for _, other := range [][2]string{{login, "b"}, {login + "/", "a"}, {"", ""}, {login + "\x00a", ""}, {"", login + "\x00a"}} {
		require.Empty(t, f.trusted(t, other[0], other[1]), "%q", other)
	}

	require.NoError(t, f.trusting(t, acme))
	require.Empty(t, f.trusted(t, login, "a"), "at once")
	require.Equal(t, []string{globex}, f.trusted(t, login, "shared"))

	made, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "initech", Settings: registry.Settings{Issuers: []federation.Issuer{where("shared", "1")}}})
	require.NoError(t, err)
	require.Equal(t, []string{globex, made.ID}, f.trusted(t, login, "shared"))
}

// TestTrustIsOfOneAccount: what two have set would be of both.
func TestTrustIsOfOneAccount(t *testing.T) {
	f := newFixture(t)
	acme, globex := f.account(t, "acme").ID, f.account(t, "globex").ID
	require.NoError(t, f.trusting(t, acme, plain("a"), where("a", "1")))
	require.NoError(t, f.trusting(t, acme, where("a", "1"), plain("a")), "again")
	for _, taken := range []federation.Issuer{plain("a"), where("a", "1")} {
		err := f.trusting(t, globex, where("a", "2"), taken)
		require.ErrorIs(t, err, registry.ErrTaken)
		_, err = f.CreateAccount(t.Context(), registry.NewAccount{Name: "initech", Settings: registry.Settings{Issuers: []federation.Issuer{taken}}})
		require.ErrorIs(t, err, registry.ErrTaken)
		require.ErrorContains(t, err, "issuers")
	}
	require.Equal(t, []string{acme, acme}, f.trusted(t, login, "a"))
	require.NoError(t, f.trusting(t, acme))
	require.NoError(t, f.trusting(t, globex, plain("a")), "free again")
}

func TestSameTrustAtOnce(t *testing.T) {
	f := newFixture(t)
	var all sync.WaitGroup
	var won atomic.Int32
	for n := range 8 {
		account := f.account(t, fmt.Sprint("account-", n)).ID
		all.Go(func() {
			err := f.trusting(t, account, plain("a"))
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, registry.ErrTaken) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, won.Load())
	require.Len(t, f.trusted(t, login, "a"), 1)
}

// TestTrustsAreRemembered: also that of a minute ago, but nothing that is not there.
func TestTrustsAreRemembered(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.trusting(t, f.account(t, "acme").ID, plain("a")))
	f.trusted(t, login, "a")
	before := f.store.views.Load()
	f.trusted(t, login, "a")
	require.Equal(t, before, f.store.views.Load())
	f.trusted(t, login, "b")
	f.trusted(t, login, "b")
	require.Equal(t, before+2, f.store.views.Load())
	f.clock.Advance(time.Minute)
	f.trusted(t, login, "a")
	require.Equal(t, before+3, f.store.views.Load())
}
