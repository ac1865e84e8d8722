package oauth_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/limit"
	"roster/auth/oauth"
)

// published are the ids of the keys that others can see.
func (f *fixture) published() (ids []string) {
	var set jose.JSONWebKeySet
	f.get("/oauth2/jwks", &set)
	for _, k := range set.Keys {
		ids = append(ids, k.KeyID)
	}
	return ids
}

// signs is the id of the key that signs now.
func (f *fixture) signs() string { return parsed(f.t, f.grants(withSecret()).Token).KeyID }

// TestRotation: a new key is published for an hour before it signs, and the old one
// until its last token has expired.
func TestRotation(t *testing.T) {
	f := newFixture(t)
	first := f.signs()
	require.Equal(t, []string{first}, f.published(), "the only key signs at once")

	f.clock.Advance(30*24*time.Hour - time.Second)
	require.Equal(t, []string{first}, f.published())
	f.clock.Advance(time.Minute)
	require.Len(t, f.published(), 2)
	second := f.published()[1]
	require.Equal(t, first, f.signs())

	f.clock.Advance(time.Hour - time.Second)
	last := f.grants(withSecret()).Token
	require.Equal(t, first, parsed(t, last).KeyID)
	f.clock.Advance(time.Second)
	require.Equal(t, second, f.signs())
	f.clock.Advance(59 * time.Minute)
	f.admits(last)

	f.clock.Advance(5 * time.Hour)
	require.Equal(t, []string{first, second}, f.published())
	f.clock.Advance(4 * time.Minute)
	require.Equal(t, []string{second}, f.published())
	require.Equal(t, 3, f.keys.puts)
}

// TestRotate: by hand, a new key signs at once, and old ones go only if that is
// asked for.
func TestRotate(t *testing.T) {
	f := newFixture(t)
	old := f.grants(withSecret()).Token
	require.NoError(t, f.Rotate(t.Context(), false))
	renewed := f.grants(withSecret()).Token
	require.NotEqual(t, parsed(t, old).KeyID, parsed(t, renewed).KeyID)
	f.admits(old)
	f.admits(renewed)

	require.NoError(t, f.Rotate(t.Context(), true))
	f.rejects(old)
	f.rejects(renewed)
	f.admits(f.grants(withSecret()).Token)
	require.Len(t, f.published(), 1)

	f.keys.fault = fmt.Errorf("the disk is gone")
	require.ErrorContains(t, f.Rotate(t.Context(), true), "rotate signing keys: the disk is gone")
}

// TestKeyReplaced: a token that was let in before is worth what its key is now.
func TestKeyReplaced(t *testing.T) {
	f := newFixture(t)
	token := f.grants(withSecret()).Token
	f.admits(token)
	f.admits(token)
	private, err := x509.MarshalPKCS8PrivateKey(authtest.NewKey(t, "", "ES256").Key)
	require.NoError(t, err)
	f.keys.keys[0].Private = private
	f.clock.Advance(time.Minute)
	f.rejects(token)
	f.admits(f.grants(withSecret()).Token)
}

// TestRotatedForGood: a key that was just made, or made by hand before, does not sign
// again when it is old enough to.
func TestRotatedForGood(t *testing.T) {
	f := newFixture(t)
	f.grants(withSecret())
	for range 2 {
		require.NoError(t, f.Rotate(t.Context(), false))
	}
	keys, err := f.ListKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 3)
	require.Equal(t, f.clock.Now(), keys[2].Created)
	require.Equal(t, []oauth.KeyState{oauth.Retired, oauth.Retired, oauth.Signing}, []oauth.KeyState{keys[0].State, keys[1].State, keys[2].State})
	f.clock.Advance(61 * time.Minute)
	require.Equal(t, keys[2].ID, parsed(t, f.grants(withSecret()).Token).KeyID)
}

// TestProcesses: several of them on one store have the same keys.
func TestProcesses(t *testing.T) {
	f := newFixture(t)
	servers := make([]*oauth.Server, 8)
	var all sync.WaitGroup
	for i := range servers {
		var err error
		servers[i], err = oauth.New(f.config)
		require.NoError(t, err)
		all.Go(func() { _, _ = servers[i].Authenticate(t.Context(), f.own("iss", issuer)) })
	}
	all.Wait()
	f.grants(withSecret())
	require.Equal(t, 1, f.keys.puts, "who was not first took the key of who was")

	// What one makes now, the others know by the time they see it, but for a flood of
	// keys that nobody made.
	require.NoError(t, servers[0].Rotate(t.Context(), false))
	token := f.grants(withSecret()).Token
	f.clock.Advance(5 * time.Second)
	require.NoError(t, servers[1].Rotate(t.Context(), true))
	other := fixtureOf(f, servers[1]).grants(withSecret()).Token
	f.admits(other)
	f.rejects(token)
}

// fixtureOf is the fixture with another process.
func fixtureOf(f *fixture, s *oauth.Server) *fixture {
	other := &fixture{t: f.t, config: f.config, clock: f.clock, keys: f.keys}
	other.serve(s, limit.Unlimited())
	return other
}

// TestKeysRead: keys are read once a minute, and for keys that nobody made, once in
// five seconds.
func TestKeysRead(t *testing.T) {
	f := newFixture(t)
	token := f.grants(withSecret()).Token
	forged := f.ours()
	forged.KeyID = "unknown"
	bad := forged.Sign(t, parsed(t, token).Claims)
	f.keys.fault = fmt.Errorf("read")
	f.rejects(bad)
	f.admits(token)
	f.clock.Advance(5 * time.Second)
	_, err := f.Authenticate(t.Context(), bad)
	require.Error(t, err)
	f.admits(token)
}

