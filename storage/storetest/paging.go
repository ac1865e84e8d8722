package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Paging: walks that continue behind a position.
func Paging(t *testing.T, e Engine) {
	o := e.open(t)
	people := travellers()
	o.apply(people.batch())
	o.apply(storage.Batch{Puts: []storage.Put{putAs(Team, "t", named("a")), putAs(Team, "0", named("b"))}})
	for _, by := range orders() {
		t.Run(by.name, func(t *testing.T) {
			o := o.within(t)
			for _, where := range conditions() {
				q := storage.Query{Type: Person, Where: where, Sort: by.sort(false), Limit: everything}
				requireWalks(t, o, q)
				q.Sort = by.sort(true)
				requireWalks(t, o, q)
			}
			requirePositions(t, o, by)
		})
		t.Run(by.name+" under changes", func(t *testing.T) {
			for _, descending := range []bool{false, true} {
				o := o.within(t).in(storage.Account(fmt.Sprintf("%s %t", by.name, descending)))
				o.apply(people.batch())
				requireSteady(t, o, storage.Query{Type: Person, Sort: by.sort(descending), Limit: 5})
			}
		})
	}
}

// travellers is a crowd of whom few have long values; some of those begin alike.
func travellers() population {
	var p population
	for _, x := range crowd() {
		name := bodyOf(&x.Document).Name
		alike := len(name) > cut && len(name) < cut+3 && name[0] == 'x'
		if alike || len(x.Body) < 200 {
			p = append(p, x)
		}
	}
	return p
}

// order is what a query may be sorted by.
type order struct {
	name string
	sort func(descending bool) *storage.Sort
}

func orders() []order {
	all := []order{{"creation", func(descending bool) *storage.Sort {
		if !descending {
			return nil
		}
		return &storage.Sort{Descending: true}
	}}}
	for _, a := range []Attribute{Name(Person), Tags(Person), Age(Person), Nick(Person), Labels(Person), Note(Person), ID(Person)} {
		all = append(all, order{a.Name, a.Sort})
		if a.index() != "" {
			all = append(all, order{a.Name + " by reading", func(descending bool) *storage.Sort {
				s := a.Sort(descending)
				s.Index = ""
				return s
			}})
		}
	}
	return all
}

// conditions returns some of which sets decide all, a part, or nothing.
func conditions() []storage.Node {
	beginning := Name(Person).Leaf(storage.Prefix, []byte("a"))
	return []storage.Node{
		nil,
		Age(Person).Leaf(storage.Equal, Number(1)),
		storage.Not{Node: beginning},
		storage.And{Tags(Person).Leaf(storage.Less, []byte("b")), Note(Person).Present()},
		storage.Or{Age(Person).Leaf(storage.Greater, Number(0)), Note(Person).Leaf(storage.Contains, []byte("a"))},
	}
}

// positionOf is where a document is in an order.
func positionOf(by *storage.Sort, d *storage.Document) *storage.Position {
	at := &storage.Position{Ordinal: d.Ordinal}
	if by != nil && by.Key != nil {
		at.Key = by.Key(d)
	}
	return at
}

// walk goes through a query page by page and returns the ids of what it found.
func (o *opened) walk(q storage.Query, between func(storage.Page)) []string {
	o.t.Helper()
	ids := []string{}
	for {
		page := o.query(q)
		ids = append(ids, idsOf(page.Documents)...)
		if len(page.Documents) == 0 {
			return ids
		}
		require.Less(o.t, len(ids), 10_000, "it goes in circles: %s", describeQuery(q))
		q.After = positionOf(q.Sort, page.Documents[len(page.Documents)-1])
		between(page)
	}
}

// requireWalks asserts that a query finds the same by positions, forwards and
// backwards, as in one page.
func requireWalks(t *testing.T, o *opened, q storage.Query) {
	t.Helper()
	all := o.query(q).Documents
	want := idsOf(all)
	q.Limit, q.Total = 4, true
	require.Equal(t, want, o.walk(q, func(page storage.Page) {
		require.Equal(t, len(want), page.Total, describeQuery(q))
	}), describeQuery(q))
	for i := 0; i < len(all); i += 1 + len(all)/6 {
		requireAround(t, o, q, all, i)
	}
}

