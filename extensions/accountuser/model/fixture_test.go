package model_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// reverse is a hasher for tests: it shows that a hash is stored, at no cost.
type reverse struct{}

func (reverse) Hash(_ context.Context, secret auth.Secret) (string, error) {
	return fmt.Sprintf("hash of %d bytes", len(secret.Reveal())), nil
}

// server is an account model on an engine, with nothing of the other packages.
type server struct {
	*model.Users
	t         *testing.T
	ctx       context.Context
	scim, api provider.Call
	settings  *model.Settings
	mutex     sync.Mutex
	now       time.Time
	sent      []model.Channel // what a verifier was asked for
}

// onEachEngine runs a test that the engines could answer differently.
func onEachEngine(t *testing.T, run func(t *testing.T, s *server)) {
	t.Run("memory", func(t *testing.T) { run(t, newServer(t)) })
	t.Run("bolt", func(t *testing.T) {
		run(t, newServerOn(t, func(indexes []storage.Index) storage.Store {
			store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: indexes, NoSync: true})
			require.NoError(t, err)
			return store
		}))
	})
}

func newServer(t *testing.T) *server {
	return newServerOn(t, func(indexes []storage.Index) storage.Store { return memory.New(indexes) })
}

func newServerOn(t *testing.T, open func([]storage.Index) storage.Store) *server {
	definitions, err := schema.Define(nil, model.Definitions()...)
	require.NoError(t, err)
	store := open(append(query.Indexes(definitions.Types), model.Indexes()...))
	t.Cleanup(func() {
		require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, store.Close())
	})
	s := &server{t: t, ctx: t.Context(), now: time.Now(), settings: &model.Settings{ID: "a", PasswordMin: 8, RetainRemoved: 30 * 24 * time.Hour}}
	m := model.New(model.Config{
		Now:      func() time.Time { s.mutex.Lock(); defer s.mutex.Unlock(); return s.now },
		Accounts: func(context.Context) ([]storage.Account, error) { return []storage.Account{"a", "b", "c"}, nil },
		Settings: func(context.Context, storage.Account) (model.Settings, error) { return *s.settings, nil },
	})
	p, err := provider.New(provider.Config{Store: store, Types: definitions.Types, Hasher: reverse{}, Now: m.Now,
		Rules: m.Rules(), Computed: append(m.Computed(), ofOthers(definitions.Types)...)})
	require.NoError(t, err)
	s.Users = m.Users(extensions.Host{Store: store, Provider: p, Types: definitions.Types})
	s.Verifier = s
	s.api = provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2", Source: model.SourceAPI}
	s.scim = s.api
	s.scim.Source = model.SourceSCIM
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

// StartVerification implements model.Verifier.
func (s *server) StartVerification(_ context.Context, d *model.Draft, by model.Channel) error {
	s.sent = append(s.sent, by)
	d.Sides = append(d.Sides, storage.Side{ID: d.ID, Name: "verify:" + string(by), Data: []byte("code")})
	return nil
}

func (s *server) pass(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.now = s.now.Add(d)
}

// user is a body with that extension; A stands for its URN in paths, too.
func body(t testing.TB, format string, args ...any) scim.Value {
	v, err := scim.ParseJSON([]byte(expand(fmt.Sprintf(format, args...))))
	require.NoError(t, err)
	return v
}

// post makes a user over SCIM.
func (s *server) post(format string, args ...any) (model.View, error) {
	r, err := s.Provider.Create(s.ctx, s.scim, s.Type, body(s.t, format, args...), provider.Projection{})
	if err != nil {
		return model.View{}, err
	}
	return s.view(r.ID), nil
}

func (s *server) posted(format string, args ...any) model.View {
	s.t.Helper()
	v, err := s.post(format, args...)
	require.NoError(s.t, err)
	return v
}

func (s *server) put(id, format string, args ...any) error {
	_, err := s.Provider.Replace(s.ctx, s.scim, s.Type, id, body(s.t, format, args...), nil, provider.Projection{})
	return err
}

