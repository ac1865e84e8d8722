package app_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
)

// TestBadClients: who shows at the token endpoint what is not valid gets the answer
// of a client that nobody knows, whatever is wrong: client, secret, key or issuer.
func TestBadClients(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme := g.tenant("acme")
		bad := acme.badSecrets()
		maps.Copy(bad, acme.badAssertions())
		maps.Copy(bad, acme.badFederation())
		require.Greater(t, len(bad), 50)
		unknown := g.buy(silent, bySecret("nobody", "nothing"))
		require.Equal(t, http.StatusUnauthorized, unknown.Code)
		require.Equal(t, "invalid_client", errorOf(t, unknown.Body.Bytes()))
		require.Len(t, unknown.Header()["Www-Authenticate"], 1)
		sent := map[string]string{}
		for range 2 {
			for name, parameters := range bad {
				same(t, unknown, g.buy(silent, parameters), name)
				sent[name] = parameters.Get("client_secret") + parameters.Get("client_assertion")
				if parameters.Has("client_secret") {
					same(t, unknown, g.buy(basic(parameters)), name+", by Basic")
				}
			}
		}
		g.tellsNothing(sent, "acme")
	})
}

// basic is the same by the header.
func basic(parameters url.Values) (show, url.Values) {
	pair := url.QueryEscape(parameters.Get("client_id")) + ":" + url.QueryEscape(parameters.Get("client_secret"))
	return func(r *http.Request) {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}, url.Values{"grant_type": parameters["grant_type"]}
}

// errorOf is the code of a refusal of the token endpoint.
func errorOf(t *testing.T, body []byte) string {
	var refusal struct{ Error string }
	require.NoError(t, json.Unmarshal(body, &refusal))
	return refusal.Error
}

// lost is what bought an access token until then.
func (t *tenant) lost(parameters url.Values, end func()) url.Values {
	t.t.Helper()
	t.access(parameters)
	end()
	return parameters
}

// secretOf gives a machine a secret, and returns what it sends with that.
func (t *tenant) secretOf(machine string) url.Values {
	made := t.made(t.ask(t.admin, "PUT", "/v1/account/users/"+machine+"/secret", "{}"))
	return bySecret(made.Get("clientId").Text(), made.Get("clientSecret").Text())
}

func (t *tenant) badSecrets() map[string]url.Values {
	short, shortSecret := t.credential(admin.NewToken{Form: registry.FormSecret, Lifetime: time.Hour})
	expired := t.lost(bySecret(short.ClientID, shortSecret), func() { time.Sleep(time.Hour) })
	client, secret := t.credential(admin.NewToken{Form: registry.FormSecret})
	revoked, revokedSecret := t.credential(admin.NewToken{Form: registry.FormSecret})
	bearer, bearerText := t.credential(admin.NewToken{})
	elsewhere := t.tenant("elsewhere")
	foreign, foreignSecret := elsewhere.credential(admin.NewToken{Form: registry.FormSecret})
	worker, locked, inactive, removed := t.machine("secret"), t.machine("secret-lock"), t.machine("secret-inactive"), t.machine("secret-removed")
	machine := t.secretOf(worker)
	id, text := machine.Get("client_id"), machine.Get("client_secret")
	user, account, _ := strings.Cut(id, "@")
	foreignMachine := elsewhere.secretOf(elsewhere.machine("worker"))
	personal, _ := t.personal(worker, "{}")
	t.access(bySecret(user, text)) // whose secret it is, it says itself
	return map[string]url.Values{
		"unknown client":                      bySecret("nobody", secret),
		"unknown secret":                      bySecret(client.ClientID, token.Format{}.MintSecret().Reveal()),
		"secret that is none":                 bySecret(client.ClientID, "secret"),
		"secret with a broken checksum":       bySecret(client.ClientID, misread(secret)),
		"secret of another client":            bySecret(client.ClientID, revokedSecret),
		"secret of another account":           bySecret(client.ClientID, foreignSecret),
		"client of another account":           bySecret(foreign.ClientID, secret),
		"bearer token":                        bySecret(bearer.ClientID, bearerText),
		"bearer token of another client":      bySecret(client.ClientID, bearerText),
		"expired secret":                      expired,
		"revoked secret":                      t.lost(bySecret(revoked.ClientID, revokedSecret), func() { t.revoke(revoked.ID) }),
		"unknown machine":                     bySecret("00000000-0000-7000-8000-000000000000@"+account, text),
		"machine in another account":          bySecret(user+"@00000000-0000-7000-8000-000000000000", text),
		"secret of a machine elsewhere":       bySecret(id, foreignMachine.Get("client_secret")),
		"machine elsewhere":                   bySecret(foreignMachine.Get("client_id"), text),
		"client with a machine's secret":      bySecret(client.ClientID, text),
		"machine with a client's secret":      bySecret(id, secret),
		"personal access token":               bySecret(id, personal),
		"secret of a machine, broken":         bySecret(id, misread(text)),
		"removed secret":                      t.lost(machine, func() { t.verb("DELETE", "/users/"+worker+"/secret", "") }),
		"secret of a machine that is locked":  t.lost(t.secretOf(locked), func() { t.verb("POST", "/users/"+locked+"/lock", "") }),
		"secret of a machine not active":      t.lost(t.secretOf(inactive), func() { t.verb("POST", "/users/"+inactive+"/deactivate", "") }),
		"secret of a machine that is removed": t.lost(t.secretOf(removed), func() { t.verb("DELETE", "/users/"+removed, "") }),
	}
}

