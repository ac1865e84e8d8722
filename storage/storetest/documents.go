package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Documents: written, read, replaced, moved, touched and deleted.
func Documents(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"an empty account":                 testEmptyAccount,
		"what was put is read":             testPut,
		"any id of 1 to 64 bytes":          testIDs,
		"several at once":                  testGetMany,
		"a put replaces":                   testReplace,
		"a put of another type moves":      testMove,
		"a touch changes version and time": testTouch,
		"a delete leaves nothing":          testDelete,
		"ordinals are dense":               testOrdinals,
		"times are UTC milliseconds":       testTimes,
		"the caller keeps his bytes":       testOwnership,
		"decoded anew from each body":      testDecoded,
		"large bodies":                     testLargeBody,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func testEmptyAccount(t *testing.T, o *opened) {
	require.False(t, o.has("a"))
	require.Empty(t, o.find(nil))
	require.Empty(t, o.others("member", storage.Outbound, "a"))
	require.Empty(t, o.events())
	require.Empty(t, o.owner("name", "a"))
	require.Zero(t, o.counter("n"))
	applied, err := o.Applied(background, o.account, "batch")
	require.NoError(t, err)
	require.False(t, applied)
}

func testPut(t *testing.T, o *opened) {
	p := put("a", named("Ann"))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	o.apply(storage.Batch{Puts: []storage.Put{p}})
	require.Equal(t, written(p), recordOf(o.get("a")))

	empty := storage.Put{Document: storage.Document{Type: "Void", ID: "v", Created: noon, Modified: noon}}
	o.apply(storage.Batch{Puts: []storage.Put{empty}})
	require.Equal(t, written(empty), recordOf(o.get("v")))
}

func testIDs(t *testing.T, o *opened) {
	for _, id := range ids() {
		o.apply(puts(id))
	}
	for _, id := range ids() {
		require.Equal(t, id, o.get(id).ID)
		require.Equal(t, id, string(bodyOf(o.get(id)).Name))
	}
	require.Equal(t, ids(), o.find(nil))
	for _, absent := range []string{"", "c", "a\x00\x00", "\x01", strings.Repeat("i", 62), strings.Repeat("i", 65), strings.Repeat("i", 10_000)} {
		require.False(t, o.has(absent), "%q", absent)
	}
}

func testGetMany(t *testing.T, o *opened) {
	o.apply(puts("a", "b", "c"))
	o.view(func(s storage.Snapshot) {
		found, err := s.GetMany(background, []string{"c", "absent", "a", "c"})
		require.NoError(t, err)
		require.Equal(t, []string{"c", "a", "c"}, idsOf(found))
		found, err = s.GetMany(background, nil)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func testReplace(t *testing.T, o *opened) {
	o.apply(puts("a"))
	before := o.get("a")
	p := put("a", named("Ann"))
	p.Version, p.Created, p.Modified = "v2", noon.Add(time.Hour), noon.Add(time.Minute)
	o.apply(storage.Batch{Puts: []storage.Put{p}})

	want := written(p)
	want.Revision, want.Created = 2, noon
	require.Equal(t, want, recordOf(o.get("a")))
	require.Equal(t, before.Ordinal, o.get("a").Ordinal)
	require.Empty(t, o.find(Name(Person).Is("a")))
	require.Equal(t, []string{"a"}, o.find(Name(Person).Is("Ann")))
}

func testMove(t *testing.T, o *opened) {
	p := put("a", named("Ann"))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	o.apply(storage.Batch{
		Puts:  []storage.Put{p, put("b", named("Bob"))},
		Sides: []storage.Side{{ID: "a", Name: "secret", Data: []byte("1")}},
		Edges: []storage.EdgeChange{{Add: edges("b", "a")}},
	})
	o.apply(storage.Batch{Puts: []storage.Put{putAs(Team, "a", named("Ann"))}})

	moved := o.get("a")
	require.Equal(t, Team, moved.Type)
	require.EqualValues(t, 2, moved.Revision)
	require.Equal(t, []string{"b"}, o.find(nil))
	require.Empty(t, o.find(Name(Person).Is("Ann")))
	found := o.query(storage.Query{Type: Team, Where: Name(Team).Is("Ann"), Limit: 10, Total: true})
	require.Equal(t, []string{"a"}, idsOf(found.Documents))
	require.Equal(t, 1, found.Total)
	require.Empty(t, o.owner("name", "ann"))
	require.Equal(t, []string{"a"}, o.others("member", storage.Outbound, "b"))
	require.Equal(t, "1", o.side("a", "secret"))
}

func testTouch(t *testing.T, o *opened) {
	p := put("a", named("Ann"))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	o.apply(storage.Batch{Puts: []storage.Put{p}})
	o.apply(storage.Batch{Effects: touch("a", "v2")})

	want := written(p)
	want.Version, want.Modified = "v2", noon.Add(time.Minute)
	require.Equal(t, want, recordOf(o.get("a")))
	require.Equal(t, "a", o.owner("name", "ann"))
	require.ErrorIs(t, o.refuse(storage.Batch{Effects: touch("b", "v2")}), storage.ErrNotFound)
}

// touch returns the effect of a touch a minute after noon.
func touch(id, version string) storage.Effects {
	return storage.Effects{Touches: []storage.Touch{{ID: id, Stamp: *stamp(version)}}}
}

func stamp(version string) *storage.Stamp {
	return &storage.Stamp{Version: version, Modified: noon.Add(time.Minute)}
}

func testDelete(t *testing.T, o *opened) {
	p := put("a", Body{Name: []byte("Ann"), Tags: [][]byte{[]byte("x"), []byte("y")}})
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	o.apply(storage.Batch{
		Puts:  []storage.Put{p, put("b", named("Bob"))},
		Sides: []storage.Side{{ID: "a", Name: "secret", Data: []byte("1")}},
		Edges: []storage.EdgeChange{{Add: append(edges("b", "a"), edges("a", "b", "a", "elsewhere")...)}},
	})
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "a"}}})
	requireGone(t, o)
	require.ErrorIs(t, o.refuse(storage.Batch{Deletes: []storage.Delete{{ID: "a"}}}), storage.ErrNotFound)

	before := o.get("b").Ordinal
	o.apply(storage.Batch{Puts: []storage.Put{put("a", named("Eve"))}})
	require.EqualValues(t, 1, o.get("a").Revision, "nothing of the former document counts")
	require.Greater(t, o.get("a").Ordinal, before)
	require.Empty(t, o.others("member", storage.Outbound, "a"), "edges are not revived")
	require.Empty(t, o.others("member", storage.Inbound, "a"), "edges are not revived")
	require.Equal(t, []string{"b", "a"}, o.find(nil))
}