// patch applies operations, such as {"op":"replace","path":"active","value":false}.
func (s *server) patch(id, format string, args ...any) error {
	_, err := s.Provider.Patch(s.ctx, s.scim, s.Type, id, body(s.t, `{"Operations":[`+format+`]}`, args...), nil, provider.Projection{})
	return err
}

func (s *server) delete(id string) error { return s.Provider.Delete(s.ctx, s.scim, s.Type, id, nil) }

// bulk does one operation of a Bulk.
func (s *server) bulk(method, path, data string) error {
	response, err := s.Provider.Bulk(s.ctx, s.scim, body(s.t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
		"Operations":[{"method":%q,"path":%q,"bulkId":"1","data":%s}]}`, method, path, data))
	if err != nil {
		return err
	}
	op := response.Get("Operations").At(0)
	if e := op.Get("response"); e.Get("detail").Text() != "" {
		return fmt.Errorf("%s %s %s", op.Get("status").Text(), e.Get("scimType").Text(), e.Get("detail").Text())
	}
	return nil
}

// view reads a user with everything, null if there is none.
func (s *server) view(id string) model.View {
	v, err := s.Get(s.ctx, s.api, id, provider.Projection{})
	if isStatus(err, 404) {
		return model.View{}
	}
	require.NoError(s.t, err)
	return v
}

// asked reads a user with attributes that are returned on request.
func (s *server) asked(id string, attributes ...string) model.View {
	for i := range attributes {
		attributes[i] = expand(attributes[i])
	}
	pr, err := provider.ParseProjection(s.Type, s.api.Profile, attributes, nil)
	require.NoError(s.t, err)
	v, err := s.Get(s.ctx, s.api, id, pr)
	require.NoError(s.t, err)
	return v
}

// add makes a user by the companion API: Ada, unless the change says otherwise.
func (s *server) add(change func(*model.NewUser)) (model.View, error) {
	n := model.NewUser{UserPatch: model.UserPatch{
		Email: model.Say("ada@example.com"), GivenName: model.Say("Ada"), FamilyName: model.Say("Lovelace"),
	}}
	if change != nil {
		change(&n)
	}
	return s.Add(s.ctx, s.api, n)
}

func (s *server) added(change func(*model.NewUser)) model.View {
	s.t.Helper()
	v, err := s.add(change)
	require.NoError(s.t, err)
	return v
}

// ready makes a user who can log in.
func ready(n *model.NewUser) {
	n.Password, n.EmailVerified = "correct horse", model.Say(true)
}

// edit changes a user as other packages do.
func (s *server) edit(id string, do func(*model.Draft)) model.View {
	v, err := s.Edit(s.ctx, s.api, id, "", nil, func(_ context.Context, d *model.Draft) error { do(d); return nil })
	require.NoError(s.t, err)
	return v
}

// sides lists the side records of a document.
func (s *server) sides(id string) (names []string) {
	require.NoError(s.t, s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) (err error) {
		names, err = snapshot.Sides(s.ctx, id, "", "", 0)
		return err
	}))
	return names
}

func (s *server) counter(name string) (n int64) {
	require.NoError(s.t, s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) (err error) {
		n, err = snapshot.Counter(s.ctx, name)
		return err
	}))
	return n
}

func (s *server) fail(id string, n int64) {
	s.edit(id, func(d *model.Draft) {
		d.Counters = append(d.Counters, storage.CounterStep{Name: model.FailuresCounter(id), Delta: n})
	})
}

func etag(v model.View) string { return v.Get("meta").Get("version").Text() }

func isStatus(err error, status int) bool {
	var e *scim.Error
	return errors.As(err, &e) && e.Status == status
}

// requireCode: the change is refused with that status and code; a *scim.Error has
// its type for a code.
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

// expand writes the URN of the extension for "A:" and "A" as a name.
func expand(text string) string {
	return replacer.Replace(text)
}

var replacer = strings.NewReplacer(`"A":`, `"`+model.UserURN+`":`, `"A:`, `"`+model.UserURN+`:`, `A:`, model.UserURN+`:`)
