package app_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/password"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/server"
)

// guarded is a whole server without a network of its own, which notes all that it
// logs. In a bubble of synctest its clock is that of the bubble.
type guarded struct {
	*app.App
	t      *testing.T
	log    *authtest.Log
	issuer *authtest.Issuer // trusted by every tenant, each for its own audience
	key    *authtest.Key    // of the issuer
}

// outside is an issuer whose server is in no bubble, with its key.
func outside(t *testing.T) (*authtest.Issuer, *authtest.Key) {
	key := authtest.NewKey(t, "first", "ES256")
	return authtest.NewIssuer(t, key), key
}

func newGuarded(t *testing.T, memory bool, issuer *authtest.Issuer, key *authtest.Key) *guarded {
	g := &guarded{t: t, log: &authtest.Log{}, issuer: issuer, key: key}
	c := app.Config{
		Config: config.Defaults(), Memory: memory, Unlimited: true,
		Passwords: password.Config{Memory: 8, Time: 1},
		Logger:    slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	c.Data = t.TempDir()
	var err error
	g.App, err = app.New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		report, err := g.Service().Check(context.Background(), struct{}{})
		require.NoError(t, err)
		require.Empty(t, report.Problems)
		require.NoError(t, g.Close())
	})
	return g
}

// presenting shows a certificate, verified if it is signed by a CA of the operator.
func presenting(leaf *x509.Certificate, verified bool) show {
	return func(r *http.Request) {
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
		if verified {
			r.TLS.VerifiedChains = [][]*x509.Certificate{{leaf}}
		}
	}
}

func (g *guarded) ask(by show, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Correlation-Id", "test") // the only thing that tells two answers apart
	by(r)
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, r)
	return w
}

// list asks for users by SCIM, and returns the status.
func (g *guarded) list(by show) int { return g.ask(by, "GET", server.Root+"/Users", "").Code }

// buy asks the token endpoint.
func (g *guarded) buy(by show, parameters url.Values) *httptest.ResponseRecorder {
	return g.ask(func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		by(r)
	}, "POST", "/oauth2/token", parameters.Encode())
}

// silent shows nothing in the header.
func silent(*http.Request) {}

// tenant is an account of it, which trusts the issuer for the account's name, and
// has the role writer, which allows SCIM.
type tenant struct {
	*guarded
	name  string
	admin show
}

func (g *guarded) tenant(name string) *tenant {
	ctx := context.Background()
	_, err := g.Service().CreateAccount(ctx, admin.NewAccount{Name: name})
	require.NoError(g.t, err)
	t := &tenant{guarded: g, name: name}
	t.trust(true)
	_, secret := t.credential(admin.NewToken{Scopes: everything()})
	t.admin = bearing(secret)
	t.made(t.ask(t.admin, "POST", server.Root+"/Roles", `{"value":"writer"}`))
	return t
}

// trust sets whether the account trusts the issuer.
func (t *tenant) trust(trusted bool) {
	issuers := "[]"
	if trusted {
		issuers = fmt.Sprintf(`[{"issuer":%q,"audience":%q,"algorithms":["ES256"],"where":{"claim":"tid","value":"7"},"user":{"claim":"uid","attribute":"userName"},"scopes":[{"grants":["scim","user:read"]}]}]`, t.issuer.URL(), t.name)
	}
	t.set(`{"roleScopes":{"writer":["scim","user:read"]},"issuers":` + issuers + `}`)
}

func (t *tenant) set(settings string) {
	_, err := t.Service().SetAccount(context.Background(), admin.AccountChange{Account: t.name, Settings: settings, Merge: true})
	require.NoError(t.t, err)
}

func (t *tenant) disable(disabled bool) {
	_, err := t.Service().SetAccountState(context.Background(), admin.AccountState{Account: t.name, Disabled: disabled})
	require.NoError(t.t, err)
}

func (t *tenant) delete() {
	_, err := t.Service().DeleteAccount(context.Background(), t.name)
	require.NoError(t.t, err)
}

// made is what was created.
func (t *tenant) made(w *httptest.ResponseRecorder) scim.Value {
	t.t.Helper()
	require.Less(t.t, w.Code, 300, w.Body)
	v, err := scim.ParseJSON(w.Body.Bytes())
	require.NoError(t.t, err)
	return v
}

// verb changes something over the account API.
func (t *tenant) verb(method, path, body string) {
	w := t.ask(t.admin, method, "/v1/account"+path, body)
	require.Less(t.t, w.Code, 300, w.Body)
}

// machine is a machine user that may write.
func (t *tenant) machine(name string) (id string) {
	return t.made(t.ask(t.admin, "POST", server.Root+"/Users",
		`{"userName":"`+name+`","roles":[{"value":"writer"}],"`+model.UserURN+`":{"kind":"machine"}}`)).Get("id").Text()
}

// credential makes one of a client of the account.
func (t *tenant) credential(n admin.NewToken) (made admin.Token, secret string) {
	n.Account, n.Name = t.name, "test"
	if n.Scopes == nil {
		n.Scopes = []auth.Scope{auth.SCIM, auth.UserRead}
	}
	issued, err := t.Service().CreateToken(context.Background(), n)
	require.NoError(t.t, err)
	return issued.Token, issued.Secret + issued.ClientSecret
}

