package platform_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

// aKey is a public key in PEM, as a JSON string.
func aKey(t *testing.T) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	text, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	require.NoError(t, err)
	return string(text)
}

const (
	aFederated   = `{"issuer":"https://login.example.com/1/v2.0","audience":"api://roster","subject":"object-1"}`
	aFingerprint = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)

// ways are by which tokens of acme are made: by whom, and at which path.
var ways = map[string]string{"op": "/v1/platform/accounts/acme/tokens", "acme": accountRoot + "/tokens"}

// TestForms: credentials of all forms, whose secret is shown once, if there is one.
func TestForms(t *testing.T) {
	for by, at := range ways {
		w := newWorld(t)
		for form, more := range map[string]string{
			"bearer": "", "secret": "", "key": `,"publicKey":` + aKey(t), "federated": `,"federated":` + aFederated,
			"certificate": `,"certificate":{"fingerprint":"` + aFingerprint + `"}`,
		} {
			user := w.user("acme")
			made := w.send(by, "POST", at, fmt.Sprintf(`{"name":"okta","form":%q,"scopes":["scim"],"userId":%q,"domain":"okta","lifetime":"90d"%s}`, form, user, more)).is(201)
			where := made.header.Get("Location")
			require.Equal(t, strings.Replace(at, "/acme/", "/"+w.ids["acme"]+"/", 1)+"/"+made.text("id"), where)
			for name, want := range map[string]any{"name": "okta", "form": form, "userId": user, "domain": "okta", "clientId": made.text("id"), "scopes": []any{"scim"}} {
				require.Equal(t, want, made.get(name), name)
			}
			switch form {
			case "bearer":
				p, err := w.registry.Authenticate(t.Context(), auth.Secret(made.text("secret")))
				require.NoError(t, err)
				require.Equal(t, []string{w.ids["acme"], user, "okta"}, []string{p.Account, p.User, p.Domain})
			case "secret":
				require.True(t, strings.HasPrefix(made.text("secret"), "roster_client_"), made.text("secret"))
			default:
				require.Nil(t, made.get("secret"))
			}
			var again, before map[string]any
			require.NoError(t, json.Unmarshal(w.send(by, "GET", where, "").is(200).body, &again))
			require.NoError(t, json.Unmarshal(made.body, &before))
			maps.DeleteFunc(before, func(name string, _ any) bool { return name == "secret" || name == "lastUsedAt" })
			maps.DeleteFunc(again, func(name string, _ any) bool { return name == "lastUsedAt" })
			require.Equal(t, before, again)
		}
		require.Len(t, w.send(by, "GET", at, "").is(200).names("id"), 6)
	}
}

// TestBadTokens has what no credential is made of.
func TestBadTokens(t *testing.T) {
	for by, at := range ways {
		w := newWorld(t)
		foreign, group := w.user("beta"), w.resource("acme", "Group")
		for _, tt := range []struct{ body, code string }{
			{`{"scopes":["scim"]}`, "invalid_value"},
			{`{"name":"","scopes":["scim"]}`, "invalid_value"},
			{`{"name":"x"}`, "invalid_value"},
			{`{"name":"x","scopes":[]}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"password"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"lifetime":"1000d"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"lifetime":90}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"lifetime":"long"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"domain":"Okta"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"userId":"nobody"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"userId":"` + foreign + `"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"userId":"` + group + `"}`, "invalid_value"},
			{`{"name":"x","scopes":["roles"]}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"key"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"key","publicKey":"x"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"publicKey":` + aKey(t) + `}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"federated"}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"federated","federated":{"issuer":"http://x","audience":"a","subject":"s"}}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"form":"certificate","certificate":{}}`, "invalid_value"},
			{`{"name":"x","scopes":["scim"],"secret":"mine"}`, "invalid_syntax"},
		} {
			w.send(by, "POST", at, tt.body).is(400, tt.code)
		}
		w.send(by, "POST", at, `{"name":"x","scopes":["scim"],"form":"certificate","certificate":{"fingerprint":"`+aFingerprint+`"}}`).is(201)
		w.send(by, "POST", at, `{"name":"x","scopes":["scim"],"form":"certificate","certificate":{"fingerprint":"`+aFingerprint+`"}}`).is(409, "uniqueness")
		require.Len(t, w.send(by, "GET", at, "").is(200).names("id"), 2)
	}
}

