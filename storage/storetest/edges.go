package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Edges: added, removed, listed, with what follows from a change.
func Edges(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"seen from both ends":              testBothEnds,
		"ids of any bytes":                 testEdgeIDs,
		"listed in pages":                  testEdgePages,
		"picked by their ends":             testGetEdges,
		"data belongs to the edge":         testEdgeData,
		"effects follow a change":          testEffects,
		"each change has its own effects":  testSeveralChanges,
		"removing and adding is no change": testReplaceEdges,
		"a put wins over a touch":          testPutWins,
		"a delete touches neighbours":      testNeighbours,
		"a put drops edges":                testDropEdges,
		"very many go at once":             testManyEdges,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func testBothEnds(t *testing.T, o *opened) {
	o.apply(add(edges("g", "b", "a", "g")...))
	o.apply(add(storage.Edge{Kind: "manager", From: "g", To: "c"}, storage.Edge{Kind: "memb", From: "g", To: "d"}))
	require.Equal(t, []string{"a", "b", "g"}, o.others("member", storage.Outbound, "g"))
	require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, "a"))
	require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, "g"))
	require.Equal(t, []string{"c"}, o.others("manager", storage.Outbound, "g"))
	require.Equal(t, []string{"d"}, o.others("memb", storage.Outbound, "g"))
	require.Empty(t, o.others("member", storage.Outbound, "a"))
	o.apply(drop(edges("g", "a", "g", "absent")...))
	require.Equal(t, []string{"b"}, o.others("member", storage.Outbound, "g"))
	require.Empty(t, o.others("member", storage.Inbound, "a"))
	require.Empty(t, o.others("member", storage.Inbound, "g"))
}

func testEdgeIDs(t *testing.T, o *opened) {
	for _, from := range ids() {
		o.apply(add(edges(from, ids()...)...))
	}
	for _, id := range ids() {
		require.Equal(t, sorted(ids()), o.others("member", storage.Outbound, id))
		require.Equal(t, sorted(ids()), o.others("member", storage.Inbound, id))
	}
	o.apply(drop(edges("a", "a\x00")...))
	require.Len(t, o.others("member", storage.Outbound, "a"), len(ids())-1)
	require.Len(t, o.others("member", storage.Inbound, "a\x00"), len(ids())-1)
	require.Len(t, o.others("member", storage.Outbound, "a\x00"), len(ids()))
	for _, absent := range []string{"", "c", strings.Repeat("i", 65)} {
		require.Empty(t, o.others("member", storage.Outbound, absent))
	}
}

func testEdgePages(t *testing.T, o *opened) {
	o.apply(add(edges("g", ids()...)...))
	o.apply(add(edges("g\x00", "zzz")...))
	want := sorted(ids())
	for _, limit := range []int{1, 2, 3, len(want) - 1, len(want), len(want) + 1} {
		var got []string
		for after := ""; ; {
			var page []storage.Edge
			o.view(func(s storage.Snapshot) {
				var err error
				page, err = s.Edges(background, "member", storage.Outbound, "g", after, limit)
				require.NoError(t, err)
			})
			if len(page) == 0 {
				break
			}
			require.LessOrEqual(t, len(page), limit)
			for _, e := range page {
				got = append(got, e.To)
			}
			after = page[len(page)-1].To
		}
		require.Equal(t, want, got, "limit %d", limit)
	}
	o.view(func(s storage.Snapshot) {
		page, err := s.Edges(background, "member", storage.Outbound, "g", "a\x00\x00", 0)
		require.NoError(t, err)
		require.Equal(t, "a\x00b", page[0].To, "an id that is not there is a place, too")
	})
}

