package platform_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
)

func TestCreateAccount(t *testing.T) {
	w := newWorld(t)
	made := w.op("POST", "/accounts", `{"name":"corp","settings":{"mailDomains":["Corp.Example"],"policy":{"passwordMin":12}}}`).is(201)
	id := made.text("id")
	require.Equal(t, "/v1/platform/accounts/"+id, made.header.Get("Location"))
	require.Equal(t, map[string]any{"mailDomains": []any{"corp.example"}, "policy": map[string]any{"passwordMin": 12.0}}, made.get("settings"))
	require.Equal(t, []string{id}, w.founded, "a new account gets what it begins with")
	for _, named := range []string{id, "corp"} {
		require.Equal(t, string(made.body), string(w.op("GET", "/accounts/"+named, "").is(200).body))
	}
	for _, tt := range []struct {
		body   string
		status int
		code   string
	}{
		{`{"name":"corp"}`, 409, "uniqueness"},
		{`{"name":"Corp"}`, 400, "invalid_value"},
		{`{"name":"-"}`, 400, "invalid_value"},
		{`{"name":""}`, 400, "invalid_value"},
		{`{}`, 400, "invalid_value"},
		{`{"name":"x","settings":{"profile":"lenient"}}`, 400, "invalid_value"},
		{`{"name":"x","settings":{"policy":{"passwordMin":4}}}`, 400, "invalid_value"},
		{`{"name":"x","settings":{"colour":"red"}}`, 400, "invalid_syntax"},
		{`{"name":"x","settings":{"policy":{"retainRemoved":"soon"}}}`, 400, "invalid_value"},
		{`{"name":"x","settings":{"webhooks":[{"url":"https://hooks.example.com","secret":"[secret]"}]}}`, 400, "invalid_value"},
	} {
		w.op("POST", "/accounts", tt.body).is(tt.status, tt.code)
	}
	require.Len(t, w.founded, 1)

	w.failsToFound = errors.New("the disk is full")
	w.op("POST", "/accounts", `{"name":"half"}`).is(500, "internal")
	w.op("GET", "/accounts/half", "").is(200)
}

func TestListAccounts(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, []string{"acme", "beta", "ops"}, w.op("GET", "/accounts", "").is(200).names("name"))
	first := w.op("GET", "/accounts?limit=2", "").is(200)
	require.Equal(t, []string{"acme", "beta"}, first.names("name"))
	last := w.op("GET", "/accounts?limit=2&after="+first.text("next"), "").is(200)
	require.Equal(t, []string{"ops"}, last.names("name"))
	require.Nil(t, last.get("next"))
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "after=" + strings.Repeat("x", 201)} {
		w.op("GET", "/accounts?"+query, "").is(400, "invalid_parameter")
	}
}

func TestDisableAccount(t *testing.T) {
	w := newWorld(t)
	since := w.op("POST", "/accounts/acme/disable", "").is(200).text("disabledAt")
	require.Equal(t, since, w.op("POST", "/accounts/{acme}/disable", "").is(200).text("disabledAt"))
	require.Equal(t, since, w.op("GET", "/accounts/acme", "").is(200).text("disabledAt"))
	require.Nil(t, w.op("POST", "/accounts/acme/enable", "").is(200).get("disabledAt"))
	w.op("POST", "/accounts/acme/enable", "").is(200)
	for _, own := range []string{"ops", "{ops}"} {
		w.op("POST", "/accounts/"+own+"/disable", "").is(409, "self_lockout")
	}
	a, err := w.registry.Account(t.Context(), w.ids["ops"])
	require.NoError(t, err)
	require.Zero(t, a.Disabled)
}

func TestDeleteAccount(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"beta", "ACME", "{acme}", "acm"} {
		w.op("DELETE", "/accounts/acme?name="+name, "").is(400, "invalid_parameter")
	}
	w.op("DELETE", "/accounts/acme", "").is(400, "invalid_parameter")
	w.op("DELETE", "/accounts/ops?name=ops", "").is(409, "self_lockout")
	require.Equal(t, []string{"acme", "beta", "ops"}, w.op("GET", "/accounts", "").is(200).names("name"))

	w.op("DELETE", "/accounts/{acme}?name=acme", "").is(204)
	w.op("DELETE", "/accounts/{acme}?name=acme", "").is(404, "not_found")
	w.op("POST", "/accounts/{acme}/enable", "").is(404, "not_found")
	w.send("acme", "GET", accountRoot+"/settings", "").is(401, "unauthenticated")
	_, err := w.registry.Token(t.Context(), w.ids["acme token"])
	require.ErrorIs(t, err, registry.ErrNotFound)

	deleted := w.op("GET", "/deleted-accounts", "").is(200)
	require.Equal(t, []string{w.ids["acme"]}, deleted.names("id"))
	require.Equal(t, []string{"acme"}, deleted.names("name"))
	require.NotEmpty(t, deleted.text("results.0.deletedAt"))
	w.op("POST", "/accounts", `{"name":"acme"}`).is(201)
	require.Empty(t, w.op("GET", "/deleted-accounts?after={acme}", "").is(200).names("id"))
}

