package app_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
	"roster/extensions/platform"
	"roster/scim/server"
)

// inBubble runs a test on each engine, in a bubble of synctest with an issuer that
// is outside.
func inBubble(t *testing.T, run func(t *testing.T, g *guarded)) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			issuer, key := outside(t)
			synctest.Test(t, func(t *testing.T) { run(t, newGuarded(t, memory, issuer, key)) })
		})
	}
}

// surfaces are routes of each of them, also one that is open to all.
var surfaces = [][2]string{
	{"GET", server.Root + "/Users"}, {"POST", server.Root + "/Bulk"}, {"GET", server.Root + "/ServiceProviderConfig"},
	{"GET", server.Root + "/accounts/acme/Users"}, {"GET", "/v1/account/users"}, {"DELETE", "/v1/account/users/x"},
	{"GET", platform.Root + "/accounts"}, {"DELETE", platform.Root + "/accounts/acme"}, {"GET", "/oauth2/jwks"},
}

// TestBadCredentials: whatever is wrong with it, each surface gives the answer that
// it gives to what it never heard of, also the second time; and the good ones that
// they were made of go on working.
func TestBadCredentials(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme := g.tenant("acme")
		bad := acme.expired()
		maps.Copy(bad, acme.ownTokens())
		maps.Copy(bad, acme.accessTokens())
		maps.Copy(bad, acme.issuersTokens())
		require.Greater(t, len(bad), 60)
		good := map[string]string{}
		good["token"], good["access token"], good["token of the issuer"] = acme.goodOnes()
		for _, surface := range surfaces {
			unknown := g.ask(bearing("nobody.knows-this-one"), surface[0], surface[1], "{}")
			require.Equal(t, http.StatusUnauthorized, unknown.Code)
			require.Len(t, unknown.Header()["Www-Authenticate"], 2)
			for range 2 {
				for name, text := range bad {
					answer := g.ask(bearing(text), surface[0], surface[1], "{}")
					same(t, unknown, answer, surface[1]+": "+name)
				}
			}
		}
		for name, text := range good {
			require.Equal(t, http.StatusOK, g.list(bearing(text)), name)
		}
		g.tellsNothing(bad, "acme")
		g.tellsNothing(good, "acme")
	})
}

// TestHugeCredentials: they are not looked at.
func TestHugeCredentials(t *testing.T) {
	inBubble(t, func(t *testing.T, g *guarded) {
		acme := g.tenant("acme")
		for _, size := range []int{100 << 10, 1 << 20} {
			huge := acme.vouched(map[string]any{"filling": strings.Repeat("x", size)})
			for _, surface := range surfaces {
				w := g.ask(bearing(huge), surface[0], surface[1], "{}")
				require.Equal(t, http.StatusBadRequest, w.Code)
				require.Less(t, w.Body.Len(), 500)
			}
			for _, parameters := range []url.Values{bySecret("x", huge), byAssertion("x", huge), byGrant(huge)} {
				w := g.buy(silent, parameters)
				require.Equal(t, http.StatusBadRequest, w.Code)
				require.Less(t, w.Body.Len(), 500)
			}
		}
		require.Zero(t, g.issuer.Asked(authtest.DiscoveryPath))
	})
}

// goodOnes are one of each kind.
func (t *tenant) goodOnes() (own, access, issuers string) {
	_, own = t.credential(admin.NewToken{})
	client, secret := t.credential(admin.NewToken{Form: registry.FormSecret})
	return own, t.access(bySecret(client.ClientID, secret)), t.vouched(nil)
}

// ended is a credential that was good until then.
func (t *tenant) ended(text string, end func()) string {
	t.t.Helper()
	require.Equal(t.t, http.StatusOK, t.list(bearing(text)))
	end()
	return text
}