// TestDroppedWhileRead: keys that were on their way when they were dropped are not
// remembered.
func TestDroppedWhileRead(t *testing.T) {
	f := newFixture(t)
	token := f.grants(withSecret()).Token
	f.clock.Advance(time.Minute)
	f.keys.during = func() { require.NoError(t, f.Rotate(t.Context(), true)) }
	f.admits(token) // it was good when it was looked at
	f.rejects(token)
}

// TestBusy: others who change the keys again and again do not keep anybody for ever.
func TestBusy(t *testing.T) {
	f := newFixture(t)
	store := &contested{}
	f.config.Keys = store
	s, err := oauth.New(f.config)
	require.NoError(t, err)
	require.ErrorContains(t, s.Rotate(t.Context(), false), "changed by others")
	require.Equal(t, 10, store.keys.puts)
}

// contested is changed by another process whenever it is read.
type contested struct{ keys }

func (c *contested) PutSigningKeys(context.Context, []auth.SigningKey, uint64) error {
	c.puts++
	c.revision++
	return fmt.Errorf("somebody was faster")
}

// TestWhatIsPublished: public halves, for others to verify tokens with, and where
// everything is (RFC 8414 section 3.2).
func TestWhatIsPublished(t *testing.T) {
	f := newFixture(t)
	token := f.grants(withSecret()).Token
	var set jose.JSONWebKeySet
	header := f.get("/oauth2/jwks", &set)
	require.Equal(t, "public, max-age=900", header.Get("Cache-Control"))
	require.Len(t, set.Keys, 1)
	require.True(t, set.Keys[0].IsPublic())
	require.Equal(t, []string{"sig", "ES256"}, []string{set.Keys[0].Use, set.Keys[0].Algorithm})
	require.NoError(t, parsed(t, token).Verify(set.Keys[0].Key))

	var metadata map[string]any
	header = f.get("/.well-known/oauth-authorization-server", &metadata)
	require.Equal(t, "public, max-age=900", header.Get("Cache-Control"))
	want := map[string]any{
		"issuer": issuer, "token_endpoint": endpoint, "jwks_uri": issuer + "/oauth2/jwks",
		"response_types_supported": []string{}, "grant_types_supported": []string{"client_credentials", jwtBearer},
		"token_endpoint_auth_methods_supported":            []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": federation.Algorithms(),
		"scopes_supported":                                 append([]auth.Scope{auth.SCIM}, auth.AccountScopes()...),
	}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	sent, err := json.Marshal(metadata)
	require.NoError(t, err)
	require.JSONEq(t, string(text), string(sent))
}

// TestKeysAreNotPrinted: by no verb and no log.
func TestKeysAreNotPrinted(t *testing.T) {
	k := auth.SigningKey{ID: "k1", Private: []byte("hunter2")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		require.NotContains(t, fmt.Sprintf(verb, []any{k, &k}), "hunter2")
		require.NotContains(t, fmt.Sprintf(verb, k), fmt.Sprintf("%x", "hunter2"))
	}
	var logs bytes.Buffer
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "key", k)
	require.NotContains(t, logs.String(), "hunter2")
}

func TestConfig(t *testing.T) {
	f := newFixture(t)
	for _, bad := range []string{"", "roster.example.com", issuer + "/", "/x"} {
		c := f.config
		c.Issuer = bad
		_, err := oauth.New(c)
		require.ErrorContains(t, err, "issuer")
	}
	for _, kind := range []string{"trusted", "a:b"} {
		c := f.config
		c.Clients = map[string]auth.Clients{kind: f.registry}
		_, err := oauth.New(c)
		require.ErrorContains(t, err, kind)
	}
}

// TestUnderLoad: tokens are used while keys rotate and clients are revoked; each is
// good until its client is revoked, and never after.
func TestUnderLoad(t *testing.T) {
	f := newFixture(t)
	var revoked [4]atomic.Bool
	var all sync.WaitGroup
	for i := range revoked {
		handle, client := fmt.Sprint("r", i), fmt.Sprint("client", i)
		f.registry.all[handle] = &credential{client: client, secret: secret, p: auth.Principal{Account: "acme", Subject: client, Scopes: []auth.Scope{auth.SCIM}}}
	}
	for i := range revoked {
		handle, client := fmt.Sprint("r", i), fmt.Sprint("client", i)
		token := f.grants(withSecret("client_id", client)).Token
		for range 2 {
			all.Go(func() {
				for range 200 {
					ended := revoked[i].Load()
					_, err := f.Authenticate(t.Context(), token)
					if ended && err == nil {
						t.Error("a token outlived its client")
					}
					if err != nil && !revoked[i].Load() && f.has(handle) {
						t.Error("a good token was refused: ", err)
					}
				}
			})
		}
		all.Go(func() {
			for range i * 3 {
				if err := f.Rotate(t.Context(), false); err != nil {
					t.Error(err)
				}
				f.clock.Advance(time.Second)
			}
			f.registry.change(handle, nil)
			revoked[i].Store(true)
		})
	}
	all.Wait()
}

func (f *fixture) has(handle string) bool {
	_, err := f.registry.Current(f.t.Context(), handle)
	return err == nil
}
