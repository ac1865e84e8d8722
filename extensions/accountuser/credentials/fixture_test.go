package credentials_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/factor"
	"roster/auth/factor/factortest"
	"roster/extensions"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

const (
	acme   = storage.Account("01930000-0000-7000-8000-00000000000a")
	globex = storage.Account("01930000-0000-7000-8000-00000000000b")
	origin = "https://login.example.com"

	right = auth.Secret("correct horse battery")
	wrong = auth.Secret("wrong horse battery")
)

// server is an account model with credentials on an engine.
type server struct {
	*credentials.Credentials
	t        testing.TB
	ctx      context.Context
	call     provider.Call
	settings model.Settings
	hasher   *hasher
	notifier *notifier
	woken    atomic.Int64
	logs     *authtest.Log
	dir      string // of the engine, if it has one
	meddler  *meddler
	app      auth.Secret // of the authenticator app, where a test keeps it

	mutex sync.Mutex
	time  time.Time
}

// onEachEngine runs a test that the engines could answer differently.
func onEachEngine(t *testing.T, run func(t *testing.T, s *server)) {
	t.Run("memory", func(t *testing.T) { run(t, newServer(t)) })
	t.Run("bolt", func(t *testing.T) {
		dir := t.TempDir()
		s := newServerOn(t, boltIn(t, dir))
		s.dir = dir
		run(t, s)
	})
}

func boltIn(t testing.TB, dir string) func([]storage.Index) storage.Store {
	return func(indexes []storage.Index) storage.Store {
		store, err := bolt.Open(bolt.Config{Path: filepath.Join(dir, "x.db"), Indexes: indexes, NoSync: true})
		require.NoError(t, err)
		return store
	}
}

func newServer(t *testing.T) *server {
	return newServerOn(t, func(indexes []storage.Index) storage.Store { return memory.New(indexes) })
}

func (s *server) enqueued(storage.Account) { s.woken.Add(1) }

func newServerOn(t testing.TB, open func([]storage.Index) storage.Store) *server {
	definitions, err := schema.Define(nil, model.Definitions()...)
	require.NoError(t, err)
	store := open(append(query.Indexes(definitions.Types), model.Indexes()...))
	between := &meddler{Store: store}
	s := &server{t: t, ctx: t.Context(), time: time.Now().Truncate(time.Millisecond), hasher: &hasher{Hasher: cheap()}, logs: &authtest.Log{}, meddler: between, settings: model.Settings{
		ID: string(acme), Name: "acme", PasswordMin: 8, MaxFailedLogins: 10, ResetLifetime: time.Hour, RetainRemoved: 30 * 24 * time.Hour,
		Links: map[string]string{model.LinkPasskey: "https://app.example.com/passkey#" + model.LinkToken},
	}}
	settings := func(context.Context, storage.Account) (model.Settings, error) { return s.settings, nil }
	m := model.New(model.Config{Now: s.now, Settings: settings})
	g := grants.New(m)
	recorder := events.New(events.Config{Status: model.UserURN + ":status", Now: s.now})
	p, err := provider.New(provider.Config{Store: between, Types: definitions.Types, Hasher: s.hasher, Now: s.now, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
		Enqueued: s.enqueued, Rules: append(append(m.Rules(), g.Rules()...), credentials.Rule{}, recorder), Computed: append(m.Computed(), ofOthers(definitions.Types)...)})
	require.NoError(t, err)
	s.notifier = newNotifier(t, s.now)
	key, err := factor.NewKey("0123456789abcdef0123456789abcdef")
	require.NoError(t, err)
	s.Credentials = credentials.New(credentials.Config{
		Users: m.Users(extensions.Host{Store: between, Provider: p, Types: definitions.Types}), Hasher: s.hasher, Key: key,
		Settings: func(context.Context, string) (scim.Profile, scim.Limits, error) {
			return scim.DefaultProfile(), scim.DefaultLimits(), nil
		},
		Scopes: g.Scopes,
		RelyingParty: func(a model.Settings) factor.RelyingPartyConfig {
			return factor.RelyingPartyConfig{ID: "example.com", Name: a.Name, Origins: []string{origin}}
		},
		Notifier: s.notifier, Enqueued: s.enqueued, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
	})
	s.call = provider.Call{Account: acme, Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2",
		Actor: provider.Actor{ID: "token", Name: "admin"}, Source: model.SourceAPI}
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, store.Close())
	})
	return s
}