// requireGone asserts that nothing of "a" is left, and nothing else was taken.
func requireGone(t *testing.T, o *opened) {
	require.False(t, o.has("a"))
	require.Equal(t, []string{"b"}, o.find(nil))
	require.Empty(t, o.find(Tags(Person).Present()))
	require.Empty(t, o.owner("name", "ann"))
	require.Empty(t, o.others("member", storage.Outbound, "b"))
	require.Empty(t, o.others("member", storage.Outbound, "a"))
	require.Empty(t, o.others("member", storage.Inbound, "a"))
	require.Empty(t, o.others("member", storage.Inbound, "elsewhere"))
	o.view(func(s storage.Snapshot) {
		_, err := s.Side(background, "a", "secret")
		require.ErrorIs(t, err, storage.ErrNotFound)
		names, err := s.Sides(background, "a", "", "", 0)
		require.NoError(t, err)
		require.Empty(t, names)
	})
}

func testOrdinals(t *testing.T, o *opened) {
	o.apply(puts("z", "y"))
	o.apply(storage.Batch{Puts: []storage.Put{putAs(Team, "t", named("t"))}})
	o.refuse(storage.Batch{Guards: []storage.Guard{storage.Exists{ID: "absent"}}, Puts: []storage.Put{put("lost", named("lost"))}})
	o.apply(storage.Batch{Puts: []storage.Put{put("y", named("y2")), put("a", named("a"))}})
	first := o.get("z").Ordinal
	for i, id := range []string{"z", "y", "t", "a"} {
		require.Equal(t, first+uint64(i), o.get(id).Ordinal, id)
	}
	require.Equal(t, []string{"z", "y", "a"}, o.find(nil))
}