// personal is a personal access token of a machine, and its id.
func (t *tenant) personal(machine, body string) (text, id string) {
	made := t.made(t.ask(t.admin, "POST", "/v1/account/users/"+machine+"/tokens", body))
	return made.Get("token").Text(), made.Get("id").Text()
}

// expired are credentials that were good two hours ago.
func (t *tenant) expired() map[string]string {
	_, own := t.credential(admin.NewToken{Lifetime: time.Hour})
	_, access, issuers := t.goodOnes()
	at, err := json.Marshal(time.Now().Add(time.Hour))
	require.NoError(t.t, err)
	personal, _ := t.personal(t.machine("early"), `{"expiresAt":`+string(at)+`}`)
	all := map[string]string{"token": own, "access token": access, "token of the issuer": issuers, "personal access token": personal}
	expired := map[string]string{}
	for name, text := range all {
		expired["expired "+name] = t.ended(text, func() {})
	}
	time.Sleep(time.Hour - time.Millisecond)
	for name, text := range all {
		require.Equal(t.t, http.StatusOK, t.list(bearing(text)), name)
	}
	time.Sleep(time.Hour)
	return expired
}

// ownTokens are tokens of the server, and of its machine users.
func (t *tenant) ownTokens() map[string]string {
	created, revoked := t.credential(admin.NewToken{})
	_, good := t.credential(admin.NewToken{})
	_, secret := t.credential(admin.NewToken{Form: registry.FormSecret})
	machine := t.machine("worker")
	personal, id := t.personal(machine, "{}")
	machineSecret := t.made(t.ask(t.admin, "PUT", "/v1/account/users/"+machine+"/secret", "{}")).Get("clientSecret").Text()
	at := "/users/" + machine
	other := t.tenant("elsewhere")
	_, others := other.credential(admin.NewToken{})
	bad := map[string]string{
		"unknown token":              token.Format{}.Mint().Reveal(),
		"token of a deleted account": other.ended(others, other.delete),
		"revoked token":              t.ended(revoked, func() { t.revoke(created.ID) }),
		"client secret":              secret,
		"secret of a machine":        machineSecret,
		"removed personal token":     t.ended(personal, func() { t.verb("DELETE", at+"/tokens/"+id, "") }),
	}
	for _, way := range []string{"lock", "deactivate"} {
		text, _ := t.personal(t.machine(way), "{}")
		user := t.machine(way + "-user")
		_, ofUser := t.credential(admin.NewToken{User: user})
		bad["token of a user after "+way] = t.ended(ofUser, func() { t.verb("POST", "/users/"+user+"/"+way, "") })
		bad["personal token after "+way] = t.ended(text, func() { t.verb("POST", "/users/"+t.userID(way)+"/"+way, "") })
	}
	text, _ := t.personal(t.machine("removed"), "{}")
	bad["personal token of a removed machine"] = t.ended(text, func() { t.verb("DELETE", "/users/"+t.userID("removed"), "") })
	whole, _ := t.personal(machine, "{}")
	for name, text := range map[string]string{"token": good, "personal token": whole} {
		bad[name+" with a broken checksum"] = misread(text)
		bad[name+" cut off"] = text[:len(text)-1]
		bad[name+" with more behind"] = text + "0"
		bad[name+" in upper case"] = strings.ToUpper(text)
		swapped := misread(text[:len(text)-token.ChecksumLength])
		bad[name+" of another's, with the right checksum"] = string(token.AppendChecksum([]byte(swapped)))
	}
	return bad
}

// misread is a text with another last character.
func misread(text string) string {
	if last := len(text) - 1; text[last] == '0' {
		return text[:last] + "1"
	}
	return text[:len(text)-1] + "0"
}

// userID is the id of the user with that name.
func (t *tenant) userID(name string) string {
	found := t.made(t.ask(t.admin, "GET", server.Root+"/Users?filter="+url.QueryEscape(`userName eq "`+name+`"`), ""))
	return found.Get("Resources").At(0).Get("id").Text()
}