// ofOthers computes what other packages compute: as it is stored.
func ofOthers(types []*schema.ResourceType) (list []provider.Computed) {
	for _, rt := range types {
		for _, a := range rt.Computed() {
			if a.Name == "metadata" {
				continue
			}
			list = append(list, provider.Computed{Type: rt.Name, Path: a.Path(),
				Value: func(_ context.Context, _ storage.Snapshot, _ provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
					return stored, nil
				}})
		}
	}
	return list
}

func (s *server) now() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.time
}

func (s *server) pass(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.time = s.time.Add(d)
}

// ada is a user who can log in as ada@example.com, with verified addresses.
func (s *server) ada() string { return s.human("ada@example.com") }

func (s *server) human(address string, more ...func(*model.NewUser)) string {
	s.t.Helper()
	n := model.NewUser{Password: right, UserPatch: model.UserPatch{
		Email: model.Say(address), EmailVerified: model.Say(true), GivenName: model.Say("Ada"), FamilyName: model.Say("Lovelace"),
		Phone: model.Say("+4930123456"), PhoneVerified: model.Say(true),
	}}
	for _, change := range more {
		change(&n)
	}
	return s.add(n)
}

// robot is a machine.
func (s *server) robot() string {
	s.t.Helper()
	return s.add(model.NewUser{Kind: model.Machine, UserPatch: model.UserPatch{UserName: model.Say("robot"), DisplayName: model.Say("Robot")}})
}

func (s *server) add(n model.NewUser) string {
	s.t.Helper()
	v, err := s.Users.Add(s.ctx, s.call, n)
	require.NoError(s.t, err)
	return v.ID()
}

// user reads a user with everything.
func (s *server) user(id string) model.View {
	s.t.Helper()
	v, err := s.Users.Get(s.ctx, s.call, id, provider.Projection{})
	require.NoError(s.t, err)
	credentials, err := provider.ParseProjection(s.Users.Type, s.call.Profile, []string{model.UserURN + ":credentials"}, nil)
	require.NoError(s.t, err)
	more, err := s.Users.Get(s.ctx, s.call, id, credentials)
	require.NoError(s.t, err)
	return v.With("credentials", more.A("credentials"))
}

func (s *server) view(account storage.Account, read func(storage.Snapshot) error) {
	s.t.Helper()
	require.NoError(s.t, s.Users.Store.View(s.ctx, account, read))
}

func (s *server) failures(id string) (n int64) {
	s.view(acme, func(snapshot storage.Snapshot) (err error) {
		n, err = snapshot.Counter(s.ctx, model.FailuresCounter(id))
		return err
	})
	return n
}

// sides lists the side records of a user.
func (s *server) sides(id string) (names []string) {
	s.view(acme, func(snapshot storage.Snapshot) (err error) {
		names, err = snapshot.Sides(s.ctx, id, "", "", 0)
		return err
	})
	return names
}

// history lists the types of the events of a user.
func (s *server) history(id string) (types []string) {
	page, err := events.Log{Store: s.Users.Store}.Read(s.ctx, acme, events.Query{Subject: id, Limit: 1000})
	require.NoError(s.t, err)
	for _, e := range page.Events {
		types = append(types, e.Type)
	}
	return types
}

// login logs Ada in.
func (s *server) login(text auth.Secret) (credentials.Authentication, error) {
	return s.Authenticate(s.ctx, s.call, "ada@example.com", text)
}

