package bolt_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/storetest"
)

const account storage.Account = "acme"

var (
	name = storetest.Name(storetest.Person)
	tags = storetest.Tags(storetest.Person)
	age  = storetest.Age(storetest.Person)
	note = storetest.Note(storetest.Person)
	id   = storetest.ID(storetest.Person)
)

func put(typ, id string, body storetest.Body) storage.Put {
	return storage.Put{Document: storage.Document{Type: typ, ID: id, Version: "1", Body: body.Encode()}}
}

// people returns persons p000, p001, … that have a name each, a note in ten
// ways, tags if their number is even, and an age of 0 to 3 but for the first ten.
func people(n int) storage.Batch {
	var b storage.Batch
	for i := range n {
		body := storetest.Body{Name: fmt.Appendf(nil, "name %03d", i), Note: fmt.Appendf(nil, "note %d", i%10)}
		if i%2 == 0 {
			body.Tags = [][]byte{[]byte("even"), fmt.Appendf(nil, "tag %d", i%6)}
		}
		if years := int64(i % 4); i >= 10 {
			body.Age = &years
		}
		b.Puts = append(b.Puts, put(storetest.Person, fmt.Sprintf("p%03d", i), body))
	}
	return b
}

// teams returns edges t1 -> p000 to p019, t1 -> t2, t2 -> p020 to p024, and t3 ->
// p100 to p199.
func teams() storage.Batch {
	b := storage.Batch{Puts: []storage.Put{put(storetest.Team, "t1", storetest.Body{}), put(storetest.Team, "t2", storetest.Body{})}}
	edges := []storage.Edge{{Kind: "member", From: "t1", To: "t2"}}
	for i := range 25 {
		edges = append(edges, storage.Edge{Kind: "member", From: fmt.Sprintf("t%d", 1+i/20), To: fmt.Sprintf("p%03d", i)})
	}
	for i := range 100 {
		edges = append(edges, storage.Edge{Kind: "member", From: "t3", To: fmt.Sprintf("p%03d", 100+i)})
	}
	b.Edges = []storage.EdgeChange{{Add: edges}}
	return b
}

func apply(t testing.TB, s storage.Store, b storage.Batch) storage.Receipt {
	t.Helper()
	r, err := s.Apply(t.Context(), account, b)
	require.NoError(t, err)
	return r
}

func in(team string) *storage.Related {
	return &storage.Related{Kind: "member", Direction: storage.Inbound, ID: team, Text: "Person:groups eq"}
}

