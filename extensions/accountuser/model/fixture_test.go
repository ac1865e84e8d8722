package model_test

import (
	"context"
	"fmt"
	"path/filepath"
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
