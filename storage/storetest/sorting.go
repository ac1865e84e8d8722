package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Sorting: order, pages and totals.
func Sorting(t *testing.T, e Engine) {
	o := e.open(t)
	people := crowd()
	o.apply(people.batch())
	for _, a := range []Attribute{Name(Person), Tags(Person), Age(Person), Nick(Person), Labels(Person), Note(Person), ID(Person)} {
		for _, descending := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %t", a.Name, descending), func(t *testing.T) {
				o := o.within(t)
				want := people.sorted(a, descending)
				requirePages(t, o, storage.Query{Sort: a.Sort(descending)}, want)
				without := a.Sort(descending)
				without.Index = ""
				requirePages(t, o, storage.Query{Sort: without}, want)
				requireFiltered(t, o, people, a, descending)
			})
		}
	}
	t.Run("by creation", func(t *testing.T) {
		o, all := o.within(t), people.ids(func(*storage.Document) bool { return true })
		requirePages(t, o, storage.Query{}, all)
		requirePages(t, o, storage.Query{Sort: &storage.Sort{}}, all)
		requirePages(t, o, storage.Query{Sort: &storage.Sort{Descending: true}}, reversed(all))
	})
}

// crowd returns every value, and some again so that there are ties; their ids
// do not follow the order of creation.
func crowd() population {
	values := everyValue()
	var p population
	for i, x := range append(values, values[:16]...) {
		b := *bodyOf(&x.Document)
		if i%4 != 3 {
			age := int64(i%5) - 2
			b.Age = &age
		}
		p = append(p, put(fmt.Sprintf("%x", i*37%256), b))
	}
	return p
}

// requirePages asserts pages of all sizes and places, and their totals.
func requirePages(t *testing.T, o *opened, q storage.Query, want []string) {
	t.Helper()
	n := len(want)
	for _, window := range [][2]int{{0, everything}, {0, 1}, {0, 10}, {5, 10}, {n / 2, 7}, {n - 1, 10}, {n, 10}, {everything, 1}, {3, 0}} {
		q.Offset, q.Limit = window[0], window[1]
		for _, total := range []bool{false, true} {
			q.Total = total
			requirePage(t, o, q, want)
		}
	}
}

// requirePage asserts one page of a result.
func requirePage(t *testing.T, o *opened, q storage.Query, want []string) {
	t.Helper()
	q.Type = Person
	from := min(max(q.Offset, 0), len(want))
	page := o.query(q)
	require.Equal(t, append([]string{}, want[from:min(from+q.Limit, len(want))]...), idsOf(page.Documents), describeQuery(q))
	if q.Total {
		require.Equal(t, len(want), page.Total, describeQuery(q))
	} else {
		require.Equal(t, -1, page.Total, describeQuery(q))
	}
}

// requireFiltered asserts sorted pages of what some conditions find.
func requireFiltered(t *testing.T, o *opened, people population, a Attribute, descending bool) {
	t.Helper()
	for _, where := range []Attribute{Name(Person), Tags(Person), Note(Person)} {
		var found population
		for _, p := range people {
			values, _ := where.Extract(&p.Document)
			if satisfies(values, storage.Prefix, []byte("a")) {
				found = append(found, p)
			}
		}
		want := found.sorted(a, descending)
		q := storage.Query{Where: where.Leaf(storage.Prefix, []byte("a")), Sort: a.Sort(descending), Total: true}
		for _, window := range [][2]int{{0, everything}, {0, 3}, {2, 3}, {len(want), 5}} {
			q.Offset, q.Limit = window[0], window[1]
			requirePage(t, o, q, want)
		}
	}
}