func TestPlans(t *testing.T) {
	s := open(t, t.TempDir(), storetest.Catalogue())
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.Ready(t.Context()))
	apply(t, s, people(300))
	apply(t, s, teams())

	where := func(n storage.Node) storage.Query { return storage.Query{Where: n, Limit: 10, Total: true} }
	sorted := func(n storage.Node, by *storage.Sort) storage.Query {
		return storage.Query{Where: n, Sort: by, Limit: 10, Total: true}
	}
	behind := func(q storage.Query) storage.Query {
		q.After = &storage.Position{Key: []byte("name 100"), Ordinal: 101}
		return q
	}
	one, two := storetest.Number(1), storetest.Number(2)
	storetest.Plans(t, s, account, []storetest.Plan{
		{Name: "everything", Query: where(nil), Want: `
			all Person (300)
			order creation`},
		{Name: "eq", Query: where(name.Is("name 007")), Want: `
			index Person:name eq (1)
			order creation`},
		{Name: "eq of nothing", Query: where(name.Is("nobody")), Want: `
			index Person:name eq (0)
			order creation`},
		{Name: "sw", Query: where(name.Leaf(storage.Prefix, []byte("name 00"))), Want: `
			index Person:name sw (10)
			order creation`},
		{Name: "ew", Query: where(name.Leaf(storage.Suffix, []byte("7"))), Want: `
			index Person:name ew (30)
			order creation`},
		{Name: "co", Query: where(name.Leaf(storage.Contains, []byte("e 1"))), Want: `
			index Person:name co (100)
			order creation`},
		{Name: "lt", Query: where(age.Leaf(storage.Less, one)), Want: `
			index Person:age lt (72)
			order creation`},
		{Name: "le", Query: where(age.Leaf(storage.LessOrEqual, one)), Want: `
			index Person:age le (144)
			order creation`},
		{Name: "gt", Query: where(age.Leaf(storage.Greater, one)), Want: `
			index Person:age gt (146)
			order creation`},
		{Name: "ge", Query: where(age.Leaf(storage.GreaterOrEqual, one)), Want: `
			index Person:age ge (218)
			order creation`},
		{Name: "pr", Query: where(age.Present()), Want: `
			index Person:age pr (290)
			order creation`},
		{Name: "not pr", Query: where(storage.Not{Node: age.Present()}), Want: `
			not index Person:age pr (290)
			order creation`},
		{Name: "several values", Query: where(tags.Is("even")), Want: `
			index Person:tags eq (150)
			order creation`},
		{Name: "id", Query: where(id.Leaf(storage.GreaterOrEqual, []byte("p290"))), Want: `
			index Person:id ge (10)
			order creation`},
		{Name: "unindexed", Query: where(note.Is("note 1")), Want: `
			check Person:note eq
			order creation`},
		{Name: "unindexed, not", Query: where(storage.Not{Node: note.Is("note 1")}), Want: `
			not check Person:note eq
			order creation`},
		{Name: "and: the selective index first, the rest by looking", Query: where(storage.And{
			note.Is("note 7"), age.Leaf(storage.Less, two), name.Is("name 037"),
		}), Want: `
			index Person:name eq (1)
			check Person:age lt, few are left
			check Person:note eq
			order creation`},
		{Name: "and of sets", Query: where(storage.And{age.Leaf(storage.Equal, one), tags.Is("tag 2")}), Want: `
			index Person:tags eq (50)
			index Person:age eq (72)
			order creation`},
		{Name: "and of nothing", Query: where(storage.And{age.Present(), name.Is("nobody"), note.Is("note 7")}), Want: `
			index Person:name eq (0)
			skip Person:age pr
			skip Person:note eq
			order creation`},
		{Name: "and not", Query: where(storage.And{storage.Not{Node: tags.Is("even")}, age.Leaf(storage.Less, two)}), Want: `
			index Person:age lt (144)
			not index Person:tags eq (150)
			order creation`},
		{Name: "between", Query: where(storage.And{
			name.Leaf(storage.Greater, []byte("name 100")), note.Is("note 7"), name.Leaf(storage.LessOrEqual, []byte("name 120")),
		}), Want: `
			index Person:name gt and Person:name le (20)
			check Person:note eq
			order creation`},
		{Name: "between ids", Query: where(storage.And{
			id.Leaf(storage.GreaterOrEqual, []byte("p010")), storage.And{id.Leaf(storage.Less, []byte("p020"))},
		}), Want: `
			index Person:id ge and Person:id lt (10)
			order creation`},
		{Name: "between, of several values", Query: where(storage.And{
			tags.Leaf(storage.Greater, []byte("tag 2")), tags.Leaf(storage.Less, []byte("f")),
		}), Want: `
			index Person:tags gt (50)
			index Person:tags lt (150)
			order creation`},
		{Name: "not between", Query: where(storage.Not{Node: storage.And{
			age.Leaf(storage.GreaterOrEqual, one), age.Leaf(storage.Less, two),
		}}), Want: `
			or
			  not index Person:age ge (218)
			  not index Person:age lt (144)
			order creation`},
		{Name: "or of ranges", Query: where(storage.Or{age.Leaf(storage.Less, one), age.Leaf(storage.Greater, two)}), Want: `
			or
			  index Person:age lt (72)
			  index Person:age gt (73)
			order creation`},
		{Name: "or of sets", Query: where(storage.Or{name.Is("name 037"), tags.Is("tag 2")}), Want: `
			or
			  index Person:name eq (1)
			  index Person:tags eq (50)
			order creation`},
		{Name: "or with an unindexed one", Query: where(storage.Or{note.Is("note 1"), tags.Is("even")}), Want: `
			or
			  check Person:note eq
			  index Person:tags eq (150)
			order creation`},
		{Name: "or within and", Query: where(storage.And{
			name.Leaf(storage.Prefix, []byte("name 0")),
			storage.Or{note.Is("note 1"), tags.Is("even")},
		}), Want: `
			index Person:name sw (100)
			or
			  check Person:note eq
			  index Person:tags eq (150)
			order creation`},
		{Name: "not goes down to the leaves", Query: where(storage.Not{Node: storage.Or{
			storage.And{name.Is("name 037"), note.Is("note 7")}, storage.Not{Node: tags.Is("even")},
		}}), Want: `
			index Person:tags eq (150)
			or
			  not index Person:name eq (1)
			  not check Person:note eq
			order creation`},
		{Name: "equal operators are joined", Query: where(storage.And{
			name.Is("name 037"), storage.And{note.Is("note 7"), storage.And{note.Present()}},
		}), Want: `
			index Person:name eq (1)
			check Person:note eq
			check Person:note pr
			order creation`},
		{Name: "edges", Query: where(in("t1")), Want: `
			edges Person:groups eq (20)
			order creation`},
		{Name: "any edges", Query: where(&storage.Related{Kind: "member", Direction: storage.Inbound, Text: "Person:groups pr"}), Want: `
			edges Person:groups pr (125)
			order creation`},
		{Name: "edges and an index", Query: where(storage.And{name.Leaf(storage.Contains, []byte("1")), in("t2")}), Want: `
			edges Person:groups eq (5)
			index Person:name co (138)
			order creation`},
		{Name: "many edges and few left", Query: where(storage.And{in("t3"), name.Is("name 107")}), Want: `
			index Person:name eq (1)
			check Person:groups eq, few are left
			order creation`},
		{Name: "a closure", Query: where(&storage.Related{
			Kind: "member", Direction: storage.Inbound, ID: "t1", Transitive: true, Text: "Person:groups eq, nested",
		}), Want: `
			closure Person:groups eq, nested (25)
			order creation`},
		{Name: "by index", Query: sorted(nil, name.Sort(true)), Want: `
			all Person (300)
			order index Person:name, descending`},
		{Name: "by id", Query: sorted(nil, id.Sort(false)), Want: `
			all Person (300)
			order index id`},
		{Name: "many by index", Query: sorted(tags.Is("even"), name.Sort(false)), Want: `
			index Person:tags eq (150)
			order index Person:name`},
		{Name: "few by index", Query: sorted(name.Is("name 007"), tags.Sort(false)), Want: `
			index Person:name eq (1)
			order by reading Person:tags`},
		{Name: "backwards", Query: sorted(nil, &storage.Sort{Descending: true}), Want: `
			all Person (300)
			order creation, descending`},
		{Name: "eq backwards", Query: sorted(name.Is("name 007"), &storage.Sort{Descending: true}), Want: `
			index Person:name eq (1)
			order creation, descending`},
		{Name: "continued", Query: behind(where(tags.Is("even"))), Want: `
			index Person:tags eq (150)
			order creation, after a position`},
		{Name: "continued by index", Query: behind(sorted(nil, name.Sort(true))), Want: `
			all Person (300)
			order index Person:name, descending, after a position`},
		{Name: "continued by reading", Query: behind(sorted(name.Is("name 007"), tags.Sort(false))), Want: `
			index Person:name eq (1)
			order by reading Person:tags, after a position`},
		{Name: "by a value without an index", Query: sorted(tags.Is("even"), note.Sort(true)), Want: `
			index Person:tags eq (150)
			order by reading a value of the document, descending`},
	})
}

