package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/scim"
)

const (
	clientAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	jwtBearer       = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// accessTokens are those that the token endpoint gives out, by each of its grants.
func (g *gatehouse) accessTokens() {
	byAssertion := func(assertion string, more ...string) string {
		return g.grant("", append(more, "grant_type", "client_credentials", "client_assertion_type", clientAssertion, "client_assertion", assertion)...)
	}
	bySecret := func(id, secret string, more ...string) string {
		return g.grant("", append(more, "grant_type", "client_credentials", "client_id", id, "client_secret", secret)...)
	}
	client := g.issue(admin.NewToken{Form: registry.FormSecret, Scopes: []auth.Scope{auth.SCIM, auth.UserRead}})
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(client.ClientID+":"+client.ClientSecret))
	g.add("an access token by secret", bearing(bySecret(client.ClientID, client.ClientSecret)))
	g.add("an access token by secret in the header", bearing(g.grant(basic, "grant_type", "client_credentials")))
	g.add("an access token with less than the client has", bearing(bySecret(client.ClientID, client.ClientSecret, "scope", "scim:read")))
	revoked := g.issue(admin.NewToken{Form: registry.FormSecret, Scopes: everything()})
	g.add("an access token after its secret was revoked", bearing(bySecret(revoked.ClientID, revoked.ClientSecret)))
	g.revoke(revoked.ID)

	key := authtest.NewKey(g.t, "", "ES256")
	signing := g.issue(admin.NewToken{Form: registry.FormKey, Key: published(g.t, key), Scopes: []auth.Scope{auth.SCIM}}).ClientID
	g.add("an access token by the client's assertion", bearing(byAssertion(g.assertion(key, signing))))
	g.add("an assertion instead of a token", bearing(g.assertion(key, signing)))
	federated := g.issue(admin.NewToken{Form: registry.FormFederated, Scopes: []auth.Scope{auth.SCIMRead},
		Federated: registry.Federated{Issuer: g.issuer.URL(), Audience: "api://roster", Subject: "workload"}}).ClientID
	g.add("an access token by another issuer's assertion of the client",
		bearing(byAssertion(g.vouched("aud", "api://roster", "sub", "workload"), "client_id", federated)))
	g.add("an access token for a token of an issuer", bearing(g.grant("", "grant_type", jwtBearer, "assertion", g.vouched("scp", "provision"))))
	g.add("an access token of another server", bearing(authtest.NewKey(g.t, "", "ES256").Sign(g.t, map[string]any{
		"iss": "http://localhost", "aud": "http://localhost", "sub": client.ClientID, "client_id": client.ClientID, "scope": "scim", "exp": time.Now().Unix() + 300}).Reveal()))
	g.accessTokensOfMachines(bySecret, byAssertion)
}

// accessTokensOfMachines are those of machines whose role allows something.
func (g *gatehouse) accessTokensOfMachines(bySecret func(id, secret string, more ...string) string, byAssertion func(assertion string, more ...string) string) {
	helper := func(name string) (path, id, secret string) {
		path = "/users/" + g.scim("POST", "/Users", `{"userName":"`+name+`","roles":[{"value":"`+helpdesk+`"}],"A":{"kind":"machine"}}`).is(201).Get("id").Text()
		made := g.api("PUT", path+"/secret", "{}").is(200)
		return path, made.Get("clientId").Text(), made.Get("clientSecret").Text()
	}
	path, id, secret := helper("helper")
	key := authtest.NewKey(g.t, "", "RS256")
	g.api("POST", path+"/keys", `{"publicKey":`+scim.StringValue(string(published(g.t, key))).String()+`}`).is(201)
	g.add("an access token by a machine's secret", bearing(bySecret(id, secret)))
	g.add("an access token by a machine's assertion", bearing(byAssertion(g.assertion(key, id))))
	g.add("an access token by a machine's assertion as a grant", bearing(g.grant("", "grant_type", jwtBearer, "assertion", g.assertion(key, id))))
	for kind, end := range map[string]string{"machine's secret was removed": "DELETE /secret", "machine was locked": "POST /lock"} {
		path, id, secret := helper(strings.ReplaceAll(kind, " ", "-"))
		g.add("an access token after its "+kind, bearing(bySecret(id, secret)))
		g.end(strings.TrimPrefix(path, "/users/"), end)
	}
}

