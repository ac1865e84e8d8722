package app_test

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/extensions/platform"
	"roster/scim/server"
)

// says answers with texts in the place of discovery and keys; "" is the right text.
func says(i *authtest.Issuer, key *authtest.Key, discovery, keys string) http.Handler {
	right, _ := json.Marshal(authtest.KeySet(key))
	texts := map[string]string{authtest.DiscoveryPath: discovery, authtest.KeysPath: keys}
	if discovery == "" {
		texts[authtest.DiscoveryPath] = fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, i.URL(), i.URL()+authtest.KeysPath)
	}
	if keys == "" {
		texts[authtest.KeysPath] = string(right)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(texts[r.URL.Path])) // fails if too much was sent
	})
}

// rubbish is what an issuer may answer from which nobody learns its keys.
func rubbish(i *authtest.Issuer, key *authtest.Key) map[string]http.Handler {
	private, _ := json.Marshal(key.JSONWebKey)
	status := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	return map[string]http.Handler{
		"404":             status(http.StatusNotFound),
		"500":             status(http.StatusInternalServerError),
		"nothing":         status(http.StatusNoContent),
		"401":             status(http.StatusUnauthorized),
		"a redirect":      http.RedirectHandler("https://login.example.com/", http.StatusFound),
		"a broken answer": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		"a page":          says(i, key, "<!DOCTYPE html><title>Sign in</title>", ""),
		"no object":       says(i, key, "[]", ""),
		"null":            says(i, key, "null", ""),
		"nesting":         says(i, key, strings.Repeat("[", 100_000), ""),
		"too much":        says(i, key, `{"issuer":"`+strings.Repeat("x", 2<<20)+`"}`, ""),
		"another issuer":  says(i, key, `{"issuer":"https://login.example.com","jwks_uri":"`+i.URL()+authtest.KeysPath+`"}`, ""),
		"no place":        says(i, key, fmt.Sprintf(`{"issuer":%q}`, i.URL()), ""),
		"an open place":   says(i, key, fmt.Sprintf(`{"issuer":%q,"jwks_uri":"http://keys.example.com/"}`, i.URL()), ""),
		"a file":          says(i, key, fmt.Sprintf(`{"issuer":%q,"jwks_uri":"file:///etc/passwd"}`, i.URL()), ""),
		"no keys":         says(i, key, "", `{"keys":[]}`),
		"keys of text":    says(i, key, "", `{"keys":"secret"}`),
		"keys in a page":  says(i, key, "", "<!DOCTYPE html><title>Sign in</title>"),
		"shared secrets":  says(i, key, "", `{"keys":[{"kty":"oct","kid":"first","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}`),
		"a private key":   says(i, key, "", `{"keys":[`+string(private)+`]}`),
		"too many keys":   says(i, key, "", `{"keys":[`+strings.Repeat(`{"kty":"oct"},`, 100_000)+`{}]}`),
	}
}

// TestIssuerAnswersRubbish: that is no fault of the token, and everywhere the same
// answer, which says nothing of the issuer. It is asked once in ten seconds, and then
// its tokens work at once. Once its keys are known, rubbish does not matter for a day.
func TestIssuerAnswersRubbish(t *testing.T) {
	for name := range rubbish(outside(t)) {
		t.Run(name, func(t *testing.T) {
			issuer, key := outside(t)
			synctest.Test(t, func(t *testing.T) { rubbishIn(t, newGuarded(t, true, issuer, key), rubbish(issuer, key)[name]) })
		})
	}
}

func rubbishIn(t *testing.T, g *guarded, what http.Handler) {
	acme := g.tenant("acme")
	client := acme.federated()
	good := bearing(acme.vouched(nil))
	g.issuer.Answer(what)
	down := func() {
		t.Helper()
		for _, path := range []string{server.Root + "/Users", "/v1/account/users", platform.Root + "/accounts"} {
			w := g.ask(good, "GET", path, "")
			require.Equal(t, http.StatusServiceUnavailable, w.Code)
			require.Equal(t, "1", w.Header().Get("Retry-After"))
			require.Contains(t, w.Body.String(), `"the token cannot be checked at the moment: try again later"`)
			require.Less(t, w.Body.Len(), 300)
		}
		for _, parameters := range []url.Values{byGrant(acme.vouched(nil)), byAssertion(client.ClientID, acme.workload(nil))} {
			w := g.buy(silent, parameters)
			require.Equal(t, http.StatusServiceUnavailable, w.Code)
			require.JSONEq(t, `{"error":"temporarily_unavailable","error_description":"the credential cannot be checked at the moment: try again later"}`, w.Body.String())
		}
	}
	down()
	require.Less(t, len(g.log.String()), 20_000, "what the issuer answers does not fill the log")
	g.issuer.Answer(nil)
	asked := g.issuer.Asked(authtest.DiscoveryPath)
	down()
	require.Equal(t, asked, g.issuer.Asked(authtest.DiscoveryPath), "it is not asked again so soon")
	require.Less(t, asked, 3) // oidc may try once more on a broken connection
	time.Sleep(10 * time.Second)
	require.Equal(t, http.StatusOK, g.list(good))

	g.issuer.Answer(what)
	for range 23 {
		time.Sleep(time.Hour)
		require.Equal(t, http.StatusOK, g.list(bearing(acme.vouched(nil))))
	}
	time.Sleep(2 * time.Hour)
	good = bearing(acme.vouched(nil))
	down()
	g.issuer.Answer(nil)
	time.Sleep(10 * time.Second)
	require.Equal(t, http.StatusOK, g.list(good))
}

