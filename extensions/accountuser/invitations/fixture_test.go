package invitations_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/factor"
	"roster/extensions"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

const (
	account  = storage.Account("0199a1b2-0000-7000-8000-00000000000a")
	password = auth.Secret("correct horse battery")
)

// fixture is an account with users who can be sent something. When a test ends, no
// token, code or password is in anything that was stored, but in the queues.
type fixture struct {
	*invitations.Invitations
	t        *testing.T
	store    *recorder
	actions  *actions
	provider *provider.Provider
	clock    *authtest.Clock
	settings *model.Settings
	call     provider.Call // of an administrator
	idp      provider.Call // of an identity provider, over SCIM
	nobody   provider.Call // of somebody who is not logged in
}

// onEachEngine runs a test on every engine.
func onEachEngine(t *testing.T, run func(t *testing.T, f *fixture)) {
	types := definedTypes(t)
	t.Run("memory", func(t *testing.T) { run(t, newFixture(t, memory.New(query.Indexes(types)), types)) })
	t.Run("bolt", func(t *testing.T) {
		store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: query.Indexes(types), NoSync: true})
		require.NoError(t, err)
		run(t, newFixture(t, store, types))
	})
}

func definedTypes(t *testing.T) []*schema.ResourceType {
	definitions, err := schema.Define(nil, model.Definitions()...)
	require.NoError(t, err)
	return definitions.Types
}

func newFixture(t *testing.T, engine storage.Store, types []*schema.ResourceType) *fixture {
	f := &fixture{t: t, store: &recorder{Store: engine}, actions: &actions{}, clock: authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
		settings: &model.Settings{
			ID: string(account), Name: "example", PasswordMin: 8, Language: "en",
			InvitationLifetime: 7 * 24 * time.Hour, VerificationLifetime: 24 * time.Hour, ResetLifetime: time.Hour,
		}}
	m := model.New(model.Config{Now: f.clock.Now, Settings: func(_ context.Context, a storage.Account) (model.Settings, error) {
		if a != account {
			return model.Settings{}, errors.New("there is no such account")
		}
		return *f.settings, nil
	}})
	issuer := newIssuer(t, m)
	p, err := provider.New(provider.Config{
		Store: f.store, Types: types, Hasher: plain{}, Now: f.clock.Now,
		Rules: append(append(m.Rules(), issuer.Rules()...), f.actions), Computed: withTheRest(types, append(m.Computed(), issuer.Computed()...)),
	})
	require.NoError(t, err)
	users := m.Users(extensions.Host{Store: f.store, Provider: p, Types: types})
	users.Verifier, users.Grants = issuer, roles{"viewer", "editor"}
	f.provider = p
	f.Invitations = &invitations.Invitations{Issuer: issuer, Users: users, Settings: func(_ context.Context, a string) (scim.Profile, scim.Limits, error) {
		require.Equal(t, string(account), a, "nobody asks for an account that nobody showed to be there")
		return scim.DefaultProfile(), scim.DefaultLimits(), nil
	}}
	f.nobody = provider.Call{Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2", Source: model.SourceAPI}
	f.call, f.idp = f.nobody, f.nobody
	f.call.Account, f.idp.Account, f.idp.Source = account, account, model.SourceSCIM
	f.call.Actor = provider.Actor{ID: "token", Name: "an administrator"}
	t.Cleanup(func() {
		f.checkSecrets()
		require.NoError(t, engine.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, engine.Close())
	})
	return f
}

func newIssuer(t *testing.T, m *model.Model) *invitations.Issuer {
	notifier, err := notify.New(notify.Config{Now: m.Now})
	require.NoError(t, err)
	key, err := factor.NewKey(auth.Secret(strings.Repeat("k", 32)))
	require.NoError(t, err)
	issuer, err := invitations.NewIssuer(invitations.Config{Model: m, Notifier: notifier, Key: key})
	require.NoError(t, err)
	return issuer
}

// withTheRest leaves the computed attributes of other packages as they are stored.
func withTheRest(types []*schema.ResourceType, own []provider.Computed) []provider.Computed {
	for _, rt := range types {
		for _, a := range rt.Computed() {
			made := func(c provider.Computed) bool { return c.Type == rt.Name && c.Path == a.Path() }
			if !slices.ContainsFunc(own, made) {
				own = append(own, provider.Computed{Type: rt.Name, Path: a.Path(), Value: asStored})
			}
		}
	}
	return own
}

func asStored(_ context.Context, _ storage.Snapshot, _ provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored, nil
}

// plain is a hasher for tests that costs nothing.
type plain struct{}

func (plain) Hash(_ context.Context, s auth.Secret) (string, error) {
	hash := factor.Hash(s)
	return string(hash[:]), nil
}

// roles are those that can be given.
type roles []string

func (known roles) CheckRoles(_ context.Context, _ storage.Snapshot, values []string) error {
	for _, value := range values {
		if !slices.Contains(known, value) {
			return model.Refuse(http.StatusBadRequest, model.UnknownRole, "there is no role %q", value)
		}
	}
	return nil
}
func (roles) CheckEntitlements(context.Context, storage.Snapshot, []string) error { return nil }
func (roles) CheckOrgUnits(context.Context, storage.Snapshot, []string) error     { return nil }

// actions notes what was changed, also if that came to nothing in the end.
type actions struct {
	mu      sync.Mutex
	changes []provider.Change
}

func (*actions) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

func (a *actions) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Changed {
		a.changes = append(a.changes, *c)
	}
	return nil
}