// keyed is a client with a key of its own, which is named as the server has it.
func (t *tenant) keyed(lifetime time.Duration) (admin.Token, *authtest.Key) {
	key := authtest.NewKey(t.t, rand.Text(), "ES256")
	public, err := json.Marshal(key.Public())
	require.NoError(t.t, err)
	made, _ := t.credential(admin.NewToken{Form: registry.FormKey, Key: public, Lifetime: lifetime})
	return made, key
}

// keyedMachine is a machine with a key.
func (t *tenant) keyedMachine(name string) (user, client, keyID string, key *authtest.Key) {
	user, key = t.machine(name), authtest.NewKey(t.t, "", "RS256")
	body, err := json.Marshal(map[string]string{"publicKey": string(publicOf(t.t, key))})
	require.NoError(t.t, err)
	key.KeyID = t.made(t.ask(t.admin, "POST", "/v1/account/users/"+user+"/keys", string(body))).Get("id").Text()
	account, err := t.Service().ShowAccount(t.t.Context(), t.name)
	require.NoError(t.t, err)
	return user, user + "@" + account.ID, key.KeyID, key
}

func (t *tenant) badAssertions() map[string]url.Values {
	short, shortKey := t.keyed(time.Hour)
	t.access(byAssertion("", assertion(t.t, shortKey, short.ClientID, nil)))
	time.Sleep(time.Hour)
	client, key := t.keyed(0)
	gone, goneKey := t.keyed(0)
	_, secret := t.credential(admin.NewToken{Form: registry.FormSecret})
	user, machine, keyID, machineKey := t.keyedMachine("signer")
	sign := func() string { return assertion(t.t, machineKey, machine, nil) }
	t.access(byAssertion("", sign()))
	bad := map[string]url.Values{
		"assertion of an unknown client":      byAssertion("", assertion(t.t, key, "nobody", nil)),
		"assertion of another client":         byAssertion("", assertion(t.t, key, gone.ClientID, nil)),
		"assertion of a client with a secret": byAssertion("", assertion(t.t, key, secret, nil)),
		"assertion for another client_id":     byAssertion(gone.ClientID, assertion(t.t, key, client.ClientID, nil)),
		"assertion by an expired key":         byAssertion("", assertion(t.t, shortKey, short.ClientID, nil)),
		"assertion that is none":              byAssertion(client.ClientID, "assertion"),
		"assertion that names nobody":         byAssertion(client.ClientID, assertion(t.t, key, client.ClientID, map[string]any{"iss": nil, "sub": nil})),
		"access token":                        byAssertion(client.ClientID, t.access(byAssertion("", assertion(t.t, key, client.ClientID, nil)))),
	}
	t.access(byAssertion("", assertion(t.t, goneKey, gone.ClientID, nil)))
	t.revoke(gone.ID)
	bad["assertion by a revoked key"] = byAssertion("", assertion(t.t, goneKey, gone.ClientID, nil))
	for name, text := range forgeries(t.t, assertion(t.t, key, client.ClientID, nil), key) {
		bad["assertion "+name] = byAssertion("", text)
	}
	for name, text := range forgeries(t.t, sign(), machineKey) {
		bad["assertion of a machine "+name] = byAssertion("", text)
	}
	t.verb("DELETE", "/users/"+user+"/keys/"+keyID, "")
	bad["assertion by a removed key"] = byAssertion("", sign())
	for _, way := range []string{"lock", "deactivate"} {
		user, machine, _, key := t.keyedMachine("signer-" + way)
		t.access(byAssertion("", assertion(t.t, key, machine, nil)))
		t.verb("POST", "/users/"+user+"/"+way, "")
		bad["assertion of a machine after "+way] = byAssertion("", assertion(t.t, key, machine, nil))
	}
	return bad
}