func TestSigningKeys(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, []string{"1"}, w.op("GET", "/signing-keys", "").is(200).names("id"))
	w.op("POST", "/signing-keys/rotate", "").is(200)
	require.Equal(t, []string{"signing"}, w.op("POST", "/signing-keys/rotate", `{"drop":true}`).is(200).names("state"))
	require.Equal(t, []bool{false, true}, w.dropped)
	w.op("POST", "/signing-keys/rotate", "").is(500, "internal")
}

// TestAudit: who did what, where it can be read, and where not.
func TestAudit(t *testing.T) {
	w := newWorld(t)
	w.op("POST", "/accounts/acme/disable", "", "X-Correlation-Id: why").is(200)
	w.op("POST", "/accounts/acme/enable", "").is(200)
	w.send("acme", "POST", accountRoot+"/tokens", `{"name":"okta","scopes":["scim"]}`).is(201)
	types := []string{"token.created", "account.enabled", "account.disabled", "token.created", "account.created"}
	for _, of := range []string{"/v1/platform/accounts/acme", "/v1/platform/accounts/{acme}", accountRoot} {
		by := map[bool]string{true: "acme", false: "op"}[of == accountRoot]
		all := w.send(by, "GET", of+"/audit", "").is(200)
		require.Equal(t, types, all.names("type"))
		require.Equal(t, w.ids["acme token"], all.text("results.0.data.actor.id"))
		require.Equal(t, w.ids["ops token"], all.text("results.2.data.actor.id"))
		require.Equal(t, "why", all.text("results.2.data.correlationId"))
		require.Nil(t, all.get("next"))
	}
	for query, want := range map[string][]string{
		"order=asc&limit=1":                              {"account.created"},
		"type=account.disabled&type=account.enabled":     {"account.enabled", "account.disabled"},
		"actor={acme token}":                             {"token.created"},
		"from=2000-01-01T00:00:00Z&type=account.created": {"account.created"},
		"to=2000-01-01T00:00:00Z":                        {},
		"from=2200-01-01T00:00:00Z":                      {},
	} {
		require.Equal(t, want, w.op("GET", "/accounts/acme/audit?"+query, "").is(200).names("type"), query)
	}
	require.Equal(t, "account.created", w.send("beta", "GET", accountRoot+"/audit?order=asc", "").is(200).text("results.0.type"))
	require.NotContains(t, string(w.send("beta", "GET", accountRoot+"/audit", "").body), w.ids["acme"])
	require.Len(t, w.op("GET", "/audit", "").is(200).names("type"), 9)

	for _, query := range []string{"after=x", "after=desc.1.2.3", "limit=1001", "from=today", "order=up", "type="} {
		w.op("GET", "/accounts/acme/audit?"+query, "").is(400, "invalid_parameter")
	}
}

// TestAuditGoesOn: pages by cursor, in lines, until the end.
func TestAuditGoesOn(t *testing.T) {
	w := newWorld(t)
	var types []string
	for target := "/v1/platform/audit?limit=4"; target != ""; {
		part := w.send("op", "GET", target, "", "Accept: application/x-ndjson").is(200)
		for line := range strings.Lines(string(part.body)) {
			types = append(types, answer{t: t, body: []byte(line)}.text("type"))
		}
		link, _, _ := strings.Cut(part.header.Get("Link"), ">")
		target = strings.TrimPrefix(link, "<")
	}
	require.Len(t, types, 6)
	require.Equal(t, 3, len(types)-strings.Count(strings.Join(types, " "), "account.created"))
}

// TestAuditOfDeleted: the audit outlives the account.
func TestAuditOfDeleted(t *testing.T) {
	w := newWorld(t)
	w.op("GET", "/deleted-accounts/{acme}/audit", "").is(404, "not_found")
	w.op("DELETE", "/accounts/acme?name=acme", "").is(204)
	w.op("GET", "/accounts/{acme}/audit", "").is(404, "not_found")
	of := w.op("GET", "/deleted-accounts/{acme}/audit", "").is(200)
	require.Equal(t, "account.deleted", of.text("results.0.type"))
	require.Contains(t, of.names("type"), "account.created")
	for _, id := range []string{"acme", "system", "nobody", "01234567-89ab-7def-8123-456789abcdef", strings.Repeat("x", 300)} {
		w.op("GET", "/deleted-accounts/"+id+"/audit", "").is(404, "not_found")
	}
}

// TestNoSecretsInAudit: what was shown once is nowhere else.
func TestNoSecretsInAudit(t *testing.T) {
	w := newWorld(t)
	secret := w.op("POST", "/accounts/acme/tokens", `{"name":"x","scopes":["scim"]}`).is(201).text("secret")
	signing := "whsec_" + strings.Repeat("QUFB", 8)
	w.op("PATCH", "/accounts/acme/settings", `{"webhooks":[{"url":"https://hooks.example.com","secret":"`+signing+`"}]}`).is(200)
	for _, target := range []string{"/accounts/acme/audit", "/audit", "/accounts/acme", "/accounts", "/accounts/acme/settings", "/accounts/acme/tokens"} {
		body := string(w.op("GET", target, "").is(200).body)
		require.NotContains(t, body, secret)
		require.NotContains(t, body, signing)
		require.NotContains(t, body, w.tokens["op"].Reveal())
	}
	a, err := w.registry.Account(t.Context(), w.ids["acme"])
	require.NoError(t, err)
	require.Equal(t, auth.Secret(signing), a.Settings.Webhooks[0].Secret)
}
