package bolt

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/storetest"
)

const testAccount storage.Account = "acme"

// openQuiet opens a store that logs nothing and does not sync.
func openQuiet(t testing.TB, dir string, indexes ...storage.Index) *Store {
	t.Helper()
	s, err := Open(Config{
		Path: filepath.Join(dir, "roster.db"), Indexes: indexes, NoSync: true, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return s
}

// closeChecked checks the store and closes it.
func closeChecked(t testing.TB, s *Store) {
	t.Helper()
	require.NoError(t, s.Check(t.Context(), func(problem string) { t.Error(problem) }))
	require.NoError(t, s.Close())
}

func mustApply(t testing.TB, s *Store, b storage.Batch) storage.Receipt {
	t.Helper()
	r, err := s.Apply(t.Context(), testAccount, b)
	require.NoError(t, err)
	return r
}

func testPut(typ, id string) storage.Put {
	return storage.Put{Document: storage.Document{Type: typ, ID: id, Version: "1", Body: storetest.Body{}.Encode()}}
}

// from returns edges from an id to u000, u001, … with these numbers.
func from(id string, numbers ...int) []storage.Edge {
	var edges []storage.Edge
	for _, n := range numbers {
		edges = append(edges, storage.Edge{Kind: "member", From: id, To: fmt.Sprintf("u%03d", n)})
	}
	return edges
}

func upTo(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func adding(edges ...storage.Edge) storage.Batch {
	return storage.Batch{Edges: []storage.EdgeChange{{Add: edges}}}
}

// othersAt lists the other ends at an id, and asserts that all ways to ask agree.
func othersAt(t *testing.T, s *Store, dir storage.Direction, id string) []string {
	t.Helper()
	found := []string{}
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		edges, err := v.Edges(t.Context(), "member", dir, id, "", 0)
		require.NoError(t, err)
		n, err := v.CountEdges(t.Context(), "member", dir, id)
		require.NoError(t, err)
		require.Len(t, edges, n)
		for _, e := range edges {
			other := e.To
			if dir == storage.Inbound {
				other = e.From
			}
			found = append(found, other)
			got, err := v.GetEdges(t.Context(), "member", e.From, []string{e.To})
			require.NoError(t, err)
			require.Equal(t, []storage.Edge{e}, got)
		}
		return nil
	}))
	return found
}

// inGroups lists the users that a condition on groups finds.
func inGroups(t *testing.T, s *Store, r storage.Related) []string {
	t.Helper()
	r.Kind, r.Direction, r.Text = "member", storage.Inbound, "groups"
	found := []string{}
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		page, err := v.Query(t.Context(), storage.Query{Type: "User", Where: &r, Limit: 1 << 20})
		for _, d := range page.Documents {
			found = append(found, d.ID)
		}
		return err
	}))
	return found
}

// pending returns how many sweeps are noted.
func pending(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		n = v.(*snapshot).in(sweeps).count(span{}, 100)
		return nil
	}))
	return n
}

