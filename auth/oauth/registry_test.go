package oauth_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/limit"
	"roster/auth/oauth"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/storage/memory"
)

var _ auth.Clients = registry.Clients{}

// newStored is a fixture whose clients and keys are in a store, with an account.
func newStored(t *testing.T) (f *fixture, r *registry.Registry, account string) {
	f = newFixture(t)
	store := memory.New(registry.Indexes())
	r = registry.New(registry.Config{Store: store, Tokens: token.Format{}, Now: f.clock.Now, Logger: f.config.Logger})
	t.Cleanup(func() {
		r.Close()
		require.NoError(t, store.Close())
	})
	f.config.Clients, f.config.Keys = map[string]auth.Clients{"credential": registry.Clients{Registry: r}}, r
	f.start(limit.Unlimited())
	a, err := r.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
	require.NoError(t, err)
	return f, r, a.ID
}

// TestStoredSecret: from a secret to its rotation and its end.
func TestStoredSecret(t *testing.T) {
	f, r, account := newStored(t)
	first, secret, err := r.CreateToken(t.Context(), registry.NewToken{
		Account: account, Name: "connector", Form: registry.FormSecret, Scopes: []auth.Scope{auth.SCIM}, Domain: "hr"})
	require.NoError(t, err)
	of := func(secret auth.Secret) auth.Secret {
		return f.grants(withSecret("client_id", first.Client, "client_secret", secret.Reveal())).Token
	}
	old := of(secret)
	p := f.admits(old)
	require.Equal(t, []string{account, "hr"}, []string{p.Account, p.Domain})
	require.Equal(t, auth.ByOAuth, p.Method)

	second, renewed, err := r.RotateToken(t.Context(), first.ID, registry.Rotation{Overlap: time.Hour})
	require.NoError(t, err)
	of(secret)
	current := of(renewed)
	require.NoError(t, r.RevokeToken(t.Context(), first.ID))
	f.rejects(old)
	require.Contains(t, f.logs.String(), `an access token was refused" reason="the credential is not valid: the client has no such secret or key`)
	answer := f.denies(withSecret("client_id", first.Client, "client_secret", secret.Reveal()), "invalid_client")
	require.NotContains(t, answer, "no such secret")
	require.Contains(t, f.logs.String(), `as credential: the credential is not valid: the client has no such secret or key`)
	require.NotContains(t, f.logs.String(), secret.Reveal())
	f.admits(current)
	require.NoError(t, r.RevokeToken(t.Context(), second.ID))
	f.rejects(current)
}

// TestStoredKey: a client that signs.
func TestStoredKey(t *testing.T) {
	f, r, account := newStored(t)
	key := authtest.NewKey(t, "", "ES256")
	public, err := json.Marshal(key.Public())
	require.NoError(t, err)
	made, _, err := r.CreateToken(t.Context(), registry.NewToken{
		Account: account, Name: "connector", Form: registry.FormKey, Scopes: []auth.Scope{auth.SCIM}, Key: public})
	require.NoError(t, err)
	g := f.grants(withAssertion(key.Sign(t, f.claims("iss", made.Client, "sub", made.Client))))
	require.Equal(t, account, f.admits(g.Token).Account)
	require.NoError(t, r.RevokeToken(t.Context(), made.ID))
	f.rejects(g.Token)
}

// TestStoredKeys: processes that start at once agree on the key that signs, and one
// that starts later takes the tokens of those before.
func TestStoredKeys(t *testing.T) {
	f, r, account := newStored(t)
	made, secret, err := r.CreateToken(t.Context(), registry.NewToken{
		Account: account, Name: "connector", Form: registry.FormSecret, Scopes: []auth.Scope{auth.SCIM}})
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 4 {
		s, err := oauth.New(f.config)
		require.NoError(t, err)
		all.Go(func() {
			if err := s.Rotate(t.Context(), false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Len(t, f.published(), 4)
	g := f.grants(withSecret("client_id", made.Client, "client_secret", secret.Reveal()))
	f.start(limit.Unlimited())
	f.admits(g.Token)
}
