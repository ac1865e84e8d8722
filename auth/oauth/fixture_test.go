package oauth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/httpauth"
	"roster/auth/limit"
	"roster/auth/oauth"
	"roster/auth/oidc"
)

var _ auth.Authenticator = (*oauth.Server)(nil)

const (
	issuer   = "https://roster.example.com"
	endpoint = issuer + "/oauth2/token"
	secret   = "roster_client_secret"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// credential is one of a client: a secret, a key or what another issuer says.
type credential struct {
	client string
	secret string
	key    *authtest.Key
	from   *authtest.Issuer
	p      auth.Principal
	err    error // instead of it
}

// clients are those of one kind, by handle.
type clients struct {
	mu  sync.Mutex
	all map[string]*credential
}

func (c *clients) find(fits func(*credential) bool) (*credential, *auth.Principal, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for handle, found := range c.all {
		if fits(found) {
			p := found.p
			return found, &p, handle, found.err
		}
	}
	return nil, nil, "", auth.ErrUnauthenticated
}

func (c *clients) WithSecret(_ context.Context, clientID string, secret auth.Secret) (*auth.Principal, string, error) {
	_, p, handle, err := c.find(func(c *credential) bool {
		return c.client == clientID && c.secret != "" && subtle.ConstantTimeCompare([]byte(c.secret), []byte(secret.Reveal())) == 1
	})
	return p, handle, err
}

func (c *clients) Key(_ context.Context, clientID, keyID string) (crypto.PublicKey, *auth.Principal, string, error) {
	found, p, handle, err := c.find(func(c *credential) bool {
		return c.client == clientID && c.key != nil && (keyID == "" || keyID == c.key.KeyID)
	})
	if err != nil {
		return nil, nil, "", err
	}
	return found.key.Public().Key, p, handle, nil
}

func (c *clients) Federated(_ context.Context, clientID, issuer, subject string, audience []string) (*auth.Principal, string, error) {
	_, p, handle, err := c.find(func(c *credential) bool {
		return c.client == clientID && c.from != nil && c.from.URL() == issuer && subject == "object-1" && slices.Contains(audience, "api://app")
	})
	return p, handle, err
}

func (c *clients) Current(_ context.Context, handle string) (*auth.Principal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.all[handle]; found != nil {
		p := found.p
		return &p, found.err
	}
	return nil, auth.ErrUnauthenticated
}

// change replaces a credential, or revokes it.
func (c *clients) change(handle string, by func(*credential)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by == nil {
		delete(c.all, handle)
		return
	}
	changed := *c.all[handle]
	by(&changed)
	c.all[handle] = &changed
}

// keys keeps signing keys.
type keys struct {
	mu       sync.Mutex
	keys     []auth.SigningKey
	revision uint64
	fault    error
	puts     int
	during   func() // happens once while keys are read
}

func (k *keys) SigningKeys(context.Context) ([]auth.SigningKey, uint64, error) {
	k.mu.Lock()
	all, revision, fault, during := slices.Clone(k.keys), k.revision, k.fault, k.during
	k.during = nil
	k.mu.Unlock()
	if during != nil {
		during()
	}
	return all, revision, fault
}

func (k *keys) PutSigningKeys(_ context.Context, all []auth.SigningKey, revision uint64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if revision != k.revision {
		return errors.New("somebody was faster")
	}
	k.keys, k.revision, k.puts = slices.Clone(all), revision+1, k.puts+1
	return k.fault
}

// fixture is a server with a client of each kind, in the account acme: "connector"
// with a secret, "m1@acme" with a key, "app" that an issuer vouches for, and all of
// whom that issuer says that they are for this server.
type fixture struct {
	*oauth.Server
	t       testing.TB
	config  oauth.Config
	handler http.Handler
	logs    *bytes.Buffer
	clock   *authtest.Clock
	keys    *keys

	registry, machines *clients
	machine            *authtest.Key
	issuer             *authtest.Issuer
	issuing            *authtest.Key
	trust              federation.Trust
	issued             []oauth.Issuance
	refused            []httpauth.Refusal
	mu                 sync.Mutex // of trust and issued
}

func newFixture(t testing.TB) *fixture {
	f := &fixture{t: t, logs: &bytes.Buffer{}, clock: authtest.NewClock(noon), keys: &keys{},
		machine: authtest.NewKey(t, "key-1", "ES256"), issuing: authtest.NewKey(t, "theirs", "ES256")}
	f.issuer = authtest.NewIssuer(t, f.issuing)
	of := func(subject string, scopes ...auth.Scope) auth.Principal {
		return auth.Principal{Account: "acme", Subject: subject, Name: subject, Scopes: scopes, Method: auth.ByToken}
	}
	connector, machine := of("connector", auth.SCIM, auth.UserRead), of("m1", auth.SCIMRead, auth.UserRead)
	connector.Domain, machine.User = "hr", "m1"
	f.registry = &clients{all: map[string]*credential{
		"c1": {client: "connector", secret: secret, p: connector},
		"f1": {client: "app", from: f.issuer, p: of("app", auth.SCIM)},
	}}
	f.machines = &clients{all: map[string]*credential{"m1:k1": {client: "m1@acme", key: f.machine, p: machine}}}
	f.trust = federation.Trust{Account: "acme", Issuer: federation.Issuer{URL: f.issuer.URL(), Audience: issuer, Algorithms: []string{"ES256"},
		Scopes: []federation.Grant{{Claim: "roles", Value: "Writer", Grants: []auth.Scope{auth.SCIM}}}}}
	logger := slog.New(slog.NewTextHandler(f.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.config = oauth.Config{
		Issuer: issuer, Clients: map[string]auth.Clients{"credential": f.registry, "machine": f.machines}, Keys: f.keys,
		Lifetime: func(context.Context, string) (time.Duration, error) { return time.Hour, nil },
		Issued:   f.note, Now: f.clock.Now, Logger: logger,
		Trusted: oidc.New(oidc.Config{Trusts: f.trusts, Now: f.clock.Now, Logger: logger}),
	}
	f.start(limit.Unlimited())
	return f
}

// start makes the server of the configuration.
func (f *fixture) start(l *limit.Limiter) {
	s, err := oauth.New(f.config)
	require.NoError(f.t, err)
	f.serve(s, l)
}

func (f *fixture) serve(s *oauth.Server, l *limit.Limiter) {
	var err error
	f.Server = s
	surfaces := s.Surfaces()
	f.handler, err = httpauth.NewMux(httpauth.Config{Authenticator: f.Server, Logger: f.config.Logger, Limiter: l, Refused: f.report}, surfaces[0], surfaces[1:]...)
	require.NoError(f.t, err)
}

func (f *fixture) trusts(_ context.Context, from, audience string) ([]federation.Trust, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trust.URL == from && f.trust.Audience == audience {
		return []federation.Trust{f.trust}, nil
	}
	return nil, nil
}

func (f *fixture) note(_ context.Context, _ *auth.Principal, i oauth.Issuance) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued = append(f.issued, i)
	return nil
}

func (f *fixture) report(_ context.Context, r httpauth.Refusal) { f.refused = append(f.refused, r) }

// claims are those of a good assertion of the machine, changed by pairs of names
// and values.
func (f *fixture) claims(changes ...any) map[string]any {
	now := f.clock.Now().Unix()
	return authtest.Changed(map[string]any{"iss": "m1@acme", "sub": "m1@acme", "aud": endpoint, "iat": now, "exp": now + 300}, changes...)
}

// own is an assertion of the machine.
func (f *fixture) own(changes ...any) auth.Secret { return f.machine.Sign(f.t, f.claims(changes...)) }

// vouched is what the issuer says of a caller for this server.
func (f *fixture) vouched(changes ...any) auth.Secret {
	c := append([]any{"iss", f.issuer.URL(), "sub", "object-1", "aud", issuer, "roles", []string{"Writer"}}, changes...)
	return f.issuing.Sign(f.t, f.claims(c...))
}

// federated is what the issuer says of the client app.
func (f *fixture) federated(changes ...any) auth.Secret {
	return f.vouched(append([]any{"aud", "api://app"}, changes...)...)
}

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	jwtBearer     = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

func pairs(more []string, first ...string) url.Values {
	values := url.Values{}
	all := append(first, more...)
	for i := 0; i < len(all); i += 2 {
		values.Set(all[i], all[i+1])
	}
	return values
}

func withSecret(more ...string) url.Values {
	return pairs(more, "grant_type", "client_credentials", "client_id", "connector", "client_secret", secret)
}

func withAssertion(assertion auth.Secret, more ...string) url.Values {
	return pairs(more, "grant_type", "client_credentials", "client_assertion_type", assertionType, "client_assertion", assertion.Reveal())
}

func asGrant(assertion auth.Secret, more ...string) url.Values {
	return pairs(more, "grant_type", jwtBearer, "assertion", assertion.Reveal())
}

func basic(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }

// post sends a body to the token endpoint, with an Authorization header unless it
// is "".
func (f *fixture) post(body, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return f.send(r)
}

func (f *fixture) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

func (f *fixture) get(path string, into any) http.Header {
	w := f.send(httptest.NewRequest("GET", path, nil))
	require.Equal(f.t, 200, w.Code, w.Body)
	require.NoError(f.t, json.Unmarshal(w.Body.Bytes(), into))
	return w.Header()
}

// granted is a token that is issued.
type granted struct {
	Token auth.Secret `json:"-"`
	Text  string      `json:"access_token"`
	Type  string      `json:"token_type"`
	Life  int         `json:"expires_in"`
	Scope string      `json:"scope"`
}

func (f *fixture) grants(form url.Values) granted {
	f.t.Helper()
	w := f.post(form.Encode(), "")
	require.Equal(f.t, 200, w.Code, w.Body)
	return f.read(w)
}

func (f *fixture) read(w *httptest.ResponseRecorder) (g granted) {
	require.NoError(f.t, json.Unmarshal(w.Body.Bytes(), &g))
	g.Token = auth.Secret(g.Text)
	return g
}

// denies expects an error of RFC 6749 section 5.2, and returns its description.
func (f *fixture) denies(form url.Values, code string) string {
	f.t.Helper()
	return denied(f.t, f.post(form.Encode(), ""), code)
}

func denied(t testing.TB, w *httptest.ResponseRecorder, code string) string {
	t.Helper()
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), w.Body)
	require.Equal(t, code, answer.Error, answer.Description)
	status := 400
	if code == "invalid_client" {
		status = 401
		require.Contains(t, w.Header().Get("WWW-Authenticate"), "Basic realm=")
	}
	require.Equal(t, status, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Regexp(t, `^[\x20-\x21\x23-\x5B\x5D-\x7E]+$`, answer.Description, "the characters of RFC 6749 section 5.2")
	return answer.Description
}

func (f *fixture) admits(token auth.Secret) *auth.Principal {
	f.t.Helper()
	p, err := f.Authenticate(f.t.Context(), token)
	require.NoError(f.t, err)
	return p
}

func (f *fixture) rejects(token auth.Secret) {
	f.t.Helper()
	p, err := f.Authenticate(f.t.Context(), token)
	require.Equal(f.t, auth.ErrUnauthenticated, err)
	require.Nil(f.t, p)
}