// TestSweepPending: while very many edges of a removed document are still in the
// file, nobody sees them, and new ones at the same id are not taken for them.
func TestSweepPending(t *testing.T) {
	dir := t.TempDir()
	s := openQuiet(t, dir)
	s.chores.stop() // so that what is left to the background stays
	mustApply(t, s, storage.Batch{Puts: []storage.Put{testPut("User", "u001"), testPut("User", "u002"), testPut("Group", "g"), testPut("Group", "top")}})
	mustApply(t, s, adding(append(from("g", upTo(1000)...), storage.Edge{Kind: "member", From: "top", To: "g"})...))
	mustApply(t, s, adding(from("h", 1, 2)...))

	stamp := &storage.Stamp{Version: "2"}
	mustApply(t, s, storage.Batch{Deletes: []storage.Delete{{ID: "g", Neighbours: stamp}}})
	require.Equal(t, 1, pending(t, s))
	require.Empty(t, othersAt(t, s, storage.Outbound, "g"))
	require.Empty(t, othersAt(t, s, storage.Outbound, "top"))
	require.Empty(t, othersAt(t, s, storage.Inbound, "g"))
	require.Empty(t, othersAt(t, s, storage.Inbound, "u000"))
	require.Equal(t, []string{"h"}, othersAt(t, s, storage.Inbound, "u001"))
	require.Empty(t, inGroups(t, s, storage.Related{ID: "g"}))
	require.Empty(t, inGroups(t, s, storage.Related{ID: "top", Transitive: true}))
	require.Equal(t, []string{"u001", "u002"}, inGroups(t, s, storage.Related{}))
	_, err := s.Apply(t.Context(), testAccount, storage.Batch{Guards: []storage.Guard{storage.HasEdge{Kind: "member", From: "g", To: "u001"}}})
	require.ErrorIs(t, err, storage.ErrConflict)
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		top, err := v.Get(t.Context(), "top")
		require.Equal(t, "2", top.Version)
		return err
	}))

	// The id comes back, with edges that were there and one that was not.
	mustApply(t, s, storage.Batch{Puts: []storage.Put{testPut("Group", "g")}})
	require.Equal(t, []bool{true}, mustApply(t, s, adding(from("g", 1, 2000)...)).Changed)
	require.Equal(t, []bool{false}, mustApply(t, s, adding(from("g", 1)...)).Changed)
	require.Equal(t, []bool{false}, mustApply(t, s, storage.Batch{Edges: []storage.EdgeChange{{Remove: from("g", 3)}}}).Changed)
	require.Equal(t, []string{"u001", "u2000"}, othersAt(t, s, storage.Outbound, "g"))
	require.Equal(t, []string{"g", "h"}, othersAt(t, s, storage.Inbound, "u001"))

	// It moves away from them, and gets one of them back in the same batch.
	moved := testPut("Removed", "g")
	moved.DropEdges = true
	b := adding(from("g", 2)...)
	b.Puts = []storage.Put{moved}
	mustApply(t, s, b)
	require.Equal(t, []string{"u002"}, othersAt(t, s, storage.Outbound, "g"))
	require.Equal(t, []string{"h"}, othersAt(t, s, storage.Inbound, "u001"))
	closeChecked(t, s)

	s = openQuiet(t, dir)
	require.NoError(t, s.Ready(t.Context()))
	require.Zero(t, pending(t, s))
	require.Equal(t, []string{"u002"}, othersAt(t, s, storage.Outbound, "g"))
	require.Equal(t, []string{"h"}, othersAt(t, s, storage.Inbound, "u001"))
	require.Equal(t, []string{"g", "h"}, othersAt(t, s, storage.Inbound, "u002"))
	requireKept(t, s, 3)
	closeChecked(t, s)
}

// requireKept asserts how many edges are in the file, seen or not.
func requireKept(t *testing.T, s *Store, n int) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		for _, at := range []space{outbound, inbound} {
			kept := 0
			for key := range v.(*snapshot).in(at).ascend(span{}) {
				if _, _, other, _ := splitEdgeKey(key); len(other) > 0 {
					kept++
				}
			}
			require.Equal(t, n, kept)
		}
		return nil
	}))
}

// TestSweepInbound: the same for a document that very many others point to.
func TestSweepInbound(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	var edges []storage.Edge
	puts := []storage.Put{testPut("User", "u")}
	for i := range 2 * sweepStep {
		group := fmt.Sprintf("g%04d", i)
		puts = append(puts, testPut("Group", group))
		edges = append(edges, storage.Edge{Kind: fmt.Sprintf("kind %d", i%3), From: group, To: "u"})
	}
	mustApply(t, s, storage.Batch{Puts: puts, Edges: []storage.EdgeChange{{Add: edges}}})
	mustApply(t, s, storage.Batch{Deletes: []storage.Delete{{ID: "u", Neighbours: &storage.Stamp{Version: "2"}}}})
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		for _, p := range puts[1:] {
			d, err := v.Get(t.Context(), p.ID)
			require.NoError(t, err)
			require.Equal(t, "2", d.Version)
			n, err := v.CountEdges(t.Context(), "kind 1", storage.Outbound, p.ID)
			require.NoError(t, err)
			require.Zero(t, n)
		}
		return nil
	}))
	require.NoError(t, s.Ready(t.Context()))
	requireKept(t, s, 0)
	closeChecked(t, s)
}