// recorder keeps everything that is written but to queues, and what is sent.
type recorder struct {
	storage.Store
	mu      sync.Mutex
	written strings.Builder
	letters []notify.Letter
}

func (r *recorder) Apply(ctx context.Context, a storage.Account, b storage.Batch) (storage.Receipt, error) {
	receipt, err := r.Store.Apply(ctx, a, b)
	if err != nil {
		return receipt, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(b.Enqueue) > 0 && (len(b.Puts) == 0 || len(b.Sides) == 0) {
		return receipt, errors.New("a message goes with a change of the user and with what it is checked by")
	}
	for _, m := range b.Enqueue {
		var l notify.Letter
		if err := json.Unmarshal(m.Body, &l); err != nil {
			return receipt, err
		}
		r.letters = append(r.letters, l)
	}
	b.Enqueue = nil
	text, err := json.Marshal(b)
	r.written.Write(text)
	for _, put := range b.Puts {
		r.written.Write(put.Body)
	}
	for _, side := range b.Sides {
		r.written.Write(side.Data)
	}
	return receipt, err
}

var (
	tokens = regexp.MustCompile(factor.OneTimePattern)
	codes  = regexp.MustCompile(`\b[0-9]{6}\b`)
)

// checkSecrets: what was sent is stored as a hash only.
func (f *fixture) checkSecrets() {
	written := f.store.written.String()
	for _, l := range f.store.letters {
		for _, secret := range append(tokens.FindAllString(l.Text, -1), codes.FindAllString(l.Text, -1)...) {
			require.NotContains(f.t, written, secret[max(0, len(secret)-49):])
		}
	}
	require.NotContains(f.t, written, password.Reveal())
}

// sent lists what was sent to an address.
func (f *fixture) sent(to string) (letters []notify.Letter) {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	for _, l := range f.store.letters {
		if l.To == to {
			letters = append(letters, l)
		}
	}
	return letters
}

// token is the last one that was sent to an address.
func (f *fixture) token(to string) auth.Secret {
	return auth.Secret(tokens.FindString(f.last(to).Text))
}

// code is the last one that was sent to an address.
func (f *fixture) code(to string) auth.Secret { return auth.Secret(codes.FindString(f.last(to).Text)) }

func (f *fixture) last(to string) notify.Letter {
	letters := f.sent(to)
	require.NotEmpty(f.t, letters, "nothing was sent to %s", to)
	return letters[len(letters)-1]
}

// get reads a user as clients see it.
func (f *fixture) get(id string) model.View {
	v, err := f.Users.Get(f.t.Context(), f.call, id, provider.Projection{})
	require.NoError(f.t, err)
	return v
}

// password is the hash that is stored of a user's password, "" if there is none.
func (f *fixture) password(id string) (hash string) {
	require.NoError(f.t, f.store.View(f.t.Context(), account, func(s storage.Snapshot) error {
		data, err := s.Side(f.t.Context(), id, model.SidePassword)
		hash = string(data)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		return err
	}))
	return hash
}

func hashOf(s auth.Secret) string {
	hash, _ := plain{}.Hash(context.Background(), s)
	return hash
}

// post makes a user over SCIM and returns its id.
func (f *fixture) post(body string) string {
	id, err := f.tryPost(body)
	require.NoError(f.t, err)
	return id
}

func (f *fixture) tryPost(body string) (string, error) {
	v, err := scim.ParseJSON([]byte(body))
	require.NoError(f.t, err, body)
	r, err := f.provider.Create(f.t.Context(), f.idp, f.Users.Type, v, provider.Projection{})
	if err != nil {
		return "", err
	}
	return r.ID, nil
}

// patch sets an attribute of a user over SCIM.
func (f *fixture) patch(id, path, value string) {
	v, err := scim.ParseJSON([]byte(`{"Operations": [{"op": "replace", "path": "` + path + `", "value": ` + value + `}]}`))
	require.NoError(f.t, err)
	_, err = f.provider.Patch(f.t.Context(), f.idp, f.Users.Type, id, v, nil, provider.Projection{})
	require.NoError(f.t, err)
}

// invite invites somebody and returns the id.
func (f *fixture) invite(email string) string {
	v, err := f.Invite(f.t.Context(), f.call, email, nil)
	require.NoError(f.t, err)
	return v.ID()
}

// active makes a user who is set up.
func (f *fixture) active(email string) string {
	id := f.invite(email)
	_, err := f.Accept(f.t.Context(), f.nobody, invitations.Acceptance{Token: f.token(email), Password: password})
	require.NoError(f.t, err)
	return id
}

// refused checks that an error is a refusal with that status and code; "" is one
// of SCIM.
func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *scim.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.Status, "%v", err)
	require.Equal(t, code, model.CodeOf(err))
	require.NotEmpty(t, e.Detail)
}

// after is the time in a while, as attributes have it.
func (f *fixture) after(d time.Duration) string { return model.TimeValue(f.clock.Now().Add(d)).Text() }
