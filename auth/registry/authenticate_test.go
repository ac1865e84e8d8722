package registry_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/storage"
)

func TestUnknownCredentials(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(t, f.account(t, "acme").ID)
	tests := []struct {
		name   string
		secret auth.Secret
		views  int64 // that the refusal may cost
	}{
		{"cut off", secret[:40], 0},
		{"mistyped", secret[:20] + "x" + secret[21:54] + "xx", 0},
		{"never given out", token.Format{}.Mint(), 1},
		{"foreign", "development", 1},
		{"empty", "", 1},
		{"NUL", "\x00", 1},
		{"very long", auth.Secret(strings.Repeat("x", 1<<20)), 1},
		{"very long with prefix", auth.Secret("roster_" + strings.Repeat("x", 1<<20)), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			views := f.store.views.Load()
			p, err := f.Authenticate(t.Context(), tt.secret)
			require.ErrorIs(t, err, auth.ErrUnauthenticated)
			require.Nil(t, p)
			require.LessOrEqual(t, f.store.views.Load()-views, tt.views)
		})
	}
}

func TestExpiryActsAtOnce(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	_, secret, err := f.CreateToken(t.Context(), registry.NewToken{
		Account: a.ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}, Lifetime: 10 * time.Second,
	})
	require.NoError(t, err)
	f.clock.Advance(10*time.Second - time.Millisecond)
	_, err = f.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	f.clock.Advance(time.Millisecond)
	_, err = f.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, auth.ErrUnauthenticated, "although it is remembered")
}

func TestPrincipalIsRemembered(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(t, f.account(t, "acme").ID)
	views := f.store.views.Load()
	for range 100 {
		_, err := f.Authenticate(t.Context(), secret)
		require.NoError(t, err)
	}
	require.Equal(t, views+1, f.store.views.Load())
}

func TestAuthenticateWhenTheStoreFails(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(t, f.account(t, "acme").ID)
	f.store.broken.Store(true)
	_, err := f.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, errBroken)
	require.NotErrorIs(t, err, auth.ErrUnauthenticated, "a client must not throw its token away")
	f.store.broken.Store(false)
	_, err = f.Authenticate(t.Context(), secret)
	require.NoError(t, err)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.Authenticate(ended, token.Format{}.Mint())
	require.ErrorIs(t, err, context.Canceled)
}

// TestRevokedWhileBeingLookedUp: a request that read the token just before it was
// revoked must not make it be remembered.
func TestRevokedWhileBeingLookedUp(t *testing.T) {
	f := newFixture(t)
	made, secret := f.token(t, f.account(t, "acme").ID)
	f.store.afterView = func() {
		f.store.afterView = nil
		require.NoError(t, f.RevokeToken(t.Context(), made.ID))
	}
	_, err := f.Authenticate(t.Context(), secret)
	require.NoError(t, err, "it came before")
	_, err = f.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
}

// TestRevokedUnderLoad: whoever starts after RevokeToken returned is refused.
func TestRevokedUnderLoad(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	for range 5 {
		made, secret := f.token(t, a.ID)
		var revoked atomic.Bool
		var all sync.WaitGroup
		var accepted sync.WaitGroup
		accepted.Add(4)
		for range 4 {
			all.Go(func() {
				for first := true; ; first = false {
					after := revoked.Load()
					_, err := f.Authenticate(t.Context(), secret)
					if first {
						accepted.Done()
					}
					if err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
						t.Error(err)
					}
					if after {
						if err == nil {
							t.Error("a revoked token was accepted")
						}
						return
					}
				}
			})
		}
		accepted.Wait()
		if err := f.RevokeToken(t.Context(), made.ID); err != nil {
			t.Error(err)
		}
		revoked.Store(true)
		all.Wait()
	}
}

func TestLastUsed(t *testing.T) {
	f := newFixture(t)
	made, secret := f.token(t, f.account(t, "acme").ID)
	require.True(t, made.LastUsed.IsZero())
	writes := f.store.applies.Load()
	begin := f.clock.Now()
	written := make(chan struct{})
	f.store.afterApply = func() { written <- struct{}{} }
	for range 3 {
		for range 60 {
			_, err := f.Authenticate(t.Context(), secret)
			require.NoError(t, err)
			f.clock.Advance(time.Second)
		}
		<-written
	}
	f.Close()
	read, err := f.Token(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, begin.Add(2*time.Minute), read.LastUsed)
	require.Equal(t, writes+3, f.store.applies.Load(), "once a minute")

	f.clock.Advance(time.Hour)
	_, err = f.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	require.Equal(t, writes+3, f.store.applies.Load(), "none is started after Close")
	f.Close()
}

// TestUseNeverWaits: a store that does not take writes slows no request, and few
// writes wait for it.
func TestUseNeverWaits(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	var secrets []auth.Secret
	for range 20 {
		_, secret := f.token(t, a.ID)
		secrets = append(secrets, secret)
	}
	release := make(chan struct{})
	var waiting atomic.Int32
	f.store.beforeApply = func() {
		waiting.Add(1)
		<-release
	}
	for _, secret := range secrets {
		_, err := f.Authenticate(t.Context(), secret)
		require.NoError(t, err)
	}
	close(release)
	f.Close()
	require.EqualValues(t, 4, waiting.Load(), "writes at once")
	require.Empty(t, f.logs.String())
}

func TestUseThatFails(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(t, f.account(t, "acme").ID)
	f.store.afterView = func() { f.store.broken.Store(true) }
	_, err := f.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	f.Close()
	require.Contains(t, f.logs.String(), "the last use of a credential was not noted")
	require.Contains(t, f.logs.String(), errBroken.Error())
	require.NotContains(t, f.logs.String(), secret.Reveal())
	f.store.broken.Store(false)
}

// TestForeignClaim: a claim that leads to something else lets nobody in.
func TestForeignClaim(t *testing.T) {
	tests := []struct{ name, typ, body string }{
		{"another type", "account", `{"name":"x"}`},
		{"another hash", "token", `{"account":"a","name":"x","scopes":["scim"],"expires":"2099-01-01T00:00:00Z","hash":"AAAA"}`},
		{"no hash", "token", `{"account":"a","name":"x","scopes":["scim"],"expires":"2099-01-01T00:00:00Z"}`},
		{"revoked", "token", `{"account":"a","name":"x","scopes":["scim"],"expires":"2099-01-01T00:00:00Z","revoked":"2020-01-01T00:00:00Z"}`},
		{"a client's", "token", `{"account":"a","name":"x","form":"secret","scopes":["scim"],"expires":"2099-01-01T00:00:00Z","hash":"HASH"}`},
		{"no body", "token", ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			secret := token.Format{}.Mint()
			hash := token.Format{}.Hash(secret)
			tt.body = strings.Replace(tt.body, "HASH", base64.StdEncoding.EncodeToString(hash[:]), 1)
			id := storage.NewID()
			created, _ := storage.IDTime(id)
			_, err := f.store.Apply(t.Context(), storage.System, storage.Batch{Puts: []storage.Put{{Document: storage.Document{
				Type: tt.typ, ID: id, Version: "1", Created: created, Modified: created, Body: []byte(tt.body),
				Claims: []storage.Claim{{Attribute: "token:hash", Value: hash[:], ID: id}},
			}}}})
			require.NoError(t, err)
			_, err = f.Authenticate(t.Context(), secret)
			require.Error(t, err)
		})
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	f := newFixture(b)
	_, secret := f.token(b, f.account(b, "acme").ID)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Authenticate(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
	}
}
