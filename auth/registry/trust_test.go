package registry_test

import (
	"errors"
	"fmt"
	"slices"
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

// whereClaim is where with another claim.
func whereClaim(audience, claim, value string) federation.Issuer {
	i := where(audience, value)
	i.Where.Claim = claim
	return i
}

// TestTrustIsOfOneAccount: no token can be of two. Several accounts have an issuer
// and audience only if all ask for one claim, each for other values.
func TestTrustIsOfOneAccount(t *testing.T) {
	type issuers = []federation.Issuer
	tests := []struct {
		name       string
		has, wants issuers
		taken      bool
	}{
		{"other values", issuers{where("a", "1"), where("a", "2")}, issuers{where("a", "3")}, false},
		{"other audiences", issuers{plain("a"), where("a", "1")}, issuers{plain("b")}, false},
		{"the same", issuers{plain("a")}, issuers{plain("a")}, true},
		{"the same value", issuers{where("a", "1")}, issuers{where("a", "2"), where("a", "1")}, true},
		{"all of them", issuers{where("a", "1")}, issuers{plain("a")}, true},
		{"one of all", issuers{plain("a")}, issuers{where("a", "1")}, true},
		{"another claim", issuers{where("a", "1")}, issuers{whereClaim("a", "groups", "2")}, true},
		{"several claims", issuers{where("a", "1")}, issuers{where("a", "2"), whereClaim("a", "groups", "2")}, true},
		{"one of several claims", issuers{where("a", "1"), whereClaim("a", "groups", "2")}, issuers{where("a", "3")}, true},
		{"one of all and some", issuers{plain("a"), where("a", "1")}, issuers{where("a", "2")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			acme, globex := f.account(t, "acme").ID, f.account(t, "globex").ID
			require.NoError(t, f.trusting(t, acme, tt.has...))
			slices.Reverse(tt.has)
			require.NoError(t, f.trusting(t, acme, tt.has...), "again, in another order")
			err := f.trusting(t, globex, tt.wants...)
			_, created := f.CreateAccount(t.Context(), registry.NewAccount{Name: "initech", Settings: registry.Settings{Issuers: tt.wants}})
			if !tt.taken {
				require.NoError(t, err)
				require.ErrorIs(t, created, registry.ErrTaken, "globex has it by now")
				return
			}
			for _, err := range []error{err, created} {
				require.ErrorIs(t, err, registry.ErrTaken)
				require.ErrorContains(t, err, "issuers")
			}
			require.NotContains(t, f.trusted(t, login, "a"), globex)
			require.NoError(t, f.trusting(t, acme))
			require.NoError(t, f.trusting(t, globex, tt.wants...), "free again")
		})
	}
}

// TestSharingEnds: the last one who asks for a claim frees the issuer for others.
func TestSharingEnds(t *testing.T) {
	f := newFixture(t)
	acme, globex, initech := f.account(t, "acme").ID, f.account(t, "globex").ID, f.account(t, "initech").ID
	require.NoError(t, f.trusting(t, acme, where("a", "1"), where("a", "2")))
	require.NoError(t, f.trusting(t, globex, where("a", "3")))
	require.NoError(t, f.trusting(t, acme))
	require.ErrorIs(t, f.trusting(t, initech, plain("a")), registry.ErrTaken)
	require.NoError(t, f.trusting(t, globex, whereClaim("a", "groups", "3")), "it is alone")
	require.ErrorIs(t, f.trusting(t, acme, where("a", "1")), registry.ErrTaken)
	require.NoError(t, f.trusting(t, acme, whereClaim("a", "groups", "1")))
	require.ErrorIs(t, f.trusting(t, globex, where("a", "3")), registry.ErrTaken, "it is not alone any more")
	require.NoError(t, f.DeleteAccount(t.Context(), globex))
	require.NoError(t, f.DeleteAccount(t.Context(), acme))
	require.NoError(t, f.trusting(t, initech, plain("a")))
}

// TestSharedAtOnce: accounts that ask for different claims at once do not all have
// their way.
func TestSharedAtOnce(t *testing.T) {
	f := newFixture(t)
	claims := []string{"tid", "groups"}
	for round := range 10 {
		audience := fmt.Sprint("audience-", round)
		var all sync.WaitGroup
		var won [2]atomic.Int32
		for n := range 8 {
			account := f.account(t, fmt.Sprintf("account-%d-%d", round, n)).ID
			all.Go(func() {
				err := f.trusting(t, account, whereClaim(audience, claims[n%2], fmt.Sprint(n)))
				if err == nil {
					won[n%2].Add(1)
				} else if !errors.Is(err, registry.ErrTaken) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.ElementsMatch(t, []int32{0, 4}, []int32{won[0].Load(), won[1].Load()})
	}
}

// TestManyShareAnIssuer: all are found, however many they are.
func TestManyShareAnIssuer(t *testing.T) {
	f := newFixture(t)
	const many = 1100
	for n := range many {
		_, err := f.CreateAccount(t.Context(), registry.NewAccount{
			Name: fmt.Sprintf("account-%04d", n), Settings: registry.Settings{Issuers: []federation.Issuer{where("a", fmt.Sprint(n))}},
		})
		require.NoError(t, err)
	}
	found := f.trusted(t, login, "a")
	require.Len(t, found, many)
	slices.Sort(found)
	require.Len(t, slices.Compact(found), many)
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