// vouched is what the issuer says of somebody, as pairs of claims and values.
func (g *gatehouse) vouched(changes ...any) string { return g.vouchedBy(g.issuing, changes...) }

func (g *gatehouse) vouchedBy(key *authtest.Key, changes ...any) string {
	claims := map[string]any{"aud": "roster", "sub": "program", "exp": time.Now().Unix() + 300}
	for i := 0; i < len(changes); i += 2 {
		claims[changes[i].(string)] = changes[i+1]
	}
	return g.issuer.Token(key, claims).Reveal()
}

// tokensOfIssuer are those of the issuer that the account trusts.
func (g *gatehouse) tokensOfIssuer() {
	g.user("eve", `"externalId":"eve"`, `"roles":[{"value":"`+helpdesk+`"}]`)
	g.end(g.user("mallory", `"externalId":"mallory"`, `"roles":[{"value":"`+helpdesk+`"}]`), "POST /lock")
	good := g.vouched("scp", "provision")
	for kind, token := range map[string]string{
		", of a program":             good,
		" that gives no scope":       g.vouched("scp", "else"),
		", of a user with roles":     g.vouched("scp", "people", "uid", "eve"),
		", of a locked user":         g.vouched("scp", "provision people", "uid", "mallory"),
		", of nobody here":           g.vouched("scp", "provision people", "uid", "nobody"),
		" that has expired":          g.vouched("scp", "provision", "exp", time.Now().Unix()-300),
		" for another audience":      g.vouched("scp", "provision", "aud", "api://roster"),
		" that somebody else signed": g.vouchedBy(authtest.NewKey(g.t, "first", "RS256"), "scp", "provision"),
		" that nobody signed":        base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(good, ".")[1] + ".x",
		" that nobody trusts":        g.vouched("scp", "provision", "iss", "https://login.example.com"),
	} {
		g.add("a token of an issuer"+kind, bearing(token))
	}
}

// certificates are those of clients, as the TLS handshake has left them.
func (g *gatehouse) certificates() {
	of := func(c registry.Certificate, scopes ...auth.Scope) admin.IssuedToken {
		return g.issue(admin.NewToken{Form: registry.FormCertificate, Scopes: scopes, Certificate: c})
	}
	print := func(c *x509.Certificate) registry.Certificate {
		sum := sha256.Sum256(c.Raw)
		return registry.Certificate{Fingerprint: hex.EncodeToString(sum[:])}
	}
	known, expired, revoked := g.certificate("known", time.Hour), g.certificate("expired", -time.Minute), g.certificate("revoked", time.Hour)
	of(print(known), auth.SCIM, auth.UserRead)
	of(print(expired), everything()...)
	g.revoke(of(print(revoked), everything()...).ID)
	of(registry.Certificate{Name: "dns:hr.example.com"}, auth.UserRead)
	g.add("a certificate", showing(known, false))
	g.add("a certificate with a name, of an authority", showing(g.certificate("hr.example.com", time.Hour), true))
	g.add("a certificate with that name, of nobody", showing(g.certificate("hr.example.com", time.Hour), false))
	g.add("a certificate that nobody knows", showing(g.certificate("unknown", time.Hour), true))
	g.add("a certificate that has expired", showing(expired, true))
	g.add("a certificate after its credential was revoked", showing(revoked, true))
}

// certificate makes one that signs itself.
func (g *gatehouse) certificate(name string, lifetime time.Duration) *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(g.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lifetime)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(g.t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(g.t, err)
	return c
}

// showing is who shows a certificate, which an authority of the operator has signed
// if it is verified.
func showing(c *x509.Certificate, verified bool) show {
	state := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{c}}
	if verified {
		state.VerifiedChains = [][]*x509.Certificate{{c}}
	}
	return func(r *http.Request) { r.TLS = state }
}
