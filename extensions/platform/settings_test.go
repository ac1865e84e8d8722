package platform_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
)

const aWebhook = `{"url":"https://hooks.example.com/a","secret":"whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"}`

// TestSettings: both APIs change settings by a merge patch (RFC 7396), and the admin
// API replaces them too.
func TestSettings(t *testing.T) {
	for by, at := range map[string]string{"op": "/v1/platform/accounts/acme/settings", "acme": accountRoot + "/settings"} {
		w := newWorld(t)
		require.JSONEq(t, `{}`, string(w.send(by, "GET", at, "").is(200).body))
		for _, step := range []struct{ patch, want string }{
			{`{"mailDomains":["A.example","b.example"],"policy":{"passwordMin":12,"retainRemoved":"60d"},"switches":{"stringBooleans":true}}`,
				`{"mailDomains":["a.example","b.example"],"policy":{"passwordMin":12,"retainRemoved":"60d"},"switches":{"stringBooleans":true}}`},
			{`{}`, `{"mailDomains":["a.example","b.example"],"policy":{"passwordMin":12,"retainRemoved":"60d"},"switches":{"stringBooleans":true}}`},
			{`{"mailDomains":["c.example"],"policy":{"passwordMin":null},"switches":null}`, `{"mailDomains":["c.example"],"policy":{"retainRemoved":"60d"}}`},
			{`{"mailDomains":null,"policy":null,"webhooks":[` + aWebhook + `]}`, `{"webhooks":[{"url":"https://hooks.example.com/a","secret":"[secret]"}]}`},
			{`{"webhooks":[{"url":"https://hooks.example.com/a","secret":"[secret]","events":["user.locked"]}],"tokens":{"maxLifetime":"90d"}}`,
				`{"webhooks":[{"url":"https://hooks.example.com/a","secret":"[secret]","events":["user.locked"]}],"tokens":{"maxLifetime":"90d"}}`},
		} {
			require.JSONEq(t, step.want, string(w.send(by, "PATCH", at, step.patch).is(200).body), step.patch)
			require.JSONEq(t, step.want, string(w.send(by, "GET", at, "").is(200).body))
		}
		a, err := w.registry.Account(t.Context(), w.ids["acme"])
		require.NoError(t, err)
		require.Equal(t, auth.Secret("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"), a.Settings.Webhooks[0].Secret, "it is kept")
		for _, tt := range []struct {
			patch, code string
		}{
			{`{"colour":"red"}`, "invalid_syntax"},
			{`{"policy":{"passwordmin":12}}`, "invalid_syntax"},
			{`{"policy":{"passwordMin":"12"}}`, "invalid_value"},
			{`{"policy":{"passwordMin":4}}`, "invalid_value"},
			{`{"mailDomains":"a.example"}`, "invalid_value"},
			{`{"mailDomains":["a.example","A.EXAMPLE"]}`, "invalid_value"},
			{`{"switches":{"lenient":true}}`, "invalid_value"},
			{`{"webhooks":[{"url":"https://elsewhere.example.com","secret":"[secret]"}]}`, "invalid_value"},
			{`{"webhooks":[{"url":"https://hooks.example.com/b"}]}`, "invalid_value"},
			{`[]`, "invalid_value"},
		} {
			w.send(by, "PATCH", at, tt.patch).is(400, tt.code)
		}
		require.JSONEq(t, `{}`, string(w.op("GET", "/accounts/beta/settings", "").body), "those of another account are as they were")
	}
}

func TestReplaceSettings(t *testing.T) {
	w := newWorld(t)
	const at = "/accounts/acme/settings"
	w.op("PATCH", at, `{"limits":{"maxPageSize":500},"language":"de"}`).is(200)
	require.JSONEq(t, `{"country":"AT"}`, string(w.op("PUT", at, `{"country":"AT"}`).is(200).body))
	require.JSONEq(t, `{}`, string(w.op("PUT", at, `{}`).is(200).body))
	w.op("PUT", at, `{"colour":"red"}`).is(400, "invalid_syntax")
	w.op("PUT", at, `{"language":null}`).is(400, "invalid_value")
}

// anIssuer gives scopes to whoever has a token of it.
func anIssuer(audience string, grants ...string) string {
	return fmt.Sprintf(`{"issuer":"https://login.example.com","audience":%q,"scopes":[{"grants":["%s"]}],"user":{"claim":"uid","attribute":"userName"}}`,
		audience, strings.Join(grants, `","`))
}