// accessTokens are bad ones of the token endpoint.
func (t *tenant) accessTokens() map[string]string {
	_, dropped, _ := t.goodOnes()
	bad := map[string]string{"access token of a dropped key": t.ended(dropped, func() {
		_, err := t.Service().RotateKey(context.Background(), admin.KeyRotation{Drop: true})
		require.NoError(t.t, err)
	})}
	client, secret := t.credential(admin.NewToken{Form: registry.FormSecret})
	bad["access token of a revoked client"] = t.ended(t.access(bySecret(client.ClientID, secret)), func() { t.revoke(client.ID) })

	machine := t.machine("client")
	made := t.made(t.ask(t.admin, "PUT", "/v1/account/users/"+machine+"/secret", "{}"))
	text := t.access(bySecret(made.Get("clientId").Text(), made.Get("clientSecret").Text()))
	bad["access token of a replaced secret"] = t.ended(text, func() { t.verb("PUT", "/users/"+machine+"/secret", "{}") })

	doubting := t.tenant("doubting")
	bad["token of the issuer without trust"] = doubting.vouched(nil)
	bad["access token without trust"] = t.ended(t.access(byGrant(doubting.vouched(nil))), func() { doubting.trust(false) })

	neighbour := newGuarded(t.t, true, t.issuer, t.key).tenant("acme")
	_, bad["access token of another server"], _ = neighbour.goodOnes()

	_, good, _ := t.goodOnes()
	for name, text := range forgeries(t.t, good, t.signingKey()) {
		bad["access token "+name] = text
	}
	return bad
}

// signingKey is the server's own, without what nobody knows.
func (t *tenant) signingKey() *authtest.Key {
	published := t.ask(silent, "GET", "/oauth2/jwks", "")
	var set struct{ Keys []json.RawMessage }
	require.NoError(t.t, json.Unmarshal(published.Body.Bytes(), &set))
	require.NotContains(t.t, published.Body.String(), `"d"`)
	key := &authtest.Key{}
	require.NoError(t.t, key.UnmarshalJSON(slices.Concat(set.Keys[len(set.Keys)-1])))
	key.Algorithm = "ES256"
	return key
}

// issuersTokens are bad ones of the issuer that the account trusts.
func (t *tenant) issuersTokens() map[string]string {
	now := time.Now().Unix()
	require.Equal(t.t, http.StatusOK, t.list(bearing(t.vouched(nil))))
	bad := map[string]string{}
	for name, changes := range badClaims(now) {
		bad["token of the issuer "+name] = t.vouched(changes)
	}
	for name, text := range forgeries(t.t, t.vouched(nil), t.key) {
		bad["token of the issuer "+name] = text
	}
	bad["token of the issuer by an algorithm that is not allowed"] = t.vouchedBy(authtest.NewKey(t.t, "first", "EdDSA"), nil)
	return bad
}

// badClaims are what makes a token of the issuer a bad one.
func badClaims(now int64) map[string]map[string]any {
	return map[string]map[string]any{
		"that has expired":          {"exp": now - 61},
		"that is not valid yet":     {"nbf": now + 62},
		"from tomorrow":             {"iat": now + 86400, "exp": now + 90000},
		"without an end":            {"exp": nil},
		"with an end that is text":  {"exp": "never"},
		"for another audience":      {"aud": "globex"},
		"for nobody":                {"aud": nil},
		"for too many":              {"aud": []string{"acme", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}},
		"of another issuer":         {"iss": "https://login.example.com"},
		"of the server itself":      {"iss": "http://localhost"},
		"of a tenant that is none":  {"tid": "8"},
		"without a tenant":          {"tid": nil},
		"without a subject":         {"sub": nil},
		"of a user who is not here": {"uid": "nobody"},
		"of a user who is a list":   {"uid": []string{"nobody"}},
		"of a user by a filter":     {"uid": `x" or userName pr or userName eq "`},
	}
}
