package provider_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// teamDefinition is a type with two edge attributes.
const teamDefinition = `[{"id": "urn:example:Team", "attributes": [
	{"name": "players", "type": "complex", "multiValued": true, "roster": {"edge": "player"}, "subAttributes": [
		{"name": "value", "caseExact": true}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"], "mutability": "readOnly"}, {"name": "type"}]},
	{"name": "coaches", "type": "complex", "multiValued": true, "roster": {"edge": "coach"}, "subAttributes": [
		{"name": "value", "caseExact": true}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"], "mutability": "readOnly"}, {"name": "type"}]}]},
	{"name": "Team", "endpoint": "/Teams", "schema": "urn:example:Team"}]`

// counted is a rule that counts changes.
type counted struct{}

func (counted) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

func (counted) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	c.Counters = append(c.Counters, storage.CounterStep{Name: "changes", Delta: 1})
	c.Events = append(c.Events, storage.Event{Type: c.Type.Name, Subject: c.ID})
	return nil
}

// TestEffectsOfTwoEdgeAttributes: what goes along with a change of edges alone
// happens once if any of them really changes, whatever attributes they are of.
func TestEffectsOfTwoEdgeAttributes(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		changeTwoEdges(t, func(indexes []storage.Index) storage.Store { return memory.New(indexes) })
	})
	t.Run("bolt", func(t *testing.T) {
		changeTwoEdges(t, func(indexes []storage.Index) storage.Store {
			store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), Indexes: indexes})
			require.NoError(t, err)
			return store
		})
	})
}

func changeTwoEdges(t *testing.T, open func([]storage.Index) storage.Store) {
	definitions, err := schema.Define([]schema.Source{{Name: "team", Text: teamDefinition}})
	require.NoError(t, err)
	store := open(query.Indexes(definitions.Types))
	t.Cleanup(func() {
		require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, store.Close())
	})
	p, err := provider.New(provider.Config{Store: store, Types: definitions.Types, Rules: []provider.Rule{counted{}}})
	require.NoError(t, err)
	team := definitions.Types[2]
	f := &fixture{Provider: p, t: t, user: definitions.Types[0], group: definitions.Types[1],
		call: provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2"}}

	ann, id := f.create(f.user, `{"userName": "ann"}`).ID, f.create(team, `{}`).ID
	both := `[{"op": "add", "path": "players", "value": [{"value": "` + ann + `"}]}, {"op": "add", "path": "coaches", "value": [{"value": "` + ann + `"}]}]`
	for range 2 {
		_, err = f.patch(team, id, both)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"User", "Team", "Team"}, f.events(), "the second time changed nothing")
	require.NoError(t, store.View(context.Background(), "a", func(s storage.Snapshot) error {
		n, err := s.Counter(context.Background(), "changes")
		require.EqualValues(t, 3, n)
		return err
	}))
	require.Equal(t, 1, f.get(team, id).Get("players").Len())
	require.Equal(t, 1, f.get(team, id).Get("coaches").Len())
}
