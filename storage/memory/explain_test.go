package memory_test

import (
	"testing"

	"roster/storage"
	"roster/storage/memory"
	"roster/storage/storetest"
)

func TestExplain(t *testing.T) {
	name, tags := storetest.Name(storetest.Person), storetest.Tags(storetest.Person)
	member := &storage.Related{Kind: "member", Direction: storage.Inbound, ID: "g", Text: "Person:teams eq"}
	storetest.Plans(t, memory.New(storetest.Catalogue()), "acme", []storetest.Plan{
		{Name: "all", Want: `scan Person`},
		{Name: "a tree", Query: storage.Query{
			Where: storage.And{name.Is("a"), storage.Or{storage.Not{Node: tags.Present()}, member}},
		}, Want: `
			scan Person
			check (Person:name eq and (not Person:tags pr or Person:teams eq))`},
		{Name: "an order", Query: storage.Query{Type: storetest.Team, Sort: name.Sort(true)}, Want: `
			scan Team
			sort by Person:name descending`},
		{Name: "an order of no index", Query: storage.Query{Sort: storetest.Note(storetest.Person).Sort(false)}, Want: `
			scan Person
			sort by a value of the document`},
		{Name: "backwards", Query: storage.Query{Sort: &storage.Sort{Descending: true}, After: &storage.Position{Ordinal: 7}}, Want: `
			scan Person
			sort by creation descending
			after a position`},
	})
}
