package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
	"roster/scim/server"
)

// onGuarded runs a test on each engine, by the clock of the machine.
func onGuarded(t *testing.T, run func(t *testing.T, g *guarded)) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			issuer, key := outside(t)
			run(t, newGuarded(t, memory, issuer, key))
		})
	}
}

// seeded are random numbers whose seed is printed.
func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// besiege has clients ask all the time, and calls end after so many answers. Until
// it returns they may be let in or not; whoever asks later is to get that status.
func besiege(t *testing.T, before int, ask func() int, end func(), status int) {
	const clients, later = 4, 8
	var over atomic.Bool
	var answers atomic.Int64
	var all sync.WaitGroup
	enough := make(chan struct{})
	for range clients {
		all.Go(func() {
			for late := 0; late < later; {
				isLate := over.Load()
				got := ask()
				if isLate {
					late++
				}
				if got != status && (isLate || got != http.StatusOK) {
					t.Errorf("late: %v, status %d", isLate, got)
				}
				if answers.Add(1) == int64(before) {
					close(enough)
				}
			}
		})
	}
	defer all.Wait()
	defer over.Store(true)
	<-enough
	end()
}

// besieged is a good credential, and how it alone is ended.
type besieged struct {
	by     show
	revoke func()
	user   string // it belongs to, "" for none
}

// kinds of credentials, by how they are made.
func kinds() map[string]func(*tenant) besieged {
	all := map[string]func(*tenant) besieged{
		"token": func(a *tenant) besieged {
			made, text := a.credential(admin.NewToken{})
			return besieged{bearing(text), func() { a.revoke(made.ID) }, ""}
		},
		"token of a user": func(a *tenant) besieged {
			user := a.machine("worker")
			made, text := a.credential(admin.NewToken{User: user})
			return besieged{bearing(text), func() { a.revoke(made.ID) }, user}
		},
		"personal token": func(a *tenant) besieged {
			user := a.machine("worker")
			text, id := a.personal(user, "{}")
			return besieged{bearing(text), func() { a.verb("DELETE", "/users/"+user+"/tokens/"+id, "") }, user}
		},
		"certificate": func(a *tenant) besieged {
			leaf := certificate(a.t, "hr.example.com", time.Now())
			made, _ := a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: fingerprintOf(leaf)})
			return besieged{presenting(leaf, false), func() { a.revoke(made.ID) }, ""}
		},
		"name of certificates": func(a *tenant) besieged {
			name := a.name + ".example.com"
			made, _ := a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: registry.Certificate{Name: "dns:" + name}})
			return besieged{presenting(certificate(a.t, name, time.Now()), true), func() { a.revoke(made.ID) }, ""}
		},
		"access token of a secret": func(a *tenant) besieged {
			made, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
			return besieged{bearing(a.access(bySecret(made.Client, secret))), func() { a.revoke(made.ID) }, ""}
		},
		"access token of a key": func(a *tenant) besieged {
			made, key := a.keyed(0)
			return besieged{bearing(a.access(byAssertion("", assertion(a.t, key, made.Client, nil)))), func() { a.revoke(made.ID) }, ""}
		},
		"access token of federation": func(a *tenant) besieged {
			made := a.federated()
			return besieged{bearing(a.access(byAssertion(made.Client, a.workload(nil)))), func() { a.revoke(made.ID) }, ""}
		},
		"access token of a machine's secret": func(a *tenant) besieged {
			user := a.machine("worker")
			return besieged{bearing(a.access(a.secretOf(user))), func() { a.verb("DELETE", "/users/"+user+"/secret", "") }, user}
		},
		"access token of a machine's key": func(a *tenant) besieged {
			user, client, id, key := a.keyedMachine("worker")
			return besieged{bearing(a.access(byAssertion("", assertion(a.t, key, client, nil)))), func() { a.verb("DELETE", "/users/"+user+"/keys/"+id, "") }, user}
		},
		"access token of the issuer": func(a *tenant) besieged {
			return besieged{bearing(a.access(byGrant(a.vouched(nil)))), func() { a.trust(false) }, ""}
		},
		"token of the issuer": func(a *tenant) besieged {
			return besieged{bearing(a.vouched(nil)), func() { a.trust(false) }, ""}
		},
		"token of the issuer for a user": func(a *tenant) besieged {
			user := a.machine("worker")
			return besieged{bearing(a.vouched(map[string]any{"uid": "worker"})), func() { a.trust(false) }, user}
		},
	}
	return all
}

// ends are what else ends a credential, with the status that is answered then.
var ends = []struct {
	name   string
	ofUser bool // only what belongs to a user
	end    func(*tenant, besieged)
	status int
}{
	{"revoked", false, func(_ *tenant, b besieged) { b.revoke() }, 401},
	{"account disabled", false, func(a *tenant, _ besieged) { a.disable(true) }, 403},
	{"account deleted", false, func(a *tenant, _ besieged) { a.delete() }, 401},
	{"user locked", true, func(a *tenant, b besieged) { a.verb("POST", "/users/"+b.user+"/lock", "") }, 401},
	{"user deactivated", true, func(a *tenant, b besieged) { a.verb("POST", "/users/"+b.user+"/deactivate", "") }, 401},
	{"user removed", true, func(a *tenant, b besieged) { a.verb("DELETE", "/users/"+b.user, "") }, 401},
}

// TestEndedUnderLoad: after a credential, its user or its account was ended, not one
// request is let in that begins later, while the clients go on asking.
func TestEndedUnderLoad(t *testing.T) {
	for _, way := range ends {
		t.Run(way.name, func(t *testing.T) {
			onGuarded(t, func(t *testing.T, g *guarded) {
				random, n := seeded(t), 0
				for kind, of := range kinds() {
					a := g.tenant(fmt.Sprint("account", n))
					n++
					b := of(a)
					if way.ofUser && b.user == "" {
						continue
					}
					t.Run(kind, func(t *testing.T) {
						besiege(t, 1+random.IntN(20), func() int { return g.list(b.by) }, func() { way.end(a, b) }, way.status)
					})
				}
			})
		})
	}
}

