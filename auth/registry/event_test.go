package registry_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/registry"
	"roster/storage"
)

// told lists the events of the server's log after that sequence.
func (f *fixture) told(t testing.TB, after uint64) (events []storage.Event) {
	t.Helper()
	err := f.store.Store.View(t.Context(), storage.System, func(s storage.Snapshot) (err error) {
		events, err = s.Events(t.Context(), storage.EventQuery{After: after, Limit: 1000})
		return err
	})
	require.NoError(t, err)
	return events
}

// TestChangesAreTold: each change is told once, with whom it is about, what it was,
// and who did it from where; what changes nothing is not told.
func TestChangesAreTold(t *testing.T) {
	f := newFixture(t)
	ctx := auth.WithPrincipal(t.Context(), &auth.Principal{Account: "platform", Subject: "operator", Name: "Operator", Method: auth.ByToken})
	ctx = auth.WithOrigin(ctx, auth.Origin{Address: netip.MustParseAddr("192.0.2.7")})
	ctx = auth.WithCorrelation(ctx, "c-1")
	var account registry.Account
	var made, next registry.Token
	var key auth.SigningKey
	create := func(n registry.NewToken) (registry.Token, error) {
		n.Account, n.Name, n.Scopes = account.ID, "Okta", []auth.Scope{auth.SCIM}
		t, _, err := f.CreateToken(ctx, n)
		return t, err
	}
	update := func(change func(*registry.Settings)) error {
		_, err := f.UpdateAccount(ctx, account.ID, func(s *registry.Settings) error { change(s); return nil })
		return err
	}
	const secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
	steps := []struct {
		name   string
		do     func() error
		typ    string // "" for none
		detail func() string
	}{
		{"create", func() (err error) {
			account, err = f.CreateAccount(ctx, registry.NewAccount{Name: "acme", Settings: registry.Settings{Profile: "strict"}})
			return err
		}, "account.created", func() string { return `{"name":"acme","settings":["profile"]}` }},
		{"update", func() error {
			return update(func(s *registry.Settings) {
				s.Profile, s.Language, s.Policy.PasswordMin = "", "de", 12
				s.Webhooks = []registry.Webhook{{URL: "https://a.example", Secret: secret}}
			})
		}, "account.changed", func() string { return `{"name":"acme","settings":["language","policy","profile","webhooks"]}` }},
		{"update a secret", func() error {
			return update(func(s *registry.Settings) { s.Webhooks[0].Secret = auth.Secret(secret[:len(secret)-4] + "AAAA") })
		}, "account.changed", func() string { return `{"name":"acme","settings":["webhooks"]}` }},
		{"update nothing", func() error { return update(func(*registry.Settings) {}) }, "", nil},
		{"disable", func() error { _, err := f.DisableAccount(ctx, account.ID); return err }, "account.disabled", func() string { return `{"name":"acme"}` }},
		{"disable again", func() error { _, err := f.DisableAccount(ctx, account.ID); return err }, "", nil},
		{"enable", func() error { _, err := f.EnableAccount(ctx, account.ID); return err }, "account.enabled", func() string { return `{"name":"acme"}` }},
		{"make a token", func() (err error) {
			made, err = create(registry.NewToken{User: "u1", Domain: "okta"})
			return err
		}, "token.created", func() string {
			return `{"credential":"` + made.ID + `","name":"Okta","form":"bearer","scopes":["scim"],"user":"u1","domain":"okta"}`
		}},
		{"rotate", func() (err error) {
			next, _, err = f.RotateToken(ctx, made.ID, registry.Rotation{})
			return err
		}, "token.rotated", func() string {
			return `{"credential":"` + next.ID + `","name":"Okta","form":"bearer","scopes":["scim"],"user":"u1","domain":"okta","replaces":"` + made.ID + `"}`
		}},
		{"rotate again", func() error {
			_, _, err := f.RotateToken(ctx, made.ID, registry.Rotation{})
			require.ErrorIs(t, err, registry.ErrInvalid)
			return nil
		}, "", nil},
		{"revoke", func() error { return f.RevokeToken(ctx, made.ID) }, "token.revoked", func() string {
			return `{"credential":"` + made.ID + `","name":"Okta","form":"bearer","scopes":["scim"],"user":"u1","domain":"okta"}`
		}},
		{"revoke again", func() error { return f.RevokeToken(ctx, made.ID) }, "", nil},
		{"make a client", func() (err error) {
			made, err = create(registry.NewToken{Form: registry.FormSecret})
			return err
		}, "token.created", func() string {
			return `{"credential":"` + made.ID + `","name":"Okta","form":"secret","scopes":["scim"]}`
		}},
		{"put signing keys", func() error {
			key = auth.SigningKey{ID: "k1", Private: []byte("hunter2")}
			return f.PutSigningKeys(ctx, []auth.SigningKey{key}, 0)
		}, "signingkeys.changed", func() string { return `{"keys":["k1"]}` }},
		{"make a key", func() error { _, err := f.Key(ctx, "pepper"); return err }, "key.created", func() string { return `{"name":"pepper"}` }},
		{"read a key", func() error { _, err := f.Key(ctx, "pepper"); return err }, "", nil},
	}
	var last uint64
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			require.NoError(t, step.do())
			events := f.told(t, last)
			if step.typ == "" {
				require.Empty(t, events)
				return
			}
			require.Len(t, events, 1)
			e := events[0]
			last = e.Sequence
			require.Equal(t, step.typ, e.Type)
			require.Equal(t, f.clock.Now(), e.Time)
			var data audit.Data
			require.NoError(t, json.Unmarshal(e.Data, &data))
			require.Equal(t, audit.Actor{ID: "operator", Name: "Operator", Account: "platform", Method: "token"}, data.Actor)
			require.Equal(t, "192.0.2.7", data.Address)
			require.Equal(t, "c-1", data.CorrelationID)
			require.Equal(t, audit.Success, data.Outcome)
			require.JSONEq(t, step.detail(), string(data.Detail))
			if e.Subject != "" {
				require.Equal(t, account.ID, e.Subject)
			}
			for _, hidden := range []string{secret[6:20], "hunter2", "aHVudGVyMg"} {
				require.NotContains(t, string(e.Data), hidden)
			}
		})
	}
	require.NoError(t, f.DeleteAccount(ctx, account.ID))
	var types []string
	for _, e := range f.told(t, last) {
		require.Equal(t, account.ID, e.Subject)
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"account.deleting", "token.revoked", "token.revoked", "account.deleted"}, types,
		"the one that was revoked before is not told again")
}

// TestNothingIsToldThatIsNotDone: an event and what it tells of are one batch.
func TestNothingIsToldThatIsNotDone(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	before := len(f.told(t, 0))
	_, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme"})
	require.ErrorIs(t, err, registry.ErrTaken)
	f.store.beforeApply = func() {
		f.store.beforeApply = nil
		_, err := f.DisableAccount(context.WithoutCancel(t.Context()), a.ID)
		require.NoError(t, err)
	}
	_, err = f.UpdateAccount(t.Context(), a.ID, func(s *registry.Settings) error { s.Profile = "strict"; return nil })
	require.NoError(t, err, "at the second attempt")
	require.Len(t, f.told(t, 0), before+2)
}
