package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

// TestSigningKeysRotateUnderLoad: access tokens of all keys are good while keys come,
// and none once the keys were dropped.
func TestSigningKeysRotateUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		a := g.tenant("acme")
		made, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
		first := a.access(bySecret(made.ClientID, secret))
		var bought atomic.Value
		bought.Store(first)
		rotate := func(drop bool) {
			_, err := g.Service().RotateKey(context.Background(), admin.KeyRotation{Drop: drop})
			require.NoError(t, err)
		}
		besiege(t, 10, func() int {
			bought.Store(a.made(g.buy(silent, bySecret(made.ClientID, secret))).Get("access_token").Text())
			return max(g.list(bearing(bought.Load().(string))), g.list(bearing(first)))
		}, func() {
			for range 10 {
				rotate(false)
			}
		}, http.StatusOK)
		besiege(t, 10, func() int { return g.list(bearing(first)) }, func() { rotate(true) }, http.StatusUnauthorized)
		require.Equal(t, http.StatusUnauthorized, g.list(bearing(bought.Load().(string))))
		require.Equal(t, http.StatusOK, g.list(bearing(a.access(bySecret(made.ClientID, secret)))))
	})
}

// TestRotationUnderLoad: while a credential is rotated again and again, the newest
// one that is known lets in, and so does the one before.
func TestRotationUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		a := g.tenant("acme")
		token, first := a.credential(admin.NewToken{})
		client, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
		var newest, before, sent atomic.Value
		newest.Store(first)
		before.Store(first)
		sent.Store(secret)
		access := a.access(bySecret(client.ClientID, secret))
		besiege(t, 10, func() int {
			return max(g.list(bearing(newest.Load().(string))), g.list(bearing(before.Load().(string))), g.list(bearing(access)),
				g.buy(silent, bySecret(client.ClientID, sent.Load().(string))).Code, g.buy(silent, bySecret(client.ClientID, secret)).Code)
		}, func() {
			for range 10 {
				r := a.rotate(admin.Rotation{ID: token.ID})
				token = r.Token
				before.Store(newest.Load())
				newest.Store(r.Secret)
				r = a.rotate(admin.Rotation{ID: client.ID})
				client.ID = r.ID
				sent.Store(r.ClientSecret)
			}
		}, http.StatusOK)
	})
}

func (t *tenant) rotate(r admin.Rotation) admin.RotatedToken {
	rotated, err := t.Service().RotateToken(context.Background(), r)
	require.NoError(t.t, err)
	return rotated
}

// TestOverlapEndsOnTime: the old credential and the new one both work, exactly until
// the overlap is over. Then what was bought with the old one opens nothing, either.
func TestOverlapEndsOnTime(t *testing.T) {
	forms := map[string]func(*tenant) (before, after show){
		"token": func(a *tenant) (before, after show) {
			made, text := a.credential(admin.NewToken{})
			return bearing(text), bearing(a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute}).Secret)
		},
		"certificate": func(a *tenant) (before, after show) {
			old, next := certificate(a.t, "a", time.Now()), certificate(a.t, "b", time.Now())
			made, _ := a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: fingerprintOf(old)})
			c := fingerprintOf(next)
			a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute, Certificate: &c})
			return presenting(old, false), presenting(next, false)
		},
		"access token of a secret": func(a *tenant) (before, after show) {
			made, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
			text := a.access(bySecret(made.ClientID, secret))
			r := a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute})
			return bearing(text), bearing(a.access(bySecret(made.ClientID, r.ClientSecret)))
		},
		"access token of a key": func(a *tenant) (before, after show) {
			made, key := a.keyed(0)
			text := a.access(byAssertion("", assertion(a.t, key, made.ClientID, nil)))
			next := authtest.NewKey(a.t, "next", "ES256")
			public, err := json.Marshal(next.Public())
			require.NoError(a.t, err)
			a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute, Key: public})
			a.access(byAssertion("", assertion(a.t, key, made.ClientID, nil)))
			return bearing(text), bearing(a.access(byAssertion("", assertion(a.t, next, made.ClientID, nil))))
		},
	}
	for form, rotated := range forms {
		t.Run(form, func(t *testing.T) {
			inBubble(t, func(t *testing.T, g *guarded) {
				before, after := rotated(g.tenant("acme"))
				for _, pause := range []time.Duration{0, time.Minute - time.Millisecond} {
					time.Sleep(pause)
					require.Equal(t, http.StatusOK, g.list(before))
					require.Equal(t, http.StatusOK, g.list(after))
				}
				time.Sleep(time.Millisecond)
				require.Equal(t, http.StatusUnauthorized, g.list(before))
				require.Equal(t, http.StatusOK, g.list(after))
			})
		})
	}
}

// TestIssuerRotatesUnderLoad: the issuer has another key every hour, publishes it
// with the one before, and signs with it after the ten seconds in which it may not be
// asked twice. All who ask meanwhile are let in, and a key that it withdrew opens
// nothing after a quarter of an hour.
func TestIssuerRotatesUnderLoad(t *testing.T) {
	issuer, key := outside(t)
	synctest.Test(t, func(t *testing.T) {
		g := newGuarded(t, true, issuer, key)
		a, random := g.tenant("acme"), seeded(t)
		var signing atomic.Pointer[authtest.Key]
		signing.Store(key)
		var clients sync.WaitGroup
		end := time.Now().Add(4*time.Hour + 30*time.Minute)
		for range 4 {
			pause := time.Duration(1+random.IntN(90)) * time.Second
			clients.Go(func() {
				for time.Now().Before(end) {
					if status := g.list(bearing(a.vouchedBy(signing.Load(), nil))); status != http.StatusOK {
						t.Errorf("status %d at %v", status, time.Now())
					}
					time.Sleep(pause)
				}
			})
		}
		for n := range 4 {
			time.Sleep(time.Hour)
			next := authtest.NewKey(t, fmt.Sprint("key", n), "ES256")
			before := signing.Load()
			issuer.Publish(before, next)
			time.Sleep(10 * time.Second)
			signing.Store(next)
		}
		clients.Wait()
		require.Less(t, issuer.Asked(authtest.KeysPath), 30, "every quarter of an hour, and for each new key")

		last := signing.Load()
		require.Equal(t, http.StatusOK, g.list(bearing(a.vouchedBy(last, nil))))
		issuer.Publish(authtest.NewKey(t, "after", "ES256"))
		for range 4 {
			time.Sleep(5 * time.Minute)
			g.list(bearing(a.vouchedBy(last, nil)))
			synctest.Wait()
		}
		require.Equal(t, http.StatusUnauthorized, g.list(bearing(a.vouchedBy(last, nil))))
	})
}