// TestRotate: a new one like the old one, which may be used until the overlap ends.
func TestRotate(t *testing.T) {
	for by, at := range ways {
		w := newWorld(t)
		old := w.send(by, "POST", at, `{"name":"okta","scopes":["scim"],"domain":"okta"}`).is(201)
		next := w.send(by, "POST", at+"/"+old.text("id")+"/rotate", `{"overlap":"1h","lifetime":"30d"}`).is(201)
		for _, name := range []string{"name", "form", "clientId", "scopes", "domain"} {
			require.Equal(t, old.get(name), next.get(name), name)
		}
		require.Equal(t, old.text("id"), next.text("replaces"))
		require.Equal(t, next.text("id"), w.send(by, "GET", at+"/"+old.text("id"), "").is(200).text("replacedBy"))
		require.True(t, strings.HasSuffix(next.header.Get("Location"), "/tokens/"+next.text("id")))
		for _, each := range []answer{old, next} {
			_, err := w.registry.Authenticate(t.Context(), auth.Secret(each.text("secret")))
			require.NoError(t, err)
		}
		w.send(by, "POST", at+"/"+old.text("id")+"/rotate", "").is(400, "invalid_value")
		w.send(by, "POST", at+"/"+next.text("id")+"/rotate", `{"overlap":"31d"}`).is(400, "invalid_value")
		w.send(by, "POST", at+"/"+next.text("id")+"/rotate", `{"publicKey":`+aKey(t)+`}`).is(400, "invalid_value")

		w.send(by, "DELETE", at+"/"+next.text("id"), "").is(204)
		_, err := w.registry.Authenticate(t.Context(), auth.Secret(next.text("secret")))
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		require.NotEmpty(t, w.send(by, "GET", at+"/"+next.text("id"), "").is(200).text("revokedAt"))
		w.send(by, "DELETE", at+"/"+next.text("id"), "").is(204)
		w.send(by, "POST", at+"/"+next.text("id")+"/rotate", "").is(400, "invalid_value")

		pinned := w.send(by, "POST", at, `{"name":"x","scopes":["scim"],"form":"certificate","certificate":{"fingerprint":"`+aFingerprint+`"}}`).is(201)
		renewed := w.send(by, "POST", at+"/"+pinned.text("id")+"/rotate", `{"certificate":{"fingerprint":"`+strings.Repeat("ab", 32)+`"}}`).is(201)
		require.Equal(t, strings.Repeat("ab", 32), renewed.text("certificate.fingerprint"))
		workload := w.send(by, "POST", at, `{"name":"x","scopes":["scim"],"form":"federated","federated":`+aFederated+`}`).is(201)
		moved := w.send(by, "POST", at+"/"+workload.text("id")+"/rotate", `{"federated":`+strings.Replace(aFederated, "object-1", "object-2", 1)+`}`).is(201)
		require.Equal(t, "object-2", moved.text("federated.subject"))
	}
}

func TestListTokens(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.send("acme", "POST", accountRoot+"/tokens", `{"name":"x","scopes":["scim"]}`).is(201)
	}
	var ids []string
	for after := ""; ; {
		part := w.send("acme", "GET", accountRoot+"/tokens?limit=3"+after, "").is(200)
		ids = append(ids, part.names("id")...)
		if part.get("next") == nil {
			break
		}
		after = "&after=" + part.text("next")
	}
	require.Len(t, ids, 4)
	require.Equal(t, ids, w.op("GET", "/accounts/acme/tokens", "").is(200).names("id"))
	require.Equal(t, []string{w.ids["beta token"]}, w.send("beta", "GET", accountRoot+"/tokens", "").is(200).names("id"))
}