// TestBuyingUnderLoad: nor is an access token given out any more, or if one was on
// its way, it opens nothing.
func TestBuyingUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		random := seeded(t)
		for round := range 5 {
			a := g.tenant(fmt.Sprint("account", round))
			made, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
			var last atomic.Value
			besiege(t, 1+random.IntN(20), func() int {
				w := g.buy(silent, bySecret(made.Client, secret))
				if w.Code == http.StatusOK {
					last.Store(a.made(w).Get("access_token").Text())
				}
				return w.Code
			}, func() { a.revoke(made.ID) }, http.StatusUnauthorized)
			if text, bought := last.Load().(string); bought {
				require.Equal(t, http.StatusUnauthorized, g.list(bearing(text)))
			}
		}
	})
}

// TestSigningKeysRotateUnderLoad: access tokens of all keys are good while keys come,
// and none once the keys were dropped.
func TestSigningKeysRotateUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		a := g.tenant("acme")
		made, secret := a.credential(admin.NewToken{Form: registry.FormSecret})
		first := a.access(bySecret(made.Client, secret))
		var bought atomic.Value
		bought.Store(first)
		rotate := func(drop bool) {
			_, err := g.Service().RotateKey(context.Background(), admin.KeyRotation{Drop: drop})
			require.NoError(t, err)
		}
		besiege(t, 10, func() int {
			bought.Store(a.made(g.buy(silent, bySecret(made.Client, secret))).Get("access_token").Text())
			return max(g.list(bearing(bought.Load().(string))), g.list(bearing(first)))
		}, func() {
			for range 10 {
				rotate(false)
			}
		}, http.StatusOK)
		besiege(t, 10, func() int { return g.list(bearing(first)) }, func() { rotate(true) }, http.StatusUnauthorized)
		require.Equal(t, http.StatusUnauthorized, g.list(bearing(bought.Load().(string))))
		require.Equal(t, http.StatusOK, g.list(bearing(a.access(bySecret(made.Client, secret)))))
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
		access := a.access(bySecret(client.Client, secret))
		besiege(t, 10, func() int {
			return max(g.list(bearing(newest.Load().(string))), g.list(bearing(before.Load().(string))), g.list(bearing(access)),
				g.buy(silent, bySecret(client.Client, sent.Load().(string))).Code, g.buy(silent, bySecret(client.Client, secret)).Code)
		}, func() {
			for range 10 {
				r := a.rotate(admin.Rotation{ID: token.ID})
				token = r.Token
				before.Store(newest.Load())
				newest.Store(r.Secret)
				r = a.rotate(admin.Rotation{ID: client.ID})
				client.ID = r.ID
				sent.Store(r.Secret)
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
			text := a.access(bySecret(made.Client, secret))
			r := a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute})
			return bearing(text), bearing(a.access(bySecret(made.Client, r.Secret)))
		},
		"access token of a key": func(a *tenant) (before, after show) {
			made, key := a.keyed(0)
			text := a.access(byAssertion("", assertion(a.t, key, made.Client, nil)))
			next := authtest.NewKey(a.t, "next", "ES256")
			public, err := json.Marshal(next.Public())
			require.NoError(a.t, err)
			a.rotate(admin.Rotation{ID: made.ID, Overlap: time.Minute, Key: public})
			a.access(byAssertion("", assertion(a.t, key, made.Client, nil)))
			return bearing(text), bearing(a.access(byAssertion("", assertion(a.t, next, made.Client, nil))))
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

// TestDomainsUnderLoad: two clients with provisioning domains of their own write the
// external id of one user at the same time, and each reads what it wrote.
func TestDomainsUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		a := g.tenant("acme")
		user := a.machine("worker")
		var clients sync.WaitGroup
		for _, domain := range []string{"", "okta", "hr"} {
			_, text := a.credential(admin.NewToken{Domain: domain})
			clients.Go(func() {
				for n := range 10 {
					id := fmt.Sprint(domain, "-", n)
					w := g.ask(bearing(text), "PATCH", server.Root+"/Users/"+user, `{"Operations":[{"op":"replace","path":"externalId","value":"`+id+`"}]}`)
					if w.Code != http.StatusOK {
						t.Errorf("%s: %s", id, w.Body)
						return
					}
					read := a.made(g.ask(bearing(text), "GET", server.Root+"/Users/"+user, "")).Get("externalId").Text()
					if read != id {
						t.Errorf("wrote %s, read %s", id, read)
					}
				}
			})
		}
		clients.Wait()
	})
}

// TestWritingUnderLoad: clients make users while their account is disabled, or
// deleted with all that they made, and no fault is met.
func TestWritingUnderLoad(t *testing.T) {
	onGuarded(t, func(t *testing.T, g *guarded) {
		random := seeded(t)
		for n, way := range ends[1:3] {
			a := g.tenant(fmt.Sprint("account", n))
			_, text := a.credential(admin.NewToken{})
			var made atomic.Int64
			besiege(t, 1+random.IntN(20), func() int {
				w := g.ask(bearing(text), "POST", server.Root+"/Users", fmt.Sprintf(`{"userName":"user%d"}`, made.Add(1)))
				switch w.Code {
				case http.StatusCreated, http.StatusNotFound: // it may be erased before the answer is made
					return http.StatusOK
				}
				return w.Code
			}, func() { way.end(a, besieged{}) }, way.status)
		}
		require.NotContains(t, g.log.String(), "level=ERROR")
	})
}
