package registry_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
)

const hour, days = time.Hour, 24 * time.Hour

// opens asserts whether a bearer token opens its account.
func (f *fixture) opens(t testing.TB, secret auth.Secret, opens bool, when string) {
	t.Helper()
	_, err := f.Authenticate(t.Context(), secret)
	if opens {
		require.NoError(t, err, when)
		return
	}
	require.ErrorIs(t, err, auth.ErrUnauthenticated, when)
}

// TestRotation: both are valid for the overlap, then only the new one.
func TestRotation(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	old, oldSecret, err := f.CreateToken(t.Context(), registry.NewToken{
		Account: a.ID, Name: "Okta", Scopes: []auth.Scope{auth.SCIM, auth.Roles}, User: "u1", Domain: "okta", Lifetime: 90 * days,
	})
	require.NoError(t, err)
	f.opens(t, oldSecret, true, "remembered from before the rotation")

	f.clock.Advance(days)
	next, secret, err := f.RotateToken(t.Context(), old.ID, registry.Rotation{Overlap: 2 * hour})
	require.NoError(t, err)
	require.NotEqual(t, oldSecret, secret)
	require.Equal(t, registry.Token{
		ID: next.ID, Account: a.ID, Name: "Okta", Form: registry.FormBearer, Client: old.ID,
		Scopes: []auth.Scope{auth.SCIM, auth.Roles}, User: "u1", Domain: "okta",
		Created: next.Created, Expires: f.clock.Now().Add(90 * days), Replaces: old.ID,
	}, next)
	p, err := f.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	require.Equal(t, &auth.Principal{
		Account: a.ID, Subject: next.ID, Name: "Okta", User: "u1", Domain: "okta", Scopes: next.Scopes, Method: auth.ByToken,
	}, p)
	read, err := f.Token(t.Context(), old.ID)
	require.NoError(t, err)
	require.Equal(t, next.ID, read.ReplacedBy)
	require.Equal(t, f.clock.Now().Add(2*hour), read.Expires)
	require.Equal(t, old.Created, read.Created)

	f.clock.Advance(2*hour - time.Millisecond)
	f.opens(t, oldSecret, true, "within the overlap")
	f.opens(t, secret, true, "within the overlap")
	f.clock.Advance(time.Millisecond)
	f.opens(t, oldSecret, false, "after the overlap")
	f.opens(t, secret, true, "after the overlap")

	third, _, err := f.RotateToken(t.Context(), next.ID, registry.Rotation{Lifetime: days})
	require.NoError(t, err)
	require.Equal(t, old.ID, third.Client, "the client stays the same")
	require.Equal(t, f.clock.Now().Add(days), third.Expires)
}

func TestOverlap(t *testing.T) {
	tests := []struct {
		name              string
		lifetime, overlap time.Duration
		ends              time.Duration // the old one, after the rotation
	}{
		{"default", 90 * days, 0, days},
		{"short", 90 * days, time.Millisecond, time.Millisecond},
		{"longest", 90 * days, 30 * days, 30 * days},
		{"never later than before", hour, 2 * hour, hour},
		{"never later than before, by default", hour, 0, hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			made, _, err := f.CreateToken(t.Context(), registry.NewToken{
				Account: f.account(t, "acme").ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}, Lifetime: tt.lifetime,
			})
			require.NoError(t, err)
			_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{Overlap: tt.overlap})
			require.NoError(t, err)
			old, err := f.Token(t.Context(), made.ID)
			require.NoError(t, err)
			require.Equal(t, f.clock.Now().Add(tt.ends), old.Expires)
		})
	}
}

// TestRotationIsRefused: with what to do instead.
func TestRotationIsRefused(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made := func(change func(id string)) string {
		t.Helper()
		tok, _ := f.token(t, a.ID)
		change(tok.ID)
		return tok.ID
	}
	nothing := func(string) {}
	rotated := made(func(id string) {
		_, _, err := f.RotateToken(t.Context(), id, registry.Rotation{})
		require.NoError(t, err)
	})
	replacement, err := f.Token(t.Context(), rotated)
	require.NoError(t, err)
	tests := []struct {
		name, id string
		rotation registry.Rotation
		message  string
	}{
		{"revoked", made(func(id string) { require.NoError(t, f.RevokeToken(t.Context(), id)) }), registry.Rotation{}, "it is revoked; create another one"},
		{"rotated", rotated, registry.Rotation{}, "rotate " + replacement.ReplacedBy},
		{"in the past", made(nothing), registry.Rotation{Overlap: -1}, "use at most 30d"},
		{"overlap too long", made(nothing), registry.Rotation{Overlap: 30*days + 1}, "use at most 30d"},
		{"lifetime too long", made(nothing), registry.Rotation{Lifetime: registry.MaxLifetime + 1}, "use 1s to 730d"},
		{"a key for a bearer token", made(nothing), registry.Rotation{Key: []byte("x")}, "use the form key, or leave it out"},
		{"an issuer for a bearer token", made(nothing), registry.Rotation{Federated: &registry.Federated{Issuer: login}}, "use the form federated"},
		{"a certificate for a bearer token", made(nothing), registry.Rotation{Certificate: &registry.Certificate{Name: "cn:x"}}, "use the form certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, err := f.Token(t.Context(), tt.id)
			require.NoError(t, err)
			_, secret, err := f.RotateToken(t.Context(), tt.id, tt.rotation)
			require.ErrorIs(t, err, registry.ErrInvalid)
			require.ErrorContains(t, err, tt.message)
			require.Empty(t, secret)
			after, err := f.Token(t.Context(), tt.id)
			require.NoError(t, err)
			require.Equal(t, before, after)
		})
	}
	expired := made(nothing)
	f.clock.Advance(registry.DefaultLifetime)
	_, _, err = f.RotateToken(t.Context(), expired, registry.Rotation{})
	require.ErrorContains(t, err, "it has expired; create another one")
	for _, id := range []string{"", "nobody", a.ID} {
		_, _, err := f.RotateToken(t.Context(), id, registry.Rotation{})
		require.ErrorIs(t, err, registry.ErrNotFound)
	}
}