func (t *tenant) revoke(id string) {
	_, err := t.Service().RevokeToken(context.Background(), id)
	require.NoError(t.t, err)
}

// access is an access token for what a client shows.
func (t *tenant) access(parameters url.Values) string {
	t.t.Helper()
	return t.made(t.buy(silent, parameters)).Get("access_token").Text()
}

// bySecret and the next are what clients send to the token endpoint.
func bySecret(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
}

func byAssertion(id, assertion string) url.Values {
	v := url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	if id != "" {
		v.Set("client_id", id)
	}
	return v
}

func byGrant(assertion string) url.Values {
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
}

// endpoint is the audience of assertions.
const endpoint = "http://localhost/oauth2/token"

// assertion is what a client signs with its key.
func assertion(t *testing.T, key *authtest.Key, id string, changes map[string]any) string {
	return key.Sign(t, claimsOf(map[string]any{"iss": id, "sub": id, "aud": endpoint, "jti": rand.Text(), "exp": time.Now().Add(5 * time.Minute).Unix()}, changes)).Reveal()
}

// vouched is what the issuer gives to a program of the account.
func (t *tenant) vouched(changes map[string]any) string { return t.vouchedBy(t.key, changes) }

func (t *tenant) vouchedBy(key *authtest.Key, changes map[string]any) string {
	now := time.Now().Unix()
	return t.issuer.Token(key, claimsOf(map[string]any{"aud": t.name, "tid": "7", "sub": "program", "iat": now, "nbf": now, "exp": now + 3600}, changes)).Reveal()
}

// claimsOf are claims with changes; nil takes one away.
func claimsOf(claims, changes map[string]any) map[string]any {
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// certificate is one of a client that calls itself by that name, valid for a year.
func certificate(t *testing.T, name string, since time.Time) *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: since, NotAfter: since.AddDate(1, 0, 0), DNSNames: []string{name}, Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return leaf
}

func fingerprintOf(leaf *x509.Certificate) registry.Certificate {
	sum := sha256.Sum256(leaf.Raw)
	return registry.Certificate{Fingerprint: hex.EncodeToString(sum[:])}
}

// publicOf is the public half of a key, as PEM.
func publicOf(t *testing.T, key *authtest.Key) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public().Key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// forgeries are what somebody makes of a token without the key, who knows all that
// is public.
func forgeries(t *testing.T, token string, key *authtest.Key) map[string]string {
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	another := authtest.NewKey(t, key.KeyID, key.Algorithm)
	symmetric := &authtest.Key{JSONWebKey: key.JSONWebKey}
	symmetric.Key, symmetric.Algorithm = publicOf(t, key), "HS256"
	nameless, unknown := *another, *another
	nameless.KeyID, unknown.KeyID = "", "unknown"
	var all map[string]any
	require.NoError(t, json.Unmarshal(claims, &all))
	return map[string]string{
		"signed with another key":           another.Sign(t, all).Reveal(),
		"of an unknown key":                 unknown.Sign(t, all).Reveal(),
		"of a key without a name":           nameless.Sign(t, all).Reveal(),
		"signed with the public key":        symmetric.Sign(t, all).Reveal(),
		"with the key in it":                another.SignWith(t, map[string]any{"jwk": another.Public()}, all).Reveal(),
		"alg none":                          header(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"alg none with a signature":         header(`{"alg":"none","typ":"at+jwt","kid":"`+key.KeyID+`"}`) + "." + parts[1] + "." + parts[2],
		"without its signature":             parts[0] + "." + parts[1] + ".",
		"with other claims":                 parts[0] + "." + header(strings.Replace(string(claims), `{`, `{"extra":1,`, 1)) + "." + parts[2],
		"with a claim twice":                parts[0] + "." + header(strings.Replace(string(claims), `{`, `{"iss":"x",`, 1)) + "." + parts[2],
		"with another's signature":          parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"17 KiB":                            another.Sign(t, claimsOf(all, map[string]any{"filling": strings.Repeat("x", 12<<10)})).Reveal(),
		"of which only the header is there": parts[0] + "..",
	}
}

// same requires that an answer does not tell why.
func same(t *testing.T, want, got *httptest.ResponseRecorder, name string) {
	t.Helper()
	require.Equal(t, want.Code, got.Code, name)
	require.Equal(t, want.Body.String(), got.Body.String(), name)
	require.Equal(t, want.Header(), got.Header(), name)
}

// tellsNothing requires that nobody reads a credential, or a part of one, in the log
// or the audit of the server.
func (g *guarded) tellsNothing(texts map[string]string, accounts ...string) {
	var written bytes.Buffer
	for _, account := range append(accounts, "") {
		require.NoError(g.t, g.Service().ExportAudit(context.Background(), admin.AuditQuery{Account: account}, &written))
	}
	require.Contains(g.t, written.String(), "token.created", "there is something in the audit")
	require.Contains(g.t, g.log.String(), "operation=", "and in the log")
	written.WriteString(g.log.String())
	for name, text := range texts {
		for _, part := range strings.Split(text, ".") {
			if len(part) > 40 { // of a header, little is its own
				require.NotContains(g.t, written.String(), part, name)
			}
		}
	}
}