// TestMayGrant: nobody gives by a token what one has not oneself, and only the
// admin API gives the platform.
func TestMayGrant(t *testing.T) {
	w := newWorld(t)
	user := w.user("acme")
	for _, tt := range []struct {
		has    []auth.Scope
		give   string
		lacks  auth.Scope // "" if it is made
		refuse string     // another code
	}{
		{[]auth.Scope{auth.SCIMRead}, `"scim:read"`, "", ""},
		{[]auth.Scope{auth.SCIMRead}, `"account:write"`, "", ""},
		{[]auth.Scope{auth.SCIMRead}, `"scim:read","scim:write"`, auth.SCIMWrite, ""},
		{[]auth.Scope{auth.SCIMRead}, `"scim"`, auth.SCIMWrite, ""},
		{[]auth.Scope{auth.SCIMRead, auth.SCIMWrite}, `"scim"`, "", ""},
		{[]auth.Scope{auth.SCIM}, `"scim:write"`, "", ""},
		{[]auth.Scope{auth.SCIM}, `"roles"`, auth.UserRead, ""},
		{auth.AdministratorScopes(), `"roles"`, "", ""},
		{auth.AdministratorScopes(), `"user:global"`, auth.UserGlobal, ""},
		{auth.AdministratorScopes(), `"platform:admin"`, "", "operator_only"},
		{append(auth.AdministratorScopes(), auth.PlatformAdmin), `"platform:admin"`, "", "operator_only"},
		{auth.AdministratorScopes(), `"everything"`, "everything", ""},
	} {
		w.grant("writer", "acme", append(tt.has, auth.AccountWrite)...)
		made := w.send("writer", "POST", accountRoot+"/tokens", `{"name":"x","userId":"`+user+`","scopes":[`+tt.give+`]}`)
		switch {
		case tt.lacks != "":
			require.Equal(t, string(tt.lacks), made.is(403, "insufficient_scope").text("scope"), tt.give)
		case tt.refuse != "":
			made.is(403, tt.refuse)
		default:
			made.is(201)
		}
	}
	w.op("POST", "/accounts/acme/tokens", `{"name":"x","scopes":["platform:admin","scim","user:global"]}`).is(201)
}

// TestNamesOfCertificates: a name in certificates is one of all accounts, so no
// account takes it for itself.
func TestNamesOfCertificates(t *testing.T) {
	w := newWorld(t)
	const named = `{"name":"x","scopes":["scim"],"form":"certificate","certificate":{"name":"dns:hr.example.com"}}`
	w.send("acme", "POST", accountRoot+"/tokens", named).is(403, "operator_only")
	made := w.op("POST", "/accounts/acme/tokens", named).is(201)
	w.send("acme", "POST", accountRoot+"/tokens/"+made.text("id")+"/rotate", `{"certificate":{"name":"dns:crm.example.com"}}`).is(403, "operator_only")
	w.op("POST", "/accounts/acme/tokens/"+made.text("id")+"/rotate", `{"certificate":{"name":"dns:crm.example.com"}}`).is(201)
}

// TestMayRotate: a rotation shows a secret that does what the old one did.
func TestMayRotate(t *testing.T) {
	w := newWorld(t)
	w.grant("writer", "acme", auth.AccountWrite, auth.SCIMRead)
	w.grant("weak", "acme", auth.SCIMRead)
	w.grant("strong", "acme", auth.SCIM)
	w.grant("platform", "acme", auth.PlatformAdmin)
	for name, code := range map[string]string{"weak": "", "strong": "insufficient_scope", "platform": "operator_only", "acme": "insufficient_scope"} {
		answer := w.send("writer", "POST", accountRoot+"/tokens/{"+name+" token}/rotate", "")
		if code == "" {
			answer.is(201)
			continue
		}
		answer.is(403, code)
		w.op("POST", "/accounts/acme/tokens/{"+name+" token}/rotate", "").is(201)
	}
	// What has leaked must end, whoever notices it, but the operator's.
	w.send("writer", "DELETE", accountRoot+"/tokens/{strong token}", "").is(204)
	w.send("writer", "DELETE", accountRoot+"/tokens/{platform token}", "").is(403, "operator_only")
	w.op("DELETE", "/accounts/acme/tokens/{platform token}", "").is(204)
}