func testTimes(t *testing.T, o *opened) {
	east := time.FixedZone("east", 5*3600)
	p := put("a", named("a"))
	p.Created = noon.Add(999 * time.Microsecond).In(east)
	p.Modified = noon.Add(time.Hour + time.Nanosecond).In(east)
	o.apply(storage.Batch{Puts: []storage.Put{p}})
	require.Equal(t, noon, o.get("a").Created)
	require.Equal(t, noon.Add(time.Hour), o.get("a").Modified)

	early := storage.Stamp{Version: "v2", Modified: time.Date(1901, 1, 1, 0, 0, 0, 0, east)}
	o.apply(storage.Batch{Effects: storage.Effects{Touches: []storage.Touch{{ID: "a", Stamp: early}}}})
	require.Equal(t, early.Modified.UTC(), o.get("a").Modified)
}

// testOwnership: neither the writer's bytes nor the reader's are the store's.
func testOwnership(t *testing.T, o *opened) {
	p := put("a", named("Ann"))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ann")}}
	side, data := []byte("side"), []byte("data")
	want := written(p)
	o.apply(storage.Batch{
		Puts:    []storage.Put{p},
		Sides:   []storage.Side{{ID: "a", Name: "s", Data: side}},
		Edges:   []storage.EdgeChange{{Add: []storage.Edge{{Kind: "member", From: "a", To: "b", Data: data}}}},
		Enqueue: []storage.Message{{Queue: "q", ID: "m", Due: noon, Body: data}},
		Effects: storage.Effects{Events: []storage.Event{{Type: "e", Time: noon, Data: data}}},
	})
	for _, b := range [][]byte{p.Body, p.Claims[0].Value, side, data} {
		clear(b)
	}
	for range 2 {
		clearAll(t, o, want)
	}
}

// clearAll compares all that testOwnership wrote, and then overwrites what it
// was given, after the snapshot has ended.
func clearAll(t *testing.T, o *opened, want record) {
	d := o.get("a")
	found := o.query(storage.Query{Type: Person, Where: Name(Person).Is("Ann"), Limit: 1}).Documents
	require.Len(t, found, 1)
	require.Equal(t, want, recordOf(d))
	require.Equal(t, want, recordOf(found[0]))
	require.Equal(t, "a", o.owner("name", "ann"))
	bytes := [][]byte{d.Body, d.Claims[0].Value, found[0].Body, found[0].Claims[0].Value}
	o.view(func(s storage.Snapshot) {
		side, err := s.Side(background, "a", "s")
		require.NoError(t, err)
		edges, err := s.Edges(background, "member", storage.Outbound, "a", "", 0)
		require.NoError(t, err)
		events, err := s.Events(background, storage.EventQuery{Limit: 1})
		require.NoError(t, err)
		messages, err := s.Messages(background, "q", noon, 1)
		require.NoError(t, err)
		bytes = append(bytes, side, edges[0].Data, events[0].Data, messages[0].Body)
	})
	for i, wanted := range []string{"side", "data", "data", "data"} {
		require.Equal(t, wanted, string(bytes[4+i]))
	}
	for _, b := range bytes {
		clear(b)
	}
}

// testDecoded: a document that was read, decoded and changed is put back.
func testDecoded(t *testing.T, o *opened) {
	o.apply(storage.Batch{Puts: []storage.Put{put("a", named("Ann"))}})
	d := o.get("a")
	require.Equal(t, "Ann", string(bodyOf(d).Name))
	d.Body = named("Eve").Encode()
	o.apply(storage.Batch{Puts: []storage.Put{{Document: *d}}})
	require.Equal(t, "Eve", string(bodyOf(o.get("a")).Name))
	require.Equal(t, []string{"a"}, o.find(Name(Person).Is("Eve")))
	require.Empty(t, o.find(Name(Person).Is("Ann")))
}

func testLargeBody(t *testing.T, o *opened) {
	large := Body{Name: []byte("large"), Note: []byte(strings.Repeat("0123456789", 200_000))}
	o.apply(storage.Batch{Puts: []storage.Put{put("a", large), put("b", named("small"))}})
	require.Equal(t, string(large.Encode()), string(o.get("a").Body))
	require.Equal(t, []string{"a"}, o.find(Name(Person).Is("large")))
	o.apply(storage.Batch{Puts: []storage.Put{put("a", named("small"))}})
	require.Equal(t, []string{"a", "b"}, o.find(Name(Person).Is("small")))
}
