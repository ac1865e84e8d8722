package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Guards: each kind, when it holds and when it does not.
func Guards(t *testing.T, e Engine) {
	o := e.open(t)
	p := put("a", named("Ann"))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	o.apply(storage.Batch{
		Puts:    []storage.Put{p, putAs(Team, "t", named("t"))},
		Edges:   []storage.EdgeChange{{Add: edges("t", "a")}},
		Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "n", Delta: 5}}},
	})
	o.apply(storage.Batch{Puts: []storage.Put{p}, Effects: touch("t", "v2")})
	t.Run("hold", func(t *testing.T) {
		for _, g := range guardsThatHold() {
			t.Run(fmt.Sprintf("%+v", g), func(t *testing.T) {
				_, err := o.Apply(background, o.account, storage.Batch{Guards: []storage.Guard{g}})
				require.NoError(t, err)
			})
		}
	})
	t.Run("fail", func(t *testing.T) { testFailingGuards(t, o.within(t)) })
	t.Run("see the state before", func(t *testing.T) { testGuardsBefore(t, o.within(t)) })
}

func guardsThatHold() []storage.Guard {
	return []storage.Guard{
		storage.AtRevision{ID: "a", Revision: 2},
		storage.AtRevision{ID: "t", Revision: 1},
		storage.AtVersion{ID: "a", Version: "v1"},
		storage.AtVersion{ID: "t", Version: "v2"},
		storage.Exists{ID: "a"},
		storage.Exists{ID: "a", Types: []string{Team, Person}},
		storage.Absent{ID: "b"},
		storage.HasEdge{Kind: "member", From: "t", To: "a"},
		storage.NoEdge{Kind: "member", From: "a", To: "t"},
		storage.NoEdge{Kind: "members", From: "t", To: "a"},
		storage.NoEdge{Kind: "absent", From: "b", To: "c"},
		storage.Claim{Attribute: "name", Value: []byte("ann"), ID: "a"},
		storage.Claim{Attribute: "name", Value: []byte("bob"), ID: "b"},
		storage.Claim{Attribute: "names", Value: []byte("ann"), ID: "b"},
		storage.CounterWithin{Name: "n", Min: 5, Max: 5},
		storage.CounterWithin{Name: "absent", Min: 0, Max: 0},
	}
}

func testFailingGuards(t *testing.T, o *opened) {
	before := recordOf(o.get("a"))
	for _, g := range []storage.Guard{
		storage.AtRevision{ID: "a", Revision: 1},
		storage.AtRevision{ID: "a", Revision: 3},
		storage.AtRevision{ID: "b", Revision: 1},
		storage.AtRevision{ID: "b", Revision: 0},
		storage.AtVersion{ID: "a", Version: "v2"},
		storage.AtVersion{ID: "b", Version: ""},
		storage.Exists{ID: "b"},
		storage.Exists{ID: "a", Types: []string{Team}},
		storage.Absent{ID: "a"},
		storage.HasEdge{Kind: "member", From: "a", To: "t"},
		storage.HasEdge{Kind: "members", From: "t", To: "a"},
		storage.NoEdge{Kind: "member", From: "t", To: "a"},
		storage.Claim{Attribute: "name", Value: []byte("ann"), ID: "b"},
		storage.Claim{Attribute: "name", Value: []byte("ann")},
		storage.CounterWithin{Name: "n", Min: 0, Max: 4},
		storage.CounterWithin{Name: "n", Min: 6, Max: 10},
		storage.CounterWithin{Name: "absent", Min: 1, Max: 2},
	} {
		t.Run(fmt.Sprintf("%+v", g), func(t *testing.T) {
			o := o.within(t)
			failed := o.conflict(storage.Batch{
				ID:     "failed",
				Guards: []storage.Guard{storage.Exists{ID: "t"}, g, storage.NoEdge{Kind: "none", From: "a", To: "a"}},
				Puts:   []storage.Put{put("a", named("Eve")), put("new", named("new"))},
			})
			require.Equal(t, g, failed)
			requireUnapplied(t, o, "failed")
		})
	}
	require.Equal(t, before, recordOf(o.get("a")))
	require.False(t, o.has("new"))
}

// testGuardsBefore: a batch does not fulfil its own guards, nor break them.
func testGuardsBefore(t *testing.T, o *opened) {
	o.apply(storage.Batch{
		Guards: []storage.Guard{storage.Absent{ID: "n"}, storage.NoEdge{Kind: "member", From: "n", To: "a"}},
		Puts:   []storage.Put{put("n", named("n"))},
		Edges:  []storage.EdgeChange{{Add: edges("n", "a")}},
	})
	o.conflict(storage.Batch{Guards: []storage.Guard{storage.Exists{ID: "m"}}, Puts: []storage.Put{put("m", named("m"))}})
	o.conflict(storage.Batch{
		Guards: []storage.Guard{storage.HasEdge{Kind: "member", From: "a", To: "n"}},
		Edges:  []storage.EdgeChange{{Add: edges("a", "n")}},
	})
	o.apply(storage.Batch{
		Guards:  []storage.Guard{storage.AtRevision{ID: "n", Revision: 1}, storage.HasEdge{Kind: "member", From: "n", To: "a"}},
		Deletes: []storage.Delete{{ID: "n"}},
	})
	require.False(t, o.has("n"))
}