// mending is something that keeps a good credential out for a while.
type mending struct {
	by          show
	fault, mend func()        // nil: it is bad from the beginning, or by itself good again
	status      int           // meanwhile
	pause       time.Duration // until it is let in again, 0 for at once
}

// TestMendedAtOnce: nothing of a refusal is remembered longer than it says.
func TestMendedAtOnce(t *testing.T) {
	rows := map[string]func(*tenant) mending{
		"a token before its time": func(a *tenant) mending {
			return mending{bearing(a.vouched(map[string]any{"nbf": time.Now().Add(time.Hour).Unix(), "exp": time.Now().Add(2 * time.Hour).Unix()})), nil, nil, 401, time.Hour}
		},
		"a certificate before its time": func(a *tenant) mending {
			leaf := certificate(a.t, "hr.example.com", time.Now().Add(time.Hour))
			a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: fingerprintOf(leaf)})
			return mending{presenting(leaf, false), nil, nil, 401, time.Hour}
		},
		"a certificate before its credential": func(a *tenant) mending {
			leaf := certificate(a.t, "hr.example.com", time.Now())
			return mending{presenting(leaf, true), nil, func() {
				a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: registry.Certificate{Name: "dns:hr.example.com"}})
			}, 401, 0}
		},
		"a key that is not published": func(a *tenant) mending {
			second := authtest.NewKey(a.t, "second", "ES256")
			a.list(bearing(a.vouched(nil)))
			return mending{bearing(a.vouchedBy(second, nil)), nil, func() { a.issuer.Publish(a.key, second) }, 401, 10 * time.Second}
		},
		"an issuer that is down": func(a *tenant) mending {
			a.issuer.Answer(http.NotFoundHandler())
			return mending{bearing(a.vouched(nil)), nil, func() { a.issuer.Answer(nil) }, 503, 10 * time.Second}
		},
		"a trust that is not there": func(a *tenant) mending {
			return mending{bearing(a.vouched(nil)), func() { a.trust(false) }, func() { a.trust(true) }, 401, 0}
		},
		"a trust behind an access token": func(a *tenant) mending {
			return mending{bearing(a.access(byGrant(a.vouched(nil)))), func() { a.trust(false) }, func() { a.trust(true) }, 401, 0}
		},
		"a user who is not there": func(a *tenant) mending {
			return mending{bearing(a.vouched(map[string]any{"uid": "late"})), nil, func() { a.machine("late") }, 401, 0}
		},
		"a role that is not there": func(a *tenant) mending {
			user := a.machine("worker")
			set := func(roles string) func() {
				return func() { a.verb("PUT", "/users/"+user, `{"roles":`+roles+`}`) }
			}
			return mending{bearing(a.access(a.secretOf(user))), set("[]"), set(`["writer"]`), 403, 0}
		},
		"a role that allows nothing": func(a *tenant) mending {
			by := bearing(a.access(a.secretOf(a.machine("worker"))))
			return mending{by, func() { a.set(`{"roleScopes":null}`) }, func() { a.set(`{"roleScopes":{"writer":["scim"]}}`) }, 403, 0}
		},
	}
	for way, back := range map[string]string{"lock": "unlock", "deactivate": "reactivate"} {
		for kind, of := range map[string]func(a *tenant, user string) string{
			"personal token": func(a *tenant, user string) string { text, _ := a.personal(user, "{}"); return text },
			"access token":   func(a *tenant, user string) string { return a.access(a.secretOf(user)) },
			"token": func(a *tenant, user string) string {
				_, text := a.credential(admin.NewToken{User: user})
				return text
			},
		} {
			rows[kind+" after "+way] = func(a *tenant) mending {
				user := a.machine("worker")
				verb := func(name string) func() { return func() { a.verb("POST", "/users/"+user+"/"+name, "") } }
				return mending{bearing(of(a, user)), verb(way), verb(back), 401, 0}
			}
		}
	}
	for kind, of := range map[string]func(*tenant) show{
		"token":               func(a *tenant) show { text, _, _ := a.goodOnes(); return bearing(text) },
		"access token":        func(a *tenant) show { _, text, _ := a.goodOnes(); return bearing(text) },
		"token of the issuer": func(a *tenant) show { _, _, text := a.goodOnes(); return bearing(text) },
		"personal token":      func(a *tenant) show { text, _ := a.personal(a.machine("worker"), "{}"); return bearing(text) },
		"certificate": func(a *tenant) show {
			leaf := certificate(a.t, "hr.example.com", time.Now())
			a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: fingerprintOf(leaf)})
			return presenting(leaf, false)
		},
	} {
		rows[kind+" of a disabled account"] = func(a *tenant) mending {
			return mending{of(a), func() { a.disable(true) }, func() { a.disable(false) }, 403, 0}
		}
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			issuer, key := outside(t)
			synctest.Test(t, func(t *testing.T) {
				g := newGuarded(t, true, issuer, key)
				m := row(g.tenant("acme"))
				if m.fault != nil {
					require.Equal(t, http.StatusOK, g.list(m.by))
					m.fault()
				}
				for range 3 {
					require.Equal(t, m.status, g.list(m.by))
				}
				if m.mend != nil {
					m.mend()
				}
				time.Sleep(m.pause)
				for range 3 {
					require.Equal(t, http.StatusOK, g.list(m.by))
				}
			})
		})
	}
}

