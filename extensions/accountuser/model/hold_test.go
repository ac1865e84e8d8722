package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// TestHold: what goes along holds only for the user as it was read, and side
// records move its revision.
func TestHold(t *testing.T) {
	document := &storage.Document{ID: "1", Revision: 7}
	guard := []storage.Guard{storage.AtRevision{ID: "1", Revision: 7}}
	for name, c := range map[string]struct {
		along   provider.Along
		guards  []storage.Guard
		rewrite bool
	}{
		"nothing":   {provider.Along{}, nil, false},
		"a message": {provider.Along{Enqueue: []storage.Message{{ID: "m"}}}, guard, false},
		"a counter": {provider.Along{Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "c"}}}}, guard, false},
		"a side":    {provider.Along{Sides: []storage.Side{{ID: "1"}}}, guard, true},
	} {
		d := &model.Draft{ID: "1", Document: document, Along: c.along}
		model.Hold(d)
		require.Equal(t, c.guards, d.Guards, name)
		require.Equal(t, c.rewrite, d.Rewrite, name)
		fresh := &model.Draft{ID: "1", Along: c.along}
		model.Hold(fresh)
		require.Empty(t, fresh.Guards, "a new user has no revision")
	}
}

// TestClaimOfAddress: it is made by verbs, stays with the address, and goes with it.
func TestClaimOfAddress(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		owner := func(address string) (id string) {
			_ = s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) error {
				id, _ = snapshot.Owner(s.ctx, "User:emails.value", []byte(address))
				return nil
			})
			return id
		}
		id := s.added(ready).ID()
		require.Equal(t, id, owner("ada@example.com"))
		require.NoError(t, s.patch(id, `{"op":"add","path":"title","value":"Dr"}`))
		require.NoError(t, s.put(id, "%s", s.view(id).WithCore("title", body(t, "null")).String()))
		require.Equal(t, id, owner("ada@example.com"))
		require.NoError(t, s.patch(id, `{"op":"replace","path":"emails","value":[{"value":"b@example.com"}]}`))
		require.Empty(t, owner("ada@example.com")+owner("b@example.com"), "what SCIM brings may be there twice")
		_, err := s.ChangeEmail(s.ctx, s.api, id, "C@example.com", true, nil)
		require.NoError(t, err)
		require.Equal(t, id, owner("c@example.com"))
		require.NoError(t, s.delete(id))
		require.Empty(t, owner("c@example.com"))
		_, err = s.Restore(s.ctx, s.api, id, nil)
		require.NoError(t, err)
		require.Equal(t, id, owner("c@example.com"))
	})
}