func testGetEdges(t *testing.T, o *opened) {
	o.apply(add(
		storage.Edge{Kind: "member", From: "g", To: "a", Data: []byte("A")},
		storage.Edge{Kind: "member", From: "g", To: "b", Data: []byte("B")},
		storage.Edge{Kind: "member", From: "h", To: "c", Data: []byte("C")},
	))
	o.view(func(s storage.Snapshot) {
		found, err := s.GetEdges(background, "member", "g", []string{"c", "b", "", "a"})
		require.NoError(t, err)
		require.Equal(t, []line{{"member", "g", "b", "B"}, {"member", "g", "a", "A"}}, linesOf(found))
		found, err = s.GetEdges(background, "manager", "g", []string{"a"})
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

// withData returns a batch that adds one edge with data and counts changes.
func withData(data []byte) storage.Batch {
	return storage.Batch{Edges: []storage.EdgeChange{{
		Add:       []storage.Edge{{Kind: "member", From: "g", To: "a", Data: data}},
		IfChanged: storage.Effects{Counters: []storage.CounterStep{{Name: "changes", Delta: 1}}},
	}}}
}

func testEdgeData(t *testing.T, o *opened) {
	large := []byte(strings.Repeat("d", 100_000))
	for i, step := range []struct {
		data    []byte
		changed bool
	}{
		{[]byte("one"), true},
		{[]byte("one"), false},
		{[]byte("two"), true},
		{nil, true},
		{[]byte{}, false},
		{large, true},
		{large, false},
	} {
		receipt := o.apply(withData(step.data))
		require.Equal(t, []bool{step.changed}, receipt.Changed, "step %d", i)
		o.view(func(s storage.Snapshot) {
			for dir, id := range map[storage.Direction]string{storage.Outbound: "g", storage.Inbound: "a"} {
				found, err := s.Edges(background, "member", dir, id, "", 0)
				require.NoError(t, err)
				require.Equal(t, []line{{"member", "g", "a", string(step.data)}}, linesOf(found))
			}
		})
	}
	require.EqualValues(t, 4, o.counter("changes"))
}

// joining returns a change with effects that tell whether it happened.
func joining(add, remove []storage.Edge, version string) storage.EdgeChange {
	effects := touch("g", version)
	effects.Counters = []storage.CounterStep{{Name: "changes", Delta: 1}}
	effects.Events = []storage.Event{{Type: "changed", Time: noon, Subject: "g", Data: []byte(version)}}
	return storage.EdgeChange{Add: add, Remove: remove, IfChanged: effects}
}

func testEffects(t *testing.T, o *opened) {
	o.apply(puts("g"))
	steps := []struct {
		change  storage.EdgeChange
		changed bool
	}{
		{joining(edges("g", "a", "b"), nil, "1"), true},
		{joining(edges("g", "a", "b"), nil, "2"), false},
		{joining(edges("g", "a", "c"), nil, "3"), true},
		{joining(nil, edges("g", "x", "y"), "4"), false},
		{joining(nil, edges("g", "x", "a"), "5"), true},
		{joining(nil, nil, "6"), false},
		{joining(edges("g", "d"), edges("g", "c"), "7"), true},
	}
	version, changes := "v1", 0
	for i, step := range steps {
		receipt := o.apply(storage.Batch{Edges: []storage.EdgeChange{step.change}})
		require.Equal(t, []bool{step.changed}, receipt.Changed, "step %d", i)
		if step.changed {
			version, changes = step.change.IfChanged.Touches[0].Version, changes+1
			require.EqualValues(t, changes, receipt.Sequence)
		} else {
			require.Zero(t, receipt.Sequence)
		}
		require.Equal(t, version, o.get("g").Version)
		require.EqualValues(t, changes, o.counter("changes"))
		require.Len(t, o.events(), changes)
	}
	require.EqualValues(t, 1, o.get("g").Revision)
	require.Equal(t, []string{"b", "d"}, o.others("member", storage.Outbound, "g"))
}

func testSeveralChanges(t *testing.T, o *opened) {
	o.apply(puts("g"))
	o.apply(add(edges("g", "a")...))
	receipt := o.apply(storage.Batch{Edges: []storage.EdgeChange{
		joining(edges("g", "a"), nil, "1"),
		joining(edges("g", "b"), nil, "2"),
		{Remove: edges("g", "absent"), IfChanged: touch("absent", "unfired")},
		{Remove: edges("g", "a")},
	}})
	require.Equal(t, []bool{false, true, false, true}, receipt.Changed)
	require.Equal(t, "2", o.get("g").Version)
	require.EqualValues(t, 1, o.counter("changes"))
	require.Equal(t, []string{"b"}, o.others("member", storage.Outbound, "g"))
	require.Empty(t, o.apply(storage.Batch{}).Changed)
}

// testReplaceEdges: a writer may state a list of members anew.
func testReplaceEdges(t *testing.T, o *opened) {
	o.apply(puts("g"))
	o.apply(storage.Batch{Edges: []storage.EdgeChange{joining(edges("g", "a", "b"), nil, "1")}})
	receipt := o.apply(storage.Batch{Edges: []storage.EdgeChange{joining(edges("g", "a", "b"), edges("g", "a", "b"), "2")}})
	require.Equal(t, []bool{false}, receipt.Changed)
	require.Equal(t, "1", o.get("g").Version)
	receipt = o.apply(storage.Batch{Edges: []storage.EdgeChange{joining(edges("g", "b", "c"), edges("g", "a", "b"), "3")}})
	require.Equal(t, []bool{true}, receipt.Changed)
	require.Equal(t, []string{"b", "c"}, o.others("member", storage.Outbound, "g"))
}

func testPutWins(t *testing.T, o *opened) {
	o.apply(puts("g"))
	p := put("g", named("renamed"))
	p.Version = "put"
	o.apply(storage.Batch{Puts: []storage.Put{p}, Edges: []storage.EdgeChange{joining(edges("g", "a"), nil, "touched")}})
	require.Equal(t, "put", o.get("g").Version)
	require.Equal(t, noon, o.get("g").Modified)
	require.EqualValues(t, 1, o.counter("changes"))

	n := put("n", named("new"))
	o.apply(storage.Batch{Puts: []storage.Put{n}, Edges: []storage.EdgeChange{{Add: edges("n", "a"), IfChanged: touch("n", "touched")}}})
	require.Equal(t, written(n), recordOf(o.get("n")))
}

func testNeighbours(t *testing.T, o *opened) {
	o.apply(puts("g", "h", "u", "v", "boss"))
	o.apply(add(append(edges("g", "u", "v"), edges("h", "u")...)...))
	o.apply(add(append(edges("gone", "u"), storage.Edge{Kind: "manager", From: "v", To: "u"},
		storage.Edge{Kind: "manager", From: "u", To: "boss"})...))
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "u", Neighbours: stamp("left")}}})
	for id, version := range map[string]string{"g": "left", "h": "left", "v": "left", "boss": "v1"} {
		require.Equal(t, version, o.get(id).Version, id)
		require.EqualValues(t, 1, o.get(id).Revision, id)
	}
	require.Equal(t, noon.Add(stamp("").Modified.Sub(noon)), o.get("g").Modified)
	require.Empty(t, o.others("manager", storage.Inbound, "boss"))

	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "g", Neighbours: stamp("later")}}})
	require.Equal(t, "left", o.get("v").Version, "members of a group that goes are not touched")
	require.Empty(t, o.others("member", storage.Inbound, "v"))

	o.apply(add(append(edges("h", "v"), edges("boss", "h")...)...))
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "v", Neighbours: stamp("both")}, {ID: "h", Neighbours: stamp("both")}}})
	require.Equal(t, "both", o.get("boss").Version)
	require.Equal(t, []string{"boss"}, o.find(nil))
}

