package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Checks: the bound on documents that are read to decide. What an index surely
// decides needs none; what is in no index needs each document.
func Checks(t *testing.T, e Engine) {
	const many = 300
	o := e.open(t)
	var people population
	for i := range many {
		b := Body{Name: fmt.Appendf(nil, "n%03d", i), Note: []byte("n")}
		if i%100 == 50 {
			b.Tags = [][]byte{[]byte("rare")}
		}
		people = append(people, put(fmt.Sprintf("p%03d", i), b))
	}
	o.apply(people.batch())
	byNote := Note(Person).Sort(false)
	unindexed := Note(Person).Is("n")
	for name, q := range map[string]storage.Query{
		"a scan":               {Where: unindexed, Limit: 10, Total: true},
		"a scan of nothing":    {Where: Note(Person).Is("absent"), Limit: 10},
		"a scan for its total": {Where: unindexed, Total: true},
		"a sort":               {Sort: byNote, Limit: 10},
		"a scan and a sort":    {Where: unindexed, Sort: byNote, Limit: 10},
		"a sparse index":       {Sort: Nick(Person).Sort(false), Limit: 10},
	} {
		t.Run(name, func(t *testing.T) { requireBound(t, o.within(t), q, many) })
	}
	for name, q := range map[string]storage.Query{
		"a list":                 {Limit: 10, Total: true},
		"a list by an index":     {Sort: Name(Person).Sort(true), Limit: 10, Total: true},
		"a sparse leaf":          {Where: Labels(Person).Is("rare"), Limit: 10, Total: true},
		"what lacks a value":     {Where: storage.Not{Node: Labels(Person).Present()}, Limit: 10, Total: true},
		"and another one":        {Where: storage.Not{Node: Nick(Person).Is("n007")}, Limit: 10, Total: true},
		"an indexed leaf":        {Where: Name(Person).Is("n007"), Limit: 10, Total: true},
		"an indexed range":       {Where: Name(Person).Leaf(storage.Prefix, []byte("n")), Limit: 10, Total: true},
		"an indexed conjunction": {Where: storage.And{Tags(Person).Is("rare"), Name(Person).Present()}, Limit: 10, Total: true},
		"an indexed disjunction": {Where: storage.Or{Tags(Person).Is("rare"), Name(Person).Is("n007")}, Limit: 10, Total: true},
	} {
		t.Run(name, func(t *testing.T) { requireUnchecked(t, o.within(t), q) })
	}
	t.Run("behind a position", func(t *testing.T) {
		q := storage.Query{Where: unindexed, After: &storage.Position{Ordinal: o.get("p199").Ordinal}, Limit: everything}
		requireBound(t, o.within(t), q, many-200)
		q.Sort = Name(Person).Sort(true)
		q.After.Key = []byte("n199")
		requireBound(t, o.within(t), q, 199)
		q.Total = true
		requireBound(t, o.within(t), q, many)
	})
	t.Run("the index narrows", func(t *testing.T) {
		page := o.within(t).query(storage.Query{
			Type: Person, Where: storage.And{unindexed, Tags(Person).Is("rare")}, Limit: 10, Total: true, MaxChecks: many / 2,
		})
		require.Equal(t, []string{"p050", "p150", "p250"}, idsOf(page.Documents))
		require.LessOrEqual(t, page.Checked, many/2)
	})
}

// requireBound asserts that a query needs n documents read.
func requireBound(t *testing.T, o *opened, q storage.Query, n int) {
	q.Type = Person
	for _, enough := range []int{0, n, n + 1} {
		q.MaxChecks = enough
		require.Equal(t, n, o.query(q).Checked)
	}
	q.MaxChecks = n - 1
	o.view(func(s storage.Snapshot) {
		page, err := s.Query(background, q)
		require.ErrorIs(t, err, storage.ErrTooMany)
		require.Empty(t, page.Documents)
	})
}

func requireUnchecked(t *testing.T, o *opened, q storage.Query) {
	q.Type, q.MaxChecks = Person, 1
	page := o.query(q)
	require.NotEmpty(t, page.Documents)
	require.LessOrEqual(t, page.Checked, 1)
}
