package registry_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/storage/bolt"
)

var encode = base64.RawURLEncoding.EncodeToString

func (f *fixture) client() registry.Clients { return registry.Clients{Registry: f.Registry} }

// made makes a credential of a form in an account.
func (f *fixture) made(t testing.TB, account string, form registry.Form, change func(*registry.NewToken)) (registry.Token, auth.Secret) {
	t.Helper()
	n := registry.NewToken{Account: account, Name: "robot", Form: form, Scopes: []auth.Scope{auth.SCIM}}
	if change != nil {
		change(&n)
	}
	made, secret, err := f.CreateToken(t.Context(), n)
	require.NoError(t, err)
	return made, secret
}

func jwkOf(t testing.TB, key *authtest.Key) []byte {
	t.Helper()
	text, err := json.Marshal(key.Public())
	require.NoError(t, err)
	return text
}

func TestClientSecret(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made, secret := f.made(t, a.ID, registry.FormSecret, func(n *registry.NewToken) { n.Domain, n.User = "okta", "u1" })
	require.True(t, token.Format{}.ValidSecret(secret))
	require.Equal(t, made.ID, made.Client)

	p, handle, err := f.client().WithSecret(t.Context(), made.Client, secret)
	require.NoError(t, err)
	require.Equal(t, &auth.Principal{
		Account: a.ID, Subject: made.ID, Name: "robot", User: "u1", Domain: "okta", Scopes: made.Scopes, Method: auth.ByOAuth,
	}, p)
	current, err := f.client().Current(t.Context(), handle)
	require.NoError(t, err)
	require.Equal(t, p, current)

	f.opens(t, secret, false, "a client secret is no bearer token")
	_, bearer := f.token(t, a.ID)
	other, otherSecret := f.made(t, a.ID, registry.FormSecret, nil)
	const noClient, noSecret, damaged = "no client has that id", "no such secret", "not copied whole"
	for name, wrong := range map[string]struct {
		client string
		secret auth.Secret
		why    string // for the operator
	}{
		"no client":              {"", secret, noClient},
		"unknown client":         {"nobody", secret, noClient},
		"long client":            {strings.Repeat("x", 1<<20), secret, noClient},
		"another client":         {other.Client, secret, noSecret},
		"another client's":       {made.Client, otherSecret, noSecret},
		"no secret":              {made.Client, "", damaged},
		"a bearer token":         {made.Client, bearer, damaged},
		"never given out":        {made.Client, token.Format{}.MintSecret(), noSecret},
		"cut off":                {made.Client, secret[:len(secret)-1], damaged},
		"a client with a NUL":    {made.Client + "\x00", secret, noClient},
		"a client with a handle": {handle, secret, noClient},
	} {
		p, handle, err := f.client().WithSecret(t.Context(), wrong.client, wrong.secret)
		require.ErrorIs(t, err, auth.ErrUnauthenticated, name)
		require.ErrorContains(t, err, wrong.why, name)
		require.Nil(t, p, name)
		require.Empty(t, handle, name)
	}
	for _, unknown := range []string{"", "/", made.ID, made.Client + "/", made.Client + "/nobody", "nobody/" + made.ID, other.Client + "/" + made.ID} {
		_, err := f.client().Current(t.Context(), unknown)
		require.ErrorIs(t, err, auth.ErrUnauthenticated, unknown)
	}
}

// TestClientRotates: the client id stays; old and new are valid for the overlap.
func TestClientRotates(t *testing.T) {
	f := newFixture(t)
	old, oldSecret := f.made(t, f.account(t, "acme").ID, registry.FormSecret, nil)
	_, oldHandle, err := f.client().WithSecret(t.Context(), old.Client, oldSecret)
	require.NoError(t, err)
	const overlap = 10 * time.Second // the end acts at once, although the client is remembered
	next, secret, err := f.RotateToken(t.Context(), old.ID, registry.Rotation{Overlap: overlap})
	require.NoError(t, err)
	require.Equal(t, old.Client, next.Client)
	valid := func(secret auth.Secret, handle string) bool {
		_, _, err := f.client().WithSecret(t.Context(), old.Client, secret)
		if handle == "" {
			return err == nil
		}
		_, currently := f.client().Current(t.Context(), handle)
		require.Equal(t, err == nil, currently == nil)
		return err == nil
	}
	_, handle, err := f.client().WithSecret(t.Context(), old.Client, secret)
	require.NoError(t, err)
	f.clock.Advance(overlap - time.Millisecond)
	require.True(t, valid(oldSecret, oldHandle))
	f.clock.Advance(time.Millisecond)
	require.False(t, valid(oldSecret, oldHandle))
	require.True(t, valid(secret, handle))
	require.NoError(t, f.RevokeToken(t.Context(), next.ID))
	require.False(t, valid(secret, handle))
}