// TestOperatorSettings: what protects the server is not for an account to change.
func TestOperatorSettings(t *testing.T) {
	w := newWorld(t)
	for _, setting := range []string{`"limits":{"maxPageSize":500}`, `"traffic":{"tokenRate":1000}`, `"policy":{"retainAudit":"1d"}`} {
		w.send("acme", "PATCH", accountRoot+"/settings", `{`+setting+`}`).is(403, "operator_only")
		w.op("PATCH", "/accounts/acme/settings", `{`+setting+`}`).is(200)
		w.send("acme", "PATCH", accountRoot+"/settings", `{`+setting+`,"language":"de"}`).is(200) // as it is
	}
	for _, reset := range []string{`{"limits":null}`, `{"limits":{"maxPageSize":null}}`, `{"traffic":null}`, `{"policy":null}`} {
		w.send("acme", "PATCH", accountRoot+"/settings", reset).is(403, "operator_only")
	}
	require.JSONEq(t, `{}`, string(w.send("beta", "PATCH", accountRoot+"/settings", `{"limits":{},"switches":{},"traffic":{}}`).is(200).body))
}

// TestOwnSettings: every setting is either an account's own or the operator's, and a
// new one is the operator's until somebody decides.
func TestOwnSettings(t *testing.T) {
	own := map[string]string{
		"profile": `"strict"`, "switches": `{"stringBooleans":true}`, "mailDomains": `["a.example"]`, "policy": `{"passwordMin":12}`,
		"tokens": `{"maxLifetime":"90d"}`, "defaultRoles": `["viewer"]`, "language": `"de"`, "country": `"AT"`, "currency": `"EUR"`,
		"timezone": `"Europe/Vienna"`, "contact": `{"name":"Help desk"}`, "links": `{"passkey":"https://app.example.com#{token}"}`,
		"roleScopes": `{"help-desk":["user:read"]}`, "protectRoles": "true",
		"webhooks": `[` + aWebhook + `]`, "issuers": `[` + anIssuer("a", "scim") + `]`,
	}
	w := newWorld(t)
	for name, value := range own {
		w.send("acme", "PATCH", accountRoot+"/settings", `{"`+name+`":`+value+`}`).is(200)
	}
	operators := []string{"limits", "traffic"}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[registry.Settings]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.True(t, (own[name] != "") != slices.Contains(operators, name), "decide whose %s is", name)
	}
}

// TestInternalURLs: an account cannot let the server send anything into the network of
// whoever runs it, by whatever it sends to. What the operator set may stay.
func TestInternalURLs(t *testing.T) {
	const secret, public = `"secret":"whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"`, "https://hooks.example.com"
	places := map[string]func(url string) (method, path, body string){
		"webhook": func(url string) (string, string, string) {
			return "PATCH", "/settings", `{"webhooks":[{"url":"` + url + `",` + secret + `}]}`
		},
		"issuer": func(url string) (string, string, string) {
			return "PATCH", "/settings", `{"issuers":[` + strings.ReplaceAll(anIssuer("a", "scim"), "https://login.example.com", url) + `]}`
		},
		"client": func(url string) (string, string, string) {
			return "POST", "/tokens", `{"name":"x","form":"federated","scopes":["scim"],"federated":{"issuer":"` + url + `","audience":"a","subject":"s"}}`
		},
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, host := range []string{"localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.1.2.3:8080", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1",
				"169.254.169.254", "0.0.0.0", "224.0.0.1", "[::]", "[::1]:8080", "[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "１２７.０.０.１"} {
				method, path, body := place("https://" + host)
				answer := w.send("acme", method, accountRoot+path, body).is(403, "operator_only")
				require.Contains(t, answer.text("detail"), "the network of the server")
				w.op(method, "/accounts/acme"+path, body).is(map[string]int{"PATCH": 200, "POST": 201}[method])
			}
			for _, url := range []string{public, "https://1.1.1.1", "https://[2606:4700:4700::1111]:8443", "https://localhost.example.com"} {
				method, path, body := place(url)
				w.send("acme", method, accountRoot+path, body).is(map[string]int{"PATCH": 200, "POST": 201}[method])
			}
		})
	}
	t.Run("what stays", func(t *testing.T) {
		w := newWorld(t)
		const hook = `{"url":"http://127.0.0.1:8080/a?key=sesame",` + secret
		w.op("PATCH", "/accounts/acme/settings", `{"webhooks":[`+hook+`}]}`).is(200)
		for _, kept := range []string{`{"language":"de"}`, `{"webhooks":[` + hook + `,"events":["user.locked"]}]}`, `{"webhooks":[` + hook + `},` + aWebhook + `]}`} {
			w.send("acme", "PATCH", accountRoot+"/settings", kept).is(200)
		}
		moved := w.send("acme", "PATCH", accountRoot+"/settings", `{"webhooks":[`+strings.Replace(hook, "/a", "/b", 1)+`}]}`).is(403, "operator_only")
		require.NotContains(t, string(moved.body), "sesame")
		w.send("acme", "PATCH", accountRoot+"/settings", `{"webhooks":null}`).is(200)
		w.send("acme", "PATCH", accountRoot+"/settings", `{"webhooks":[`+hook+`}]}`).is(403, "operator_only")
		w.send("acme", "PATCH", accountRoot+"/settings", `{"links":{"passkey":"http://localhost:3000#{token}"}}`).is(200)
	})
	t.Run("rotation", func(t *testing.T) {
		w := newWorld(t)
		method, path, body := places["client"](public)
		made := w.send("acme", method, accountRoot+path, body).is(201)
		at := accountRoot + "/tokens/" + made.text("id") + "/rotate"
		w.send("acme", "POST", at, `{"federated":{"issuer":"https://10.0.0.1","audience":"a","subject":"s"}}`).is(403, "operator_only")
		w.send("acme", "POST", at, `{"federated":{"issuer":"https://login.example.com","audience":"a","subject":"s"}}`).is(201)
	})
}