// begun is a login of Ada that asks for a second factor.
func (s *server) begun() auth.Secret {
	s.t.Helper()
	a, err := s.login(right)
	require.NoError(s.t, err)
	require.NotNil(s.t, a.Next, "a second factor is asked for")
	return a.Next.Transaction
}

func (s *server) answer(transaction auth.Secret, factorID string, code auth.Secret) error {
	_, err := s.AnswerFactor(s.ctx, s.call, transaction, credentials.Answer{FactorID: factorID, Code: code})
	return err
}

// withTOTP enrols an authenticator app, and returns its secret.
func (s *server) withTOTP(id string) auth.Secret {
	s.t.Helper()
	e, _, err := s.BeginTOTP(s.ctx, s.call, id, nil)
	require.NoError(s.t, err)
	_, _, err = s.ConfirmTOTP(s.ctx, s.call, id, s.code(e.Secret), nil)
	require.NoError(s.t, err)
	s.pass(30 * time.Second) // the code is used up
	return e.Secret
}

// withKey registers an authenticator of that kind, and returns it with the id of
// its factor.
func (s *server) withKey(id string, kind credentials.Kind) (*factortest.Authenticator, string) {
	s.t.Helper()
	browser := factortest.New(origin)
	r, _, err := s.BeginRegistration(s.ctx, s.call, id, kind, nil)
	require.NoError(s.t, err)
	f, _, err := s.FinishRegistration(s.ctx, s.call, id, kind, s.registered(browser, r), nil)
	require.NoError(s.t, err)
	return browser, f.ID
}

func (s *server) registered(browser *factortest.Authenticator, r credentials.Registration) credentials.Registered {
	s.t.Helper()
	answer, err := browser.Register(r.Options)
	require.NoError(s.t, err)
	return credentials.Registered{ID: r.ID, Credential: answer, Name: "Laptop"}
}

// requireCode: it is refused with that status and code; a *scim.Error has its type
// for a code.
func requireCode(t testing.TB, err error, status int, code string) {
	t.Helper()
	var e *scim.Error
	require.ErrorAs(t, err, &e)
	have := model.CodeOf(err)
	if have == "" {
		have = string(e.Type)
	}
	require.Equal(t, fmt.Sprint(status, " ", code), fmt.Sprint(e.Status, " ", have), e.Detail)
}

// atOnce does the same several times at once, and returns how many succeeded and
// the errors of the others.
func atOnce(n int, do func(i int) error) (succeeded int, failed []error) {
	all := make([]error, n)
	var running sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-start
			all[i] = do(i)
		})
	}
	close(start)
	running.Wait()
	for _, err := range all {
		if err == nil {
			succeeded++
		} else {
			failed = append(failed, err)
		}
	}
	return succeeded, failed
}

// code is what an authenticator app with that secret shows now (RFC 6238).
func (s *server) code(secret auth.Secret) auth.Secret {
	s.t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret.Reveal())
	require.NoError(s.t, err)
	m := hmac.New(sha1.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(s.now().Unix()/30)))
	sum := m.Sum(nil)
	number := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return auth.Secret(fmt.Sprintf("%06d", number%1_000_000))
}

func parse(t testing.TB, text string) scim.Value {
	t.Helper()
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

// posted makes a user over SCIM.
func (s *server) posted(body string) string {
	s.t.Helper()
	call := s.call
	call.Source = model.SourceSCIM
	r, err := s.Users.Provider.Create(s.ctx, call, s.Users.Type, parse(s.t, body), provider.Projection{})
	require.NoError(s.t, err)
	return r.ID
}

// minted is the token of a link that nobody made.
func (s *server) minted(account storage.Account, user string) auth.Secret {
	s.t.Helper()
	token, err := factor.Use{Purpose: "passkey", Account: string(account), User: user}.Mint()
	require.NoError(s.t, err)
	return token
}