func TestClientKeys(t *testing.T) {
	f := newFixture(t)
	first, second := authtest.NewKey(t, "first", "ES256"), authtest.NewKey(t, "second", "EdDSA")
	made, err := f.keyClient(t, f.account(t, "acme").ID, jwkOf(t, first))
	require.NoError(t, err)
	find := func(keyID string) string {
		key, p, handle, err := f.client().Key(t.Context(), made.Client, keyID)
		if err != nil {
			require.ErrorIs(t, err, auth.ErrUnauthenticated)
			return ""
		}
		current, err := f.client().Current(t.Context(), handle)
		require.NoError(t, err)
		require.Equal(t, p, current)
		return string(pemOf(t, key))
	}
	isFirst, isSecond := string(pemOf(t, first.Public().Key)), string(pemOf(t, second.Public().Key))
	require.Equal(t, isFirst, find(""))
	require.Equal(t, isFirst, find("first"))
	require.Empty(t, find("second"))

	_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{})
	require.ErrorIs(t, err, registry.ErrInvalid, "the new one has a key of its own")
	_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{Key: pemOf(t, first.Public().Key)})
	require.ErrorContains(t, err, "it is the one that is to be replaced; make another")
	again := authtest.NewKey(t, "first", "ES256")
	_, _, err = f.RotateToken(t.Context(), made.ID, registry.Rotation{Key: jwkOf(t, again)})
	require.ErrorIs(t, err, registry.ErrTaken)
	require.ErrorContains(t, err, `key id "first"`)

	next, secret, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{Key: jwkOf(t, second), Overlap: hour})
	require.NoError(t, err)
	require.Empty(t, secret)
	require.Equal(t, "second", next.KeyID)
	require.Equal(t, isFirst, find("first"))
	require.Equal(t, isSecond, find("second"))
	require.Empty(t, find(""), "there are two")
	f.clock.Advance(hour)
	require.Empty(t, find("first"))
	require.Equal(t, isSecond, find(""))
	require.NoError(t, f.RevokeToken(t.Context(), next.ID))
	require.Empty(t, find("second"))
}

func TestFederatedClient(t *testing.T) {
	f := newFixture(t)
	entra := registry.Federated{Issuer: "https://login.microsoftonline.com/t/v2.0", Audience: "api://roster", Subject: "object"}
	made, secret := f.made(t, f.account(t, "acme").ID, registry.FormFederated, func(n *registry.NewToken) { n.Federated = entra })
	require.Empty(t, secret)
	require.Equal(t, entra, made.Federated)
	admits := func(client, issuer, subject string, audience ...string) string {
		p, handle, err := f.client().Federated(t.Context(), client, issuer, subject, audience)
		if err != nil {
			require.ErrorIs(t, err, auth.ErrUnauthenticated)
			return ""
		}
		_, err = f.client().Current(t.Context(), handle)
		require.NoError(t, err)
		return p.Subject
	}
	require.Equal(t, made.ID, admits(made.Client, entra.Issuer, entra.Subject, "other", entra.Audience))
	require.Empty(t, admits("nobody", entra.Issuer, entra.Subject, entra.Audience))
	require.Empty(t, admits(made.Client, entra.Issuer+"/", entra.Subject, entra.Audience))
	require.Empty(t, admits(made.Client, entra.Issuer, "Object", entra.Audience))
	require.Empty(t, admits(made.Client, entra.Issuer, entra.Subject, "other"))
	require.Empty(t, admits(made.Client, entra.Issuer, entra.Subject))
	secretClient, _ := f.made(t, made.Account, registry.FormSecret, nil)
	require.Empty(t, admits(secretClient.Client, "", "", ""), "a client of another form expects none")

	other := entra
	other.Subject = "another object"
	next, _, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{Federated: &other, Overlap: hour})
	require.NoError(t, err)
	require.Equal(t, made.ID, admits(made.Client, entra.Issuer, entra.Subject, entra.Audience))
	require.Equal(t, next.ID, admits(made.Client, entra.Issuer, other.Subject, entra.Audience))
	same, _, err := f.RotateToken(t.Context(), next.ID, registry.Rotation{})
	require.NoError(t, err)
	require.Equal(t, other, same.Federated)
	require.Equal(t, same.ID, admits(made.Client, entra.Issuer, other.Subject, entra.Audience), "the latest")
	f.clock.Advance(hour)
	require.Empty(t, admits(made.Client, entra.Issuer, entra.Subject, entra.Audience))
}