// TestMaySet: nobody gives by settings what one has not oneself.
func TestMaySet(t *testing.T) {
	tests := []struct {
		name    string
		present string // set by the operator before
		has     []auth.Scope
		patch   string
		lacks   auth.Scope // "" if it is taken
	}{
		{"an issuer that gives what one has", "", []auth.Scope{auth.SCIMRead}, `{"issuers":[` + anIssuer("a", "scim:read") + `]}`, ""},
		{"an issuer that gives more", "", []auth.Scope{auth.SCIMRead}, `{"issuers":[` + anIssuer("a", "scim:read", "scim:write") + `]}`, auth.SCIMWrite},
		{"both halves are the whole", "", []auth.Scope{auth.SCIMRead, auth.SCIMWrite}, `{"issuers":[` + anIssuer("a", "scim") + `]}`, ""},
		{"half is not", "", []auth.Scope{auth.SCIMRead}, `{"issuers":[` + anIssuer("a", "scim") + `]}`, auth.SCIMWrite},
		{"the whole is both halves", "", []auth.Scope{auth.SCIM}, `{"issuers":[` + anIssuer("a", "scim:read", "scim:write") + `]}`, ""},
		{"an issuer that gives what roles allow", "", auth.AdministratorScopes(), `{"issuers":[` + anIssuer("a", "roles") + `]}`, ""},
		{"which may be anything", "", []auth.Scope{auth.SCIM}, `{"issuers":[` + anIssuer("a", "roles") + `]}`, auth.UserRead},
		{"a mighty issuer that stays", anIssuer("a", "user:delete"), nil, `{"issuers":[` + anIssuer("a", "user:delete") + `],"language":"de"}`, ""},
		{"that goes", anIssuer("a", "user:delete"), nil, `{"issuers":null}`, ""},
		{"that is to take other tokens", anIssuer("a", "user:delete"), nil, `{"issuers":[` + anIssuer("b", "user:delete") + `]}`, auth.UserDelete},
		{"beside which comes another", anIssuer("a", "user:delete"), nil, `{"issuers":[` + anIssuer("a", "user:delete") + `,` + anIssuer("b", "user:write") + `]}`, auth.UserWrite},
		{"a role that allows what one has", "", []auth.Scope{auth.UserRead}, `{"roleScopes":{"help-desk":["user:read"]}}`, ""},
		{"a role that allows more", "", []auth.Scope{auth.UserRead}, `{"roleScopes":{"help-desk":["user:read","user:delete"]}}`, auth.UserDelete},
		{"roles that are protected", "", nil, `{"protectRoles":true}`, ""},
		{"default roles", "", []auth.Scope{auth.UserWrite}, `{"defaultRoles":["account-admin"]}`, ""},
		{"default roles without a right to give roles", "", []auth.Scope{auth.UserRead}, `{"defaultRoles":["account-admin"]}`, auth.UserWrite},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.op("PATCH", "/accounts/acme/settings", `{"issuers":[`+tt.present+`]}`).is(200)
			w.grant("writer", "acme", append(tt.has, auth.AccountWrite)...)
			before := w.op("GET", "/accounts/acme/settings", "").is(200)
			answer := w.send("writer", "PATCH", accountRoot+"/settings", tt.patch)
			if tt.lacks == "" {
				answer.is(200)
				return
			}
			require.Equal(t, string(tt.lacks), answer.is(403, "insufficient_scope").text("scope"))
			require.Equal(t, string(before.body), string(w.op("GET", "/accounts/acme/settings", "").body))
		})
	}
	w := newWorld(t)
	w.send("acme", "PATCH", accountRoot+"/settings", `{"issuers":[`+anIssuer("a", "platform:admin")+`]}`).is(403, "operator_only")
	w.op("PATCH", "/accounts/acme/settings", `{"issuers":[`+anIssuer("a", "platform:admin")+`]}`).is(400, "invalid_value")
	w.send("acme", "PATCH", accountRoot+"/settings", `{"issuers":[`+anIssuer("a", "scim")+`]}`).is(200)
	w.send("beta", "PATCH", accountRoot+"/settings", `{"issuers":[`+anIssuer("a", "scim")+`]}`).is(409, "uniqueness")
}