// TestBadCertificates: each gets the answer of one that nobody knows.
func TestBadCertificates(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme, now := g.tenant("acme"), time.Now()
		elsewhere := g.tenant("elsewhere")
		of := func(a *tenant, c registry.Certificate, user string) admin.Token {
			made, _ := a.credential(admin.NewToken{Form: registry.FormCertificate, Certificate: c, User: user})
			return made
		}
		issued := func(name string) *x509.Certificate { return certificate(t, name, now) }
		good, revoked, ended, foreign, users := issued("good.example.com"), issued("revoked.example.com"), certificate(t, "old.example.com", now.AddDate(-1, 0, -1)), issued("foreign.example.com"), issued("user.example.com")
		early, named, twice := certificate(t, "new.example.com", now.AddDate(0, 0, 1)), issued("named.example.com"), issued("twice.example.com")
		user := acme.machine("worker")
		of(acme, fingerprintOf(good), "")
		of(acme, fingerprintOf(ended), "")
		of(acme, fingerprintOf(early), "")
		of(acme, registry.Certificate{Name: "dns:named.example.com"}, "")
		of(acme, registry.Certificate{Name: "dns:twice.example.com"}, "")
		gone := of(acme, fingerprintOf(revoked), "")
		of(elsewhere, fingerprintOf(foreign), "")
		of(acme, fingerprintOf(users), user)
		for _, leaf := range []*x509.Certificate{revoked, foreign, users} {
			require.Equal(t, http.StatusOK, g.list(presenting(leaf, false)))
		}
		for _, leaf := range []*x509.Certificate{named, twice} {
			require.Equal(t, http.StatusOK, g.list(presenting(leaf, true)))
		}
		acme.revoke(gone.ID)
		elsewhere.delete()
		acme.verb("POST", "/users/"+user+"/lock", "")
		of(acme, registry.Certificate{Name: "cn:twice.example.com"}, "")
		bad := map[string]show{
			"another with the name of a good one": presenting(issued("good.example.com"), true),
			"expired":                             presenting(ended, true),
			"not valid yet":                       presenting(early, true),
			"revoked":                             presenting(revoked, true),
			"of a deleted account":                presenting(foreign, true),
			"of a user who is locked":             presenting(users, true),
			"a name that nobody vouches for":      presenting(named, false),
			"names of two credentials":            presenting(twice, true),
		}
		for _, surface := range surfaces {
			unknown := g.ask(presenting(issued("unknown.example.com"), true), surface[0], surface[1], "{}")
			require.Equal(t, http.StatusUnauthorized, unknown.Code)
			for range 2 {
				for name, by := range bad {
					same(t, unknown, g.ask(by, surface[0], surface[1], "{}"), surface[1]+": "+name)
				}
			}
		}
		require.Equal(t, http.StatusOK, g.list(presenting(good, false)))
		require.Equal(t, http.StatusOK, g.list(presenting(named, true)))
	})
}
