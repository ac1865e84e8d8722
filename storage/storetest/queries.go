package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Queries: conditions and what they find.
func Queries(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"every operator on every value": testOperators,
		"between two values":            testBetween,
		"not":                           testNegated,
		"numbers":                       testNumbers,
		"ids":                           testIDLeaves,
		"and, or, not":                  testTrees,
		"what is in no index":           testUnindexed,
		"types are apart":               testTypes,
		"after changes":                 testAfterChanges,
		"many with one value":           testManyEqual,
		"a check reads the snapshot":    testCheckReads,
		"a check fails":                 testCheckFails,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func testOperators(t *testing.T, o *opened) {
	people := everyValue()
	o.apply(people.batch())
	for _, a := range []Attribute{Name(Person), Tags(Person), Nick(Person), Labels(Person)} {
		for _, op := range operators() {
			for _, v := range probes() {
				o.requireFound(t, people, a, op, []byte(v))
			}
		}
		o.requireFound(t, people, a, storage.Present, nil)
	}
}

// requireFound asserts what a leaf finds, in all.
func (o *opened) requireFound(t *testing.T, people population, a Attribute, op storage.Op, value []byte) {
	t.Helper()
	want := people.where(a, op, value)
	leaf := a.Leaf(op, value)
	o.view(func(s storage.Snapshot) {
		page, err := s.Query(background, storage.Query{Type: Person, Where: leaf, Limit: everything, Total: true})
		require.NoError(t, err)
		require.Equal(t, want, idsOf(page.Documents), "%s %.50q (%d bytes)", leaf.Text, value, len(value))
		require.Equal(t, len(want), page.Total, "%s %.50q (%d bytes)", leaf.Text, value, len(value))
	})
}

// testBetween: ranges of one attribute that hold together. Of several values each
// may be in another range.
func testBetween(t *testing.T, o *opened) {
	people := everyValue()
	o.apply(people.batch())
	var bounds [][]byte
	for i, v := range probes() {
		if i%4 == 0 || len(v) > 1000 && i%2 == 0 {
			bounds = append(bounds, []byte(v))
		}
	}
	for _, a := range []Attribute{Name(Person), Tags(Person), Nick(Person), Labels(Person), ID(Person)} {
		for i, low := range bounds {
			high := bounds[(i*7+5)%len(bounds)]
			ops := operators()
			for j := i; j < i+3; j++ {
				requireBoth(t, o, people, a.Leaf(ops[j%len(ops)], low), a.Leaf(ops[(i+3*j)%len(ops)], high))
			}
			requireBoth(t, o, people, a.Leaf(storage.Greater, low), a.Leaf(storage.LessOrEqual, high), a.Leaf(storage.GreaterOrEqual, low))
		}
	}
}

// requireBoth asserts what is found by conditions that must all hold, and by
// their negation.
func requireBoth(t *testing.T, o *opened, people population, leaves ...*storage.Leaf) {
	t.Helper()
	var both storage.And
	for _, leaf := range leaves {
		both = append(both, leaf)
	}
	holds := func(d *storage.Document) bool {
		return !slices.ContainsFunc(leaves, func(l *storage.Leaf) bool {
			ok, _ := l.Check(nil, d)
			return !ok
		})
	}
	require.Equal(t, people.ids(holds), o.find(both), describe(both))
	none := func(d *storage.Document) bool { return !holds(d) }
	require.Equal(t, people.ids(none), o.find(storage.Not{Node: both}), describe(both))
}

// testNegated: a document without a value is among those that do not match.
func testNegated(t *testing.T, o *opened) {
	people := everyValue()
	o.apply(people.batch())
	long := probes()[len(probes())-1]
	for _, a := range []Attribute{Name(Person), Tags(Person), Nick(Person), Labels(Person), Note(Person)} {
		for _, op := range append(operators(), storage.Present) {
			for _, v := range []string{"", "a", "a\x00", "\xff", long} {
				leaf := a.Leaf(op, []byte(v))
				page := o.query(storage.Query{Type: Person, Where: storage.Not{Node: leaf}, Total: true})
				require.Empty(t, page.Documents)
				require.Equal(t, len(people)-len(people.where(a, op, []byte(v))), page.Total, describe(leaf))
			}
		}
	}
}

func testNumbers(t *testing.T, o *opened) {
	numbers := []int64{0, 1, -1, 255, 256, -256, math.MaxInt64, math.MinInt64, 7}
	people := population{put("none", Body{})}
	for i, n := range numbers {
		people = append(people, put(fmt.Sprintf("p%d", i), Body{Age: &n}))
	}
	o.apply(people.batch())
	for _, n := range append(numbers, 2, -2, 1000) {
		for _, op := range operators() {
			o.requireFound(t, people, Age(Person), op, Number(n))
		}
	}
	o.requireFound(t, people, Age(Person), storage.Present, nil)
}

func testIDLeaves(t *testing.T, o *opened) {
	var people population
	for _, id := range ids() {
		people = append(people, put(id, Body{}))
	}
	o.apply(people.batch())
	o.apply(storage.Batch{Puts: []storage.Put{putAs(Team, "aa", Body{})}})
	for _, v := range append(ids(), "", "aa", "i", "\x00\x00", "zz") {
		for _, op := range operators() {
			o.requireFound(t, people, ID(Person), op, []byte(v))
		}
	}
	o.requireFound(t, people, ID(Person), storage.Present, nil)
}

// letters returns persons a to f with names of one letter; a to c have the tag
// "x", b to d "y", and e and f none; a, c and e have a note.
func letters() population {
	var p population
	for i, id := range []string{"a", "b", "c", "d", "e", "f"} {
		b := named(id)
		if i <= 2 {
			b.Tags = append(b.Tags, []byte("x"))
		}
		if 1 <= i && i <= 3 {
			b.Tags = append(b.Tags, []byte("y"))
		}
		if i%2 == 0 {
			b.Note = []byte("n")
		}
		p = append(p, put(id, b))
	}
	return p
}

func testTrees(t *testing.T, o *opened) {
	o.apply(letters().batch())
	x, y, note := Tags(Person).Is("x"), Tags(Person).Is("y"), Note(Person).Present()
	a, late := Name(Person).Is("a"), Name(Person).Leaf(storage.Greater, []byte("c"))
	for _, c := range []struct {
		want  string
		where storage.Node
	}{
		{"abcdef", nil},
		{"abcdef", storage.And{}},
		{"", storage.Or{}},
		{"", storage.Not{Node: storage.And{}}},
		{"abcdef", storage.Not{Node: storage.Or{}}},
		{"bc", storage.And{x, y}},
		{"abcd", storage.Or{x, y}},
		{"a", storage.And{x, storage.Not{Node: y}}},
		{"def", storage.Not{Node: x}},
		{"ef", storage.And{storage.Not{Node: x}, storage.Not{Node: y}}},
		{"ef", storage.Not{Node: storage.Or{x, y}}},
		{"adef", storage.Not{Node: storage.And{x, y}}},
		{"abc", storage.Not{Node: storage.Not{Node: x}}},
		{"bdf", storage.Not{Node: note}},
		{"ac", storage.And{note, x}},
		{"abce", storage.Or{note, x}},
		{"c", storage.And{x, note, y}},
		{"adef", storage.Or{a, late}},
		{"", storage.And{a, late}},
		{"e", storage.And{late, note}},
		{"df", storage.And{late, storage.Not{Node: note}}},
		{"bcde", storage.Or{storage.And{x, y}, storage.And{late, storage.Or{y, note}}}},
		{"abc", storage.And{storage.Or{storage.Or{}, x}, storage.And{}}},
		{"abcdf", storage.Or{x, storage.Not{Node: note}}},
		{"ad", storage.Or{storage.And{x, storage.Not{Node: y}}, storage.And{y, storage.Not{Node: x}}}},
		{"abcdef", storage.Or{x, storage.Not{Node: x}}},
		{"", storage.And{x, storage.Not{Node: x}}},
	} {
		t.Run(describe(c.where), func(t *testing.T) {
			page := o.within(t).query(storage.Query{Type: Person, Where: c.where, Limit: 10, Total: true})
			require.Equal(t, c.want, joinIDs(page.Documents))
			require.Equal(t, len(c.want), page.Total)
		})
	}
}

func joinIDs(documents []*storage.Document) string {
	var all string
	for _, d := range documents {
		all += d.ID
	}
	return all
}

func testUnindexed(t *testing.T, o *opened) {
	people := everyValue()
	o.apply(people.batch())
	for _, op := range operators() {
		for _, v := range []string{"", "a", "\xff", "x", "日本"} {
			o.requireFound(t, people, Note(Person), op, []byte(v))
		}
	}
}

func testTypes(t *testing.T, o *opened) {
	o.apply(storage.Batch{Puts: []storage.Put{
		put("p", named("same")), putAs(Team, "t", named("same")), putAs("Other", "o", named("same")),
	}})
	for typ, id := range map[string]string{Person: "p", Team: "t", "Other": "o"} {
		name := Name(typ)
		name.Indexed = typ != "Other"
		for _, where := range []storage.Node{nil, name.Is("same"), storage.Not{Node: name.Is("other")}, ID(typ).Present()} {
			page := o.query(storage.Query{Type: typ, Where: where, Limit: 10, Total: true})
			require.Equal(t, []string{id}, idsOf(page.Documents), "%s: %s", typ, describe(where))
			require.Equal(t, 1, page.Total)
		}
	}
	page := o.query(storage.Query{Type: "Absent", Limit: 10, Total: true})
	require.Empty(t, page.Documents)
	require.Zero(t, page.Total)
}

// testAfterChanges: no entry of an earlier body is left, and none is lost.
func testAfterChanges(t *testing.T, o *opened) {
	values := Values()
	people := everyValue()
	o.apply(people.batch())
	for round := range 3 {
		for i := range people {
			if (i+round)%3 == 0 {
				v := values[(i*5+round)%len(values)]
				people[i] = put(people[i].ID, Body{Name: []byte(v), Tags: [][]byte{[]byte(v), []byte(values[i%len(values)])}})
			}
		}
		o.apply(people.batch())
	}
	gone := people[len(people)-9:]
	people = people[:len(people)-9]
	var deletion storage.Batch
	for i := range gone {
		deletion.Deletes = append(deletion.Deletes, storage.Delete{ID: gone[i].ID})
	}
	o.apply(deletion)
	for _, a := range []Attribute{Name(Person), Tags(Person)} {
		for _, v := range probes() {
			o.requireFound(t, people, a, storage.Equal, []byte(v))
			o.requireFound(t, people, a, storage.Prefix, []byte(v))
		}
		o.requireFound(t, people, a, storage.Present, nil)
		require.Equal(t, people.sorted(a, false), idsOf(o.query(storage.Query{Type: Person, Sort: a.Sort(false), Limit: everything}).Documents))
	}
}

// testManyEqual: as bitmaps and long runs of one value would have it.
func testManyEqual(t *testing.T, o *opened) {
	var people population
	for i := range 600 {
		b := Body{Name: []byte("same"), Tags: [][]byte{fmt.Appendf(nil, "t%d", i%7)}}
		if i%2 == 0 {
			b.Tags = append(b.Tags, []byte("even"))
		}
		people = append(people, put(fmt.Sprintf("p%03d", 999-i), b))
	}
	o.apply(people.batch())
	o.requireFound(t, people, Name(Person), storage.Equal, []byte("same"))
	o.requireFound(t, people, Tags(Person), storage.Equal, []byte("even"))
	o.requireFound(t, people, Tags(Person), storage.Prefix, []byte("t"))
	o.requireFound(t, people, Tags(Person), storage.Greater, []byte("t3"))
	both := storage.And{Tags(Person).Is("even"), Tags(Person).Is("t3"), Name(Person).Is("same")}
	page := o.query(storage.Query{Type: Person, Where: both, Offset: 2, Limit: 2, Total: true})
	require.Equal(t, []string{"p961", "p947"}, idsOf(page.Documents))
	require.Equal(t, 43, page.Total)
}

// testCheckReads: what the check reads is of the same account and moment.
func testCheckReads(t *testing.T, o *opened) {
	b := letters().batch()
	b.Sides = []storage.Side{{ID: "b", Name: "s", Data: []byte("1")}, {ID: "e", Name: "s", Data: []byte("1")}}
	o.apply(b)
	o.in("other").apply(letters().batch())
	hasSide := &storage.Leaf{Text: "side", Check: func(s storage.Snapshot, d *storage.Document) (bool, error) {
		_, err := s.Side(background, d.ID, "s")
		if errors.Is(err, storage.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}}
	require.Equal(t, []string{"b", "e"}, o.find(hasSide))
	require.Equal(t, []string{"b"}, o.find(storage.And{hasSide, Tags(Person).Is("x")}))
	require.Empty(t, o.in("other").find(hasSide))
}

func testCheckFails(t *testing.T, o *opened) {
	o.apply(letters().batch())
	broken := errors.New("broken check")
	leaf := &storage.Leaf{Text: "broken", Check: func(storage.Snapshot, *storage.Document) (bool, error) { return true, broken }}
	err := o.View(background, o.account, func(s storage.Snapshot) error {
		page, err := s.Query(background, storage.Query{Type: Person, Where: leaf, Limit: 10})
		require.Empty(t, page.Documents)
		return err
	})
	require.ErrorIs(t, err, broken)
}