// requireAround asserts what is behind a document, and what is before it.
func requireAround(t *testing.T, o *opened, q storage.Query, all []*storage.Document, i int) {
	t.Helper()
	q.After = positionOf(q.Sort, all[i])
	rest := idsOf(all[i+1:])
	for _, window := range [][2]int{{0, everything}, {1, 0}, {2, 3}, {len(rest), 1}} {
		q.Offset, q.Limit, q.Total = window[0], window[1], !q.Total
		page := o.query(q)
		require.Equal(t, rest[min(q.Offset, len(rest)):min(q.Offset+q.Limit, len(rest))], idsOf(page.Documents), describeQuery(q))
		if q.Total {
			require.Equal(t, len(all), page.Total, describeQuery(q))
		}
	}
	q.Offset, q.Limit, q.Sort = 0, 3, reversal(q.Sort)
	require.Equal(t, reversed(idsOf(all[max(0, i-3):i])), idsOf(o.query(q).Documents), describeQuery(q))
}

// reversal is the same order from its end.
func reversal(by *storage.Sort) *storage.Sort {
	if by == nil {
		return &storage.Sort{Descending: true}
	}
	back := *by
	back.Descending = !by.Descending
	return &back
}

// requirePositions asserts what is behind positions at which no document is.
func requirePositions(t *testing.T, o *opened, by order) {
	t.Helper()
	keys := []string{string(Number(0)), string(Number(1)), "80", "t"}
	ordinals := []uint64{0, 20, math.MaxUint32, math.MaxUint64}
	for _, descending := range []bool{false, true} {
		q := storage.Query{Type: Person, Sort: by.sort(descending), Limit: everything}
		all := o.query(q).Documents
		for i, key := range append(keys, probes()...) {
			requireBehind(t, o, q, all, storage.Position{Key: []byte(key), Ordinal: ordinals[i%4]})
		}
		for _, ordinal := range ordinals {
			requireBehind(t, o, q, all, storage.Position{Ordinal: ordinal})
		}
	}
}

// requireBehind asserts what of all that a query finds is behind a position.
func requireBehind(t *testing.T, o *opened, q storage.Query, all []*storage.Document, at storage.Position) {
	t.Helper()
	q.After = &at
	behind := slices.DeleteFunc(slices.Clone(all), func(d *storage.Document) bool { return !isBehind(q, d) })
	require.Equal(t, idsOf(behind), idsOf(o.query(q).Documents), describeQuery(q))
}

// isBehind is what [storage.Query] says of its position.
func isBehind(q storage.Query, d *storage.Document) bool {
	at, after := *positionOf(q.Sort, d), *q.After
	if q.Sort == nil || q.Sort.Key == nil {
		after.Key = nil
	}
	order := cmp.Or(
		cmp.Compare(missing(at.Key), missing(after.Key)), bytes.Compare(at.Key, after.Key), cmp.Compare(at.Ordinal, after.Ordinal),
	)
	if q.Sort != nil && q.Sort.Descending {
		return order < 0
	}
	return order > 0
}

// requireSteady walks while documents come, go and change, always that of the
// position among them: each of the others is found once and in its place.
func requireSteady(t *testing.T, o *opened, q storage.Query) {
	t.Helper()
	whole := q
	whole.Limit = everything
	before := idsOf(o.query(whole).Documents)
	touched := map[string]bool{}
	step := 0
	found := o.walk(q, func(page storage.Page) {
		if step++; step > len(before) {
			return
		}
		o.apply(disturbance(step, page, before, touched))
	})
	isTouched := func(id string) bool { return touched[id] }
	require.Equal(t, slices.DeleteFunc(before, isTouched), slices.DeleteFunc(found, isTouched), describeQuery(q))
}

// disturbance deletes the last document of a page or moves it elsewhere, deletes
// one that may be ahead, and creates one.
func disturbance(step int, page storage.Page, before []string, touched map[string]bool) storage.Batch {
	last := page.Documents[len(page.Documents)-1].ID
	ahead, fresh := before[step*11%len(before)], fmt.Sprintf("fresh %d", step)
	elsewhere := *bodyOf(&everyValue()[step*13%40].Document)
	b := storage.Batch{Puts: []storage.Put{put(fresh, elsewhere)}}
	if step%2 == 0 {
		b.Puts = append(b.Puts, put(last, elsewhere))
	} else {
		b.Deletes = append(b.Deletes, storage.Delete{ID: last})
	}
	if !touched[ahead] && ahead != last {
		b.Deletes = append(b.Deletes, storage.Delete{ID: ahead})
	}
	touched[last], touched[ahead], touched[fresh] = true, true, true
	return b
}