// federated is a client that the issuer vouches for.
func (t *tenant) federated() admin.Token {
	made, _ := t.credential(admin.NewToken{Form: registry.FormFederated,
		Federated: registry.Federated{Issuer: t.issuer.URL(), Audience: "api://roster", Subject: "workload"}})
	return made
}

// workload is what the issuer says for such a client.
func (t *tenant) workload(changes map[string]any) string {
	all := map[string]any{"aud": "api://roster", "sub": "workload"}
	maps.Copy(all, changes)
	return t.vouched(all)
}

func (t *tenant) badFederation() map[string]url.Values {
	client, gone := t.federated(), t.federated()
	t.access(byAssertion(client.ClientID, t.workload(nil)))
	other, _ := t.credential(admin.NewToken{Form: registry.FormSecret})
	bad := map[string]url.Values{
		"federation of an unknown client":     byAssertion("nobody", t.workload(nil)),
		"federation of a client that is none": byAssertion(other.ClientID, t.workload(nil)),
		"federation of a revoked client":      t.lost(byAssertion(gone.ClientID, t.workload(nil)), func() { t.revoke(gone.ID) }),
		"federation with another's subject":   byAssertion(client.ClientID, t.workload(map[string]any{"sub": "another"})),
		"federation by another algorithm":     byAssertion(client.ClientID, t.vouchedBy(authtest.NewKey(t.t, "first", "EdDSA"), map[string]any{"aud": "api://roster", "sub": "workload"})),
	}
	for name, changes := range badClaims(time.Now().Unix()) {
		if _, whose := changes["tid"]; whose {
			continue // that is what accounts look at, not clients
		}
		if _, whose := changes["uid"]; !whose {
			bad["federation "+name] = byAssertion(client.ClientID, t.workload(changes))
		}
	}
	for name, text := range forgeries(t.t, t.workload(nil), t.key) {
		bad["federation "+name] = byAssertion(client.ClientID, text)
	}
	return bad
}

// TestBadGrants: the same for assertions that are the grant, which no client sends.
func TestBadGrants(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme := g.tenant("acme")
		access := acme.access(byGrant(acme.vouched(nil)))
		_, machine, _, key := acme.keyedMachine("signer")
		bad := map[string]string{
			"access token":        access,
			"text":                "assertion",
			"an unknown client's": assertion(t, key, "nobody", nil),
		}
		for name, changes := range badClaims(time.Now().Unix()) {
			bad["the issuer's "+name] = acme.vouched(changes)
		}
		for name, text := range forgeries(t, acme.vouched(nil), g.key) {
			bad["the issuer's "+name] = text
		}
		for name, text := range forgeries(t, assertion(t, key, machine, nil), key) {
			bad["a machine's "+name] = text
		}
		unknown := g.buy(silent, byGrant(token.Format{}.Mint().Reveal()))
		require.Equal(t, http.StatusBadRequest, unknown.Code)
		require.Equal(t, "invalid_grant", errorOf(t, unknown.Body.Bytes()))
		for range 2 {
			for name, text := range bad {
				same(t, unknown, g.buy(silent, byGrant(text)), name)
			}
		}
		acme.access(byGrant(acme.vouched(nil)))
		acme.access(byGrant(assertion(t, key, machine, nil)))
		g.tellsNothing(bad, "acme")
	})
}

// TestAssertionsOfTheRightKey: only who has the key is told what else is wrong, and
// each assertion counts once.
func TestAssertionsOfTheRightKey(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme := g.tenant("acme")
		client, key := acme.keyed(0)
		now := time.Now().Unix()
		used := assertion(t, key, client.ClientID, nil)
		acme.access(byAssertion("", used))
		bad := map[string]string{"used before": used}
		for name, changes := range map[string]map[string]any{
			"expired":          {"exp": now - 61},
			"not valid yet":    {"nbf": now + 62},
			"without an end":   {"exp": nil},
			"for too long":     {"exp": now + 3662},
			"for another":      {"aud": "https://login.example.com"},
			"for nobody":       {"aud": nil},
			"for another path": {"aud": "http://localhost/oauth2/jwks"},
		} {
			bad[name] = assertion(t, key, client.ClientID, changes)
		}
		for name, text := range bad {
			for _, parameters := range []url.Values{byAssertion("", text), byGrant(text)} {
				w := g.buy(silent, parameters)
				require.Contains(t, []string{"invalid_client", "invalid_grant"}, errorOf(t, w.Body.Bytes()), name)
				require.NotContains(t, w.Body.String(), text)
			}
		}
		acme.access(byAssertion("", assertion(t, key, client.ClientID, nil)))
		g.tellsNothing(bad, "acme")
	})
}