// TestCredentialsAreChecked: a message says what would be right.
func TestCredentialsAreChecked(t *testing.T) {
	const tooLong = "x"
	federated := func(change func(*registry.Federated)) func(*registry.NewToken) {
		return func(n *registry.NewToken) {
			n.Federated = registry.Federated{Issuer: login, Audience: "a", Subject: "s"}
			change(&n.Federated)
		}
	}
	certificate := func(c registry.Certificate) func(*registry.NewToken) {
		return func(n *registry.NewToken) { n.Certificate = c }
	}
	named := func(name string) func(*registry.NewToken) { return certificate(registry.Certificate{Name: name}) }
	const forms, names = "use bearer, secret, key, federated or certificate", "use dns:, uri:, email: or cn:"
	tests := []struct {
		name    string
		form    registry.Form
		change  func(*registry.NewToken)
		message string
	}{
		{"unknown form", "password", func(*registry.NewToken) {}, forms},
		{"a domain in upper case", "", func(n *registry.NewToken) { n.Domain = "Okta" }, "use 1 to 64 of a-z, 0-9"},
		{"a long domain", "", func(n *registry.NewToken) { n.Domain = strings.Repeat(tooLong, 65) }, "use 1 to 64 of a-z, 0-9"},
		{"roles of nobody", "", func(n *registry.NewToken) { n.Scopes = []auth.Scope{auth.Roles} }, "name the user, or other scopes"},
		{"a long user", "", func(n *registry.NewToken) { n.User = strings.Repeat(tooLong, 65) }, "the id of a user"},
		{"a key in a secret", registry.FormSecret, func(n *registry.NewToken) { n.Key = []byte("x") }, "use the form key"},
		{"an issuer in a key", registry.FormKey, federated(func(*registry.Federated) {}), "use the form federated"},
		{"a certificate in a token", "", named("cn:x"), "use the form certificate"},
		{"nothing federated", registry.FormFederated, nil, "an https URL without query"},
		{"issuer in the open", registry.FormFederated, federated(func(f *registry.Federated) { f.Issuer = "http://login.example.com" }), "an https URL without query"},
		{"no audience", registry.FormFederated, federated(func(f *registry.Federated) { f.Audience = "" }), "what the issuer writes into aud"},
		{"no subject", registry.FormFederated, federated(func(f *registry.Federated) { f.Subject = "" }), "what the issuer writes into sub"},
		{"a long subject", registry.FormFederated, federated(func(f *registry.Federated) { f.Subject = strings.Repeat(tooLong, 256) }), "what the issuer writes into sub"},
		{"no certificate", registry.FormCertificate, nil, "give one of the two"},
		{"both", registry.FormCertificate, certificate(registry.Certificate{Fingerprint: strings.Repeat("ab", 32), Name: "cn:x"}), "give one of the two"},
		{"a short fingerprint", registry.FormCertificate, certificate(registry.Certificate{Fingerprint: "abcd"}), "64 hexadecimal digits"},
		{"no fingerprint", registry.FormCertificate, certificate(registry.Certificate{Fingerprint: strings.Repeat("x", 64)}), "64 hexadecimal digits"},
		{"a name of no kind", registry.FormCertificate, named("hr.example.com"), names},
		{"a name of another kind", registry.FormCertificate, named("ip:127.0.0.1"), names},
		{"a fingerprint as a name", registry.FormCertificate, named("sha256:" + strings.Repeat("ab", 32)), names},
		{"no name", registry.FormCertificate, named("cn:"), names},
		{"a wildcard", registry.FormCertificate, named("dns:*.example.com"), names},
		{"upper case", registry.FormCertificate, named("dns:HR.example.com"), names},
		{"no address", registry.FormCertificate, named("email:hr"), names},
		{"no URI", registry.FormCertificate, named("uri:hr"), names},
		{"a long name", registry.FormCertificate, named("cn:" + strings.Repeat(tooLong, 256)), names},
	}
	f := newFixture(t)
	a := f.account(t, "acme")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := registry.NewToken{Account: a.ID, Name: "x", Form: tt.form, Scopes: []auth.Scope{auth.SCIM}}
			if tt.change != nil {
				tt.change(&n)
			}
			_, secret, err := f.CreateToken(t.Context(), n)
			require.ErrorIs(t, err, registry.ErrInvalid)
			require.ErrorContains(t, err, tt.message)
			require.Empty(t, secret)
			require.Less(t, len(err.Error()), 500)
		})
	}
	_, err := f.AddToken(t.Context(), registry.NewToken{Account: a.ID, Name: "x", Form: registry.FormSecret, Scopes: []auth.Scope{auth.SCIM}}, "development")
	require.ErrorContains(t, err, `form "secret" is not valid: use bearer`)
}