func testDropEdges(t *testing.T, o *opened) {
	o.apply(puts("g", "u", "v"))
	o.apply(storage.Batch{
		Sides: []storage.Side{{ID: "u", Name: "s", Data: []byte("kept")}},
		Edges: []storage.EdgeChange{{Add: append(edges("g", "u", "v"), edges("u", "v", "u")...)}},
	})
	removed := putAs("Removed", "u", named("u"))
	removed.Version, removed.DropEdges, removed.Neighbours = "removed", true, stamp("left")
	o.apply(batchOf(removed))
	require.Equal(t, "removed", o.get("u").Version)
	require.Equal(t, "left", o.get("g").Version)
	require.Equal(t, "v1", o.get("v").Version)
	require.Equal(t, []string{"v"}, o.others("member", storage.Outbound, "g"))
	require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, "v"))
	require.Empty(t, o.others("member", storage.Outbound, "u"))
	require.Empty(t, o.others("member", storage.Inbound, "u"))
	require.Equal(t, "kept", o.side("u", "s"))

	o.apply(puts("u"))
	require.Empty(t, o.others("member", storage.Inbound, "u"), "edges are not revived")
	o.apply(add(edges("g", "u")...))
	require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, "u"))
	require.Equal(t, []string{"u", "v"}, o.others("member", storage.Outbound, "g"))
}

// testManyEdges: what is left of them is invisible at once, also to a new
// document and new edges at the same id.
func testManyEdges(t *testing.T, o *opened) {
	const many = 5_000
	members := make([]string, many)
	for i := range members {
		members[i] = fmt.Sprintf("u%05d", i)
	}
	o.apply(puts("g", "u00000"))
	for chunk := range slices.Chunk(members, 1000) {
		o.apply(add(edges("g", chunk...)...))
	}
	require.Equal(t, members, o.others("member", storage.Outbound, "g"))
	for range 2 {
		o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "g"}}})
		requireNoMembers(t, o, members)
		o.apply(puts("g"))
		requireNoMembers(t, o, members)
		o.apply(add(edges("g", members[many/2], members[7])...))
		require.Equal(t, []string{members[7], members[many/2]}, o.others("member", storage.Outbound, "g"))
		require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, members[7]))
		require.Empty(t, o.others("member", storage.Inbound, members[8]))
		require.Equal(t, []bool{true}, o.apply(add(edges("g", members...)...)).Changed)
		require.Len(t, o.others("member", storage.Outbound, "g"), many)
		require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, members[8]))
	}
}

func requireNoMembers(t *testing.T, o *opened, members []string) {
	require.Empty(t, o.others("member", storage.Outbound, "g"))
	require.Empty(t, o.others("member", storage.Inbound, members[0]))
	require.Empty(t, o.others("member", storage.Inbound, members[len(members)-1]))
	o.view(func(s storage.Snapshot) {
		found, err := s.GetEdges(background, "member", "g", members[:100])
		require.NoError(t, err)
		require.Empty(t, found)
		reached, err := s.Reach(background, "member", storage.Inbound, members[1], 10)
		require.NoError(t, err)
		require.Empty(t, reached)
	})
	o.conflict(storage.Batch{Guards: []storage.Guard{storage.HasEdge{Kind: "member", From: "g", To: members[3]}}})
	inGroup := &storage.Related{Kind: "member", Direction: storage.Inbound, ID: "g", Text: "groups"}
	require.Empty(t, o.find(inGroup))
}