// TestRevokedInTheOverlap: either ends at once, and the other one does not.
func TestRevokedInTheOverlap(t *testing.T) {
	for _, ofOld := range []bool{true, false} {
		f := newFixture(t)
		old, oldSecret := f.token(t, f.account(t, "acme").ID)
		next, secret, err := f.RotateToken(t.Context(), old.ID, registry.Rotation{})
		require.NoError(t, err)
		f.opens(t, oldSecret, true, "both")
		f.opens(t, secret, true, "both")
		require.NoError(t, f.RevokeToken(t.Context(), map[bool]string{true: old.ID, false: next.ID}[ofOld]))
		f.opens(t, oldSecret, !ofOld, "one of them")
		f.opens(t, secret, ofOld, "one of them")
	}
}

func TestTokenPolicy(t *testing.T) {
	f := newFixture(t)
	a, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{
		Tokens: registry.TokenPolicy{MaxLifetime: registry.Duration(10 * days), MaxOverlap: registry.Duration(hour)},
	}})
	require.NoError(t, err)
	n := registry.NewToken{Account: a.ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}, Lifetime: 10*days + 1}
	_, _, err = f.CreateToken(t.Context(), n)
	require.ErrorContains(t, err, "use 1s to 10d, as the policy of the account says")
	n.Lifetime = 0
	made, _, err := f.CreateToken(t.Context(), n)
	require.NoError(t, err)
	require.Equal(t, f.clock.Now().Add(10*days), made.Expires, "the default is not more")

	_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{Lifetime: 11 * days})
	require.ErrorContains(t, err, "use 1s to 10d")
	_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{Overlap: hour + 1})
	require.ErrorContains(t, err, "use at most 1h")
	next, _, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{})
	require.NoError(t, err)
	require.Equal(t, f.clock.Now().Add(10*days), next.Expires)
	old, err := f.Token(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, f.clock.Now().Add(hour), old.Expires, "the default is not more")
}

// TestRotatedAtOnce: one wins, and the others are told which token replaced it.
func TestRotatedAtOnce(t *testing.T) {
	f := newFixture(t)
	made, _ := f.token(t, f.account(t, "acme").ID)
	var all sync.WaitGroup
	var won atomic.Int32
	for range 8 {
		all.Go(func() {
			_, _, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, registry.ErrInvalid) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, won.Load())
	list, err := f.ListTokens(t.Context(), made.Account, "", 0)
	require.NoError(t, err)
	require.Len(t, list, 2)
}

// TestRotatedWhileRevoked: whoever comes first, the old one is revoked in the end,
// and there is a new one only if the rotation said so.
func TestRotatedWhileRevoked(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	for range 20 {
		made, oldSecret := f.token(t, a.ID)
		var all sync.WaitGroup
		var secret auth.Secret
		var failed error
		all.Go(func() { _, secret, failed = f.RotateToken(t.Context(), made.ID, registry.Rotation{}) })
		all.Go(func() {
			if err := f.RevokeToken(t.Context(), made.ID); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		f.opens(t, oldSecret, false, "revoked")
		old, err := f.Token(t.Context(), made.ID)
		require.NoError(t, err)
		if failed != nil {
			require.ErrorIs(t, failed, registry.ErrInvalid)
			require.Empty(t, old.ReplacedBy)
			continue
		}
		require.NotEmpty(t, old.ReplacedBy)
		f.opens(t, secret, true, "rotated")
	}
}

// TestRotatedUnderLoad: at any time either the old or the new one opens the account.
func TestRotatedUnderLoad(t *testing.T) {
	f := newFixture(t)
	made, secret := f.token(t, f.account(t, "acme").ID)
	var current atomic.Pointer[auth.Secret]
	current.Store(&secret)
	var done atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !done.Load() {
				if _, err := f.Authenticate(t.Context(), *current.Load()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 50 {
		next, secret, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{})
		require.NoError(t, err)
		current.Store(&secret)
		made = next
	}
	done.Store(true)
	all.Wait()
}