// TestPlanWhileBuilding: an index is not used before it is complete.
func TestPlanWhileBuilding(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	apply(t, s, people(3000))
	require.NoError(t, s.Close())

	stuck, release := make(chan struct{}), make(chan struct{})
	indexes := storetest.Indexes(name)
	extract, first := indexes[0].Extract, true
	indexes[0].Extract = func(d *storage.Document) ([][]byte, []byte) {
		if first {
			first = false
			close(stuck)
			<-release
		}
		return extract(d)
	}
	s = open(t, dir, indexes)
	defer func() { require.NoError(t, s.Close()) }()
	<-stuck
	asked := storage.Query{Where: name.Is("name 007"), Sort: name.Sort(false), Limit: 1}
	storetest.Plans(t, s, account, []storetest.Plan{{Name: "building", Query: asked, Want: `
		check Person:name eq, its index is being built
		order by reading Person:name, its index is being built`}})
	close(release)
	require.NoError(t, s.Ready(t.Context()))
	storetest.Plans(t, s, account, []storetest.Plan{{Name: "built", Query: asked, Want: `
		index Person:name eq (1)
		order by reading Person:name`}})
}

// TestChecked: how many documents are read to decide.
func TestChecked(t *testing.T) {
	s := open(t, t.TempDir(), storetest.Catalogue())
	defer func() { require.NoError(t, s.Close()) }()
	apply(t, s, people(300))
	require.NoError(t, s.Ready(t.Context()))
	for _, test := range []struct {
		name  string
		query storage.Query
		want  int
	}{
		{"everything", storage.Query{Limit: 10, Total: true}, 0},
		{"deep", storage.Query{Offset: 290, Limit: 10, Total: true}, 0},
		{"by index", storage.Query{Sort: tags.Sort(true), Offset: 290, Limit: 10, Total: true}, 0},
		{"sets", storage.Query{Where: storage.Or{tags.Is("even"), storage.Not{Node: age.Present()}}, Total: true}, 0},
		{"unindexed", storage.Query{Where: note.Is("note 1"), Limit: 1, Total: true}, 300},
		{"unindexed, first page only", storage.Query{Where: note.Is("note 1"), Limit: 1}, 2},
		{"unindexed in a set", storage.Query{Where: storage.And{note.Is("note 2"), tags.Is("even")}, Total: true}, 150},
		{"unindexed or a set", storage.Query{Where: storage.Or{note.Is("note 1"), tags.Is("even")}, Total: true}, 150},
		{"few instead of a set", storage.Query{Where: storage.And{name.Is("name 032"), age.Present()}, Total: true}, 0},
		{"unindexed, behind a position", storage.Query{Where: note.Is("note 1"), After: &storage.Position{Ordinal: 250}, Limit: 50}, 50},
		{"unindexed, behind a position, for its total", storage.Query{
			Where: note.Is("note 1"), After: &storage.Position{Ordinal: 250}, Limit: 50, Total: true,
		}, 300},
		{"unindexed, backwards", storage.Query{Where: note.Is("note 1"), Sort: &storage.Sort{Descending: true}, Limit: 1}, 9},
		{"by index, behind a position", storage.Query{
			Sort: name.Sort(false), After: &storage.Position{Key: []byte("name 200"), Ordinal: 201}, Limit: 300, Total: true,
		}, 0},
		{"unindexed, by index, behind a position", storage.Query{
			Where: note.Is("note 1"), Sort: name.Sort(false), After: &storage.Position{Key: []byte("name 200"), Ordinal: 201}, Limit: 300,
		}, 99},
		{"by a value", storage.Query{Where: tags.Is("even"), Sort: note.Sort(false), Limit: 1}, 150},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.query.Type = storetest.Person
			ask := func(limit int) (page storage.Page, err error) {
				test.query.MaxChecks = limit
				err = s.View(t.Context(), account, func(v storage.Snapshot) error {
					page, err = v.Query(t.Context(), test.query)
					return err
				})
				return page, err
			}
			page, err := ask(max(1, test.want))
			require.NoError(t, err)
			require.Equal(t, test.want, page.Checked)
			if test.want > 1 {
				_, err = ask(test.want - 1)
				require.ErrorIs(t, err, storage.ErrTooMany)
			}
		})
	}
}
