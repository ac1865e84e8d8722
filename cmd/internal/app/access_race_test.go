package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
// it returns they may be let in or not, and find nothing in an account that goes;
// whoever asks later is to get that status.
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
				if got != status && (isLate || got != http.StatusOK && got != http.StatusNotFound) {
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
	return map[string]func(*tenant) besieged{
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
			return besieged{bearing(a.access(bySecret(made.ClientID, secret))), func() { a.revoke(made.ID) }, ""}
		},
		"access token of a key": func(a *tenant) besieged {
			made, key := a.keyed(0)
			return besieged{bearing(a.access(byAssertion("", assertion(a.t, key, made.ClientID, nil)))), func() { a.revoke(made.ID) }, ""}
		},
		"access token of federation": func(a *tenant) besieged {
			made := a.federated()
			return besieged{bearing(a.access(byAssertion(made.ClientID, a.workload(nil)))), func() { a.revoke(made.ID) }, ""}
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
// request is let in that begins later, while the clients go on asking. What could be
// remembered too long is above the engines, so one of them will do.
func TestEndedUnderLoad(t *testing.T) {
	issuer, key := outside(t)
	for _, way := range ends {
		t.Run(way.name, func(t *testing.T) {
			g, random, n := newGuarded(t, true, issuer, key), seeded(t), 0
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
				w := g.buy(silent, bySecret(made.ClientID, secret))
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