// TestClientIsRemembered: also that of a minute ago, but nothing that is not there.
func TestClientIsRemembered(t *testing.T) {
	f := newFixture(t)
	made, secret := f.made(t, f.account(t, "acme").ID, registry.FormSecret, nil)
	ask := func() { _, _, _ = f.client().WithSecret(t.Context(), made.Client, secret) }
	ask()
	f.Close() // no note of a use runs any more
	before := f.store.views.Load()
	ask()
	_, _, err := f.client().WithSecret(t.Context(), made.Client, token.Format{}.MintSecret())
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.Equal(t, before, f.store.views.Load())
	for range 2 {
		_, _, err := f.client().WithSecret(t.Context(), "nobody", secret)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
	}
	require.Equal(t, before+2, f.store.views.Load())
	_, _, err = f.client().WithSecret(t.Context(), "nobody", secret[:30])
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.Equal(t, before+2, f.store.views.Load(), "what is no secret is not looked up")
	f.clock.Advance(time.Minute)
	ask()
	require.Equal(t, before+3, f.store.views.Load())

	f.store.broken.Store(true)
	_, _, err = f.client().WithSecret(t.Context(), "other", secret)
	require.ErrorIs(t, err, errBroken)
	require.NotErrorIs(t, err, auth.ErrUnauthenticated, "a client must not throw its secret away")
	f.store.broken.Store(false)
}

// TestClientRevokedUnderLoad: whoever starts after RevokeToken returned is refused.
func TestClientRevokedUnderLoad(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	for range 5 {
		made, secret := f.made(t, a.ID, registry.FormSecret, nil)
		_, handle, err := f.client().WithSecret(t.Context(), made.Client, secret)
		require.NoError(t, err)
		var revoked atomic.Bool
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					after := revoked.Load()
					_, _, err := f.client().WithSecret(t.Context(), made.Client, secret)
					_, currently := f.client().Current(t.Context(), handle)
					for _, err := range []error{err, currently} {
						if err != nil && !errors.Is(err, auth.ErrUnauthenticated) || after && err == nil {
							t.Errorf("after %v: %v", after, err)
						}
					}
					if after {
						return
					}
				}
			})
		}
		require.NoError(t, f.RevokeToken(t.Context(), made.ID))
		revoked.Store(true)
		all.Wait()
	}
}

// TestClientsOnDisk: what is asked of an engine's indexes is answered there as in
// memory.
func TestClientsOnDisk(t *testing.T) {
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), Indexes: registry.Indexes(), NoSync: true})
	require.NoError(t, err)
	clock := authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	f := &fixture{store: &counting{Store: store}, clock: clock}
	f.Registry = registry.New(registry.Config{Store: f.store, Tokens: token.Format{}, Now: clock.Now})
	t.Cleanup(func() {
		f.Close()
		require.NoError(t, store.Close())
	})
	a := f.account(t, "acme")
	old, oldSecret := f.made(t, a.ID, registry.FormSecret, nil)
	f.made(t, a.ID, registry.FormSecret, nil)
	next, secret, err := f.RotateToken(t.Context(), old.ID, registry.Rotation{Overlap: hour})
	require.NoError(t, err)
	_, _, err = f.client().WithSecret(t.Context(), old.Client, oldSecret)
	require.NoError(t, err)
	f.clock.Advance(hour)
	_, _, err = f.client().WithSecret(t.Context(), old.Client, oldSecret)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	_, _, err = f.client().WithSecret(t.Context(), old.Client, secret)
	require.NoError(t, err)
	require.NoError(t, f.RevokeToken(t.Context(), next.ID))
	_, _, err = f.client().WithSecret(t.Context(), old.Client, secret)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.NoError(t, f.DeleteAccount(t.Context(), a.ID))
	deleted, err := f.DeletedAccounts(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, deleted, 1)
	require.False(t, deleted[0].Deleted.IsZero())
}
