package app_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/server"
)

// accessBench is a bench with an issuer that its account trusts, and clients of the
// token endpoint.
type accessBench struct {
	*bench
	b       testing.TB
	issuer  *authtest.Issuer
	issuing *authtest.Key
	signed  int // assertions
}

const benchAudience = "http://localhost"

func newAccessBench(b *testing.B, users int) *accessBench {
	a := &accessBench{bench: newBench(b, users), b: b, issuing: authtest.NewKey(b, "first", "RS256")}
	a.issuer = authtest.NewIssuer(b, a.issuing)
	_, err := a.Service().SetAccount(context.Background(), admin.AccountChange{Account: "bench", Merge: true, Settings: fmt.Sprintf(
		`{"issuers":[{"issuer":%q,"audience":%q,"scopes":[{"grants":["scim"]}]}]}`, a.issuer.URL(), benchAudience)})
	require.NoError(b, err)
	return a
}

// credential is one of the account, that reads and writes over SCIM.
func (a *accessBench) credential(change func(*admin.NewToken)) admin.IssuedToken {
	n := admin.NewToken{Account: "bench", Name: "bench", Scopes: []auth.Scope{auth.SCIM}}
	change(&n)
	issued, err := a.Service().CreateToken(context.Background(), n)
	require.NoError(a.b, err)
	return issued
}

// machine is a machine user that may do all that an administrator may.
func (a *accessBench) machine() (id string) {
	made, err := scim.ParseJSON(a.must(201, "POST", "/Users", `{"userName":"machine","`+model.UserURN+`":{"kind":"machine"}}`))
	require.NoError(a.b, err)
	id = made.Get("id").Text()
	a.must(202, "PUT", accountRoot+"users/"+id, `{"roles":["`+grants.Administrator+`"]}`)
	return id
}

// made is a member of the answer to a request that makes a credential.
func (a *accessBench) made(status int, method, path, body, member string) string {
	answer, err := scim.ParseJSON(a.must(status, method, accountRoot+path, body))
	require.NoError(a.b, err)
	return answer.Get(member).Text()
}

// claims are those of an assertion that nobody has used.
func (a *accessBench) claims(issuer, subject, audience string) map[string]any {
	a.signed++
	now := time.Now().Unix()
	return map[string]any{"iss": issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + 300, "jti": fmt.Sprint(a.signed)}
}

func (a *accessBench) vouched(subject, audience string) string {
	return a.issuing.Sign(a.b, a.claims(a.issuer.URL(), subject, audience)).Reveal()
}

// exchange asks the token endpoint.
func (a *accessBench) exchange(status int, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	if w.Code != status {
		a.b.Fatal(w.Code, w.Body)
	}
	return w
}

func (a *accessBench) accessToken(form url.Values) string {
	var answer struct {
		Token string `json:"access_token"`
	}
	require.NoError(a.b, json.Unmarshal(a.exchange(200, form).Body.Bytes(), &answer))
	return answer.Token
}

func withClientSecret(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
}

func withClientAssertion(id, assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
}

// get returns a request with a bearer token, or a certificate.
func (a *accessBench) get(status int, token string, certificates ...*x509.Certificate) func(path string) {
	return func(path string) {
		r := httptest.NewRequest("GET", path, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if len(certificates) > 0 {
			r.TLS = &tls.ConnectionState{PeerCertificates: certificates}
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != status {
			a.b.Fatal(w.Code, w.Body)
		}
	}
}

// certificate is one that a client made itself, which the account knows.
func (a *accessBench) certificate() *x509.Certificate {
	key := authtest.NewKey(a.b, "", "ES256").Key.(crypto.Signer)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(a.b, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(a.b, err)
	fingerprint := sha256.Sum256(leaf.Raw)
	a.credential(func(n *admin.NewToken) {
		n.Form, n.Certificate = registry.FormCertificate, registry.Certificate{Fingerprint: hex.EncodeToString(fingerprint[:])}
	})
	return leaf
}

// BenchmarkAccess is the same request by each way of showing who sends it: what it
// costs to find that out is what the rows differ in.
func BenchmarkAccess(b *testing.B) {
	const users = 1_000
	a := newAccessBench(b, users)
	machine := a.machine()
	client := a.credential(func(n *admin.NewToken) { n.Form = registry.FormSecret })
	bearer := func(change func(*admin.NewToken)) string { return a.credential(change).Secret }
	for _, row := range []struct {
		name string
		get  func(path string)
	}{
		{"bearer", a.get(200, bearer(func(*admin.NewToken) {}))},
		{"bearer-of-domain", a.get(200, bearer(func(n *admin.NewToken) { n.Domain = "hr" }))},
		{"bearer-of-user-with-roles", a.get(200, bearer(func(n *admin.NewToken) { n.User, n.Scopes = machine, []auth.Scope{auth.Roles} }))},
		{"pat", a.get(200, a.made(201, "POST", "users/"+machine+"/tokens", `{}`, "token"))},
		{"oauth-of-client", a.get(200, a.accessToken(withClientSecret(client.ClientID, client.ClientSecret)))},
		{"oauth-of-machine", a.get(200, a.accessToken(withClientSecret(machine, a.made(200, "PUT", "users/"+machine+"/secret", `{}`, "clientSecret"))))},
		{"oidc", a.get(200, a.vouched("program", benchAudience))},
		{"certificate", a.get(200, "", a.certificate())},
		{"unknown", a.get(401, strings.Repeat("x", 64))},
		{"without-scope", a.get(403, bearer(func(n *admin.NewToken) { n.Scopes = []auth.Scope{auth.UserRead} }))},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				row.get(server.Root + "/Users/" + a.ids[i*7919%users])
			}
		})
	}
}

// BenchmarkToken is what an access token costs, by each way of asking for one. Each
// waits until the audit has it on disk.
func BenchmarkToken(b *testing.B) {
	a := newAccessBench(b, 0)
	client := a.credential(func(n *admin.NewToken) { n.Form = registry.FormSecret })
	key := authtest.NewKey(b, "", "ES256")
	public, err := x509.MarshalPKIXPublicKey(key.Public().Key)
	require.NoError(b, err)
	signing := a.credential(func(n *admin.NewToken) {
		n.Form, n.Key = registry.FormKey, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	})
	federated := a.credential(func(n *admin.NewToken) {
		n.Form, n.Federated = registry.FormFederated, registry.Federated{Issuer: a.issuer.URL(), Audience: "api://bench", Subject: "program"}
	})
	for _, row := range []struct {
		name   string
		status int
		form   func() url.Values
	}{
		{"secret", 200, func() url.Values { return withClientSecret(client.ClientID, client.ClientSecret) }},
		{"wrong-secret", 401, func() url.Values { return withClientSecret(client.ClientID, client.ClientSecret[:20]) }},
		{"assertion", 200, func() url.Values {
			own := a.claims(signing.ClientID, signing.ClientID, benchAudience+"/oauth2/token")
			return withClientAssertion(signing.ClientID, key.Sign(b, own).Reveal())
		}},
		{"federated", 200, func() url.Values {
			return withClientAssertion(federated.ClientID, a.vouched("program", "api://bench"))
		}},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				form := row.form()
				b.StartTimer()
				a.exchange(row.status, form)
			}
		})
	}
}
