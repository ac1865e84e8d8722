package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Reopening: what a persistent engine keeps, and how it takes another
// catalogue of indexes. Others have nothing to show here.
func Reopening(t *testing.T, e Engine) {
	if !e.Persistent {
		return
	}
	for name, test := range map[string]func(*testing.T, Engine){
		"everything is kept":           testKept,
		"very many edges stay away":    testKeptAway,
		"an index is added":            testIndexAdded,
		"an index has another form":    testIndexForm,
		"an index is dropped and back": testIndexBack,
		"the store is closed meanwhile": func(t *testing.T, e Engine) {
			testBuilding(t, e, func(o *opened) { o.reopen(Catalogue()) })
		},
		"documents change meanwhile": func(t *testing.T, e Engine) { testBuilding(t, e, func(*opened) {}) },
	} {
		t.Run(name, func(t *testing.T) { test(t, e) })
	}
}

func testKept(t *testing.T, e Engine) {
	o := e.open(t)
	o.apply(before())
	o.apply(eventful())
	want := o.state(known())
	ordinal := o.get("d").Ordinal
	for range 3 {
		o.reopen(Catalogue())
		require.Equal(t, want, o.state(known()))
		require.True(t, o.applied("eventful"))
		require.False(t, o.applied("absent"))
	}
	o.conflict(batchOf(claiming("z", "bob")))
	receipt := o.apply(storage.Batch{
		Puts:    []storage.Put{claiming("z", "zoe")},
		Effects: storage.Effects{Events: []storage.Event{{Type: "later", Time: noon}}},
	})
	require.EqualValues(t, 2, receipt.Sequence)
	require.Equal(t, ordinal+1, o.get("z").Ordinal)
}

func testKeptAway(t *testing.T, e Engine) {
	o := e.open(t)
	var members []string
	for i := range 3_000 {
		members = append(members, fmt.Sprintf("u%04d", i))
	}
	o.apply(puts("g", "u0000"))
	o.apply(add(edges("g", members...)...))
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "g"}}})
	for range 2 {
		o.reopen(Catalogue())
		requireNoMembers(t, o, members)
	}
	o.apply(puts("g"))
	o.apply(add(edges("g", members[5])...))
	o.reopen(Catalogue())
	require.Equal(t, []string{members[5]}, o.others("member", storage.Outbound, "g"))
	require.Equal(t, []string{"g"}, o.others("member", storage.Inbound, members[5]))
	require.Empty(t, o.others("member", storage.Inbound, members[6]))
}

// requireAnswers asserts a few conditions and orders on indexed attributes.
func (o *opened) requireAnswers(t *testing.T, people population, attributes ...Attribute) {
	t.Helper()
	for _, a := range attributes {
		for _, v := range []string{"", "a", "ab", "\xff", "x"} {
			for _, op := range []storage.Op{storage.Equal, storage.Prefix, storage.Greater, storage.Contains} {
				o.requireFound(t, people, a, op, []byte(v))
			}
		}
		o.requireFound(t, people, a, storage.Present, nil)
		for _, descending := range []bool{false, true} {
			page := o.query(storage.Query{Type: Person, Sort: a.Sort(descending), Limit: everything})
			require.Equal(t, people.sorted(a, descending), idsOf(page.Documents))
		}
	}
}

func testIndexAdded(t *testing.T, e Engine) {
	o := e.openWith(t, Indexes(Name(Person)))
	people := everyValue()
	o.apply(people.batch())
	unindexed := Tags(Person)
	unindexed.Indexed = false
	o.requireAnswers(t, people, Name(Person), unindexed)
	o.reopen(Catalogue())
	o.requireAnswers(t, people, Name(Person), Tags(Person), Age(Person))
	people = append(people, put("new", Body{Name: []byte("ab"), Tags: [][]byte{[]byte("ab")}}))
	o.apply(people[len(people)-1:].batch())
	o.requireAnswers(t, people, Name(Person), Tags(Person))
	o.reopen(Catalogue())
	o.requireAnswers(t, people, Name(Person), Tags(Person))
}

func testIndexForm(t *testing.T, e Engine) {
	o := e.openWith(t, Indexes(Name(Person)))
	people := append(everyValue(), put("upper", named("AB")), put("mixed", named("aB")))
	o.apply(people.batch())
	o.requireAnswers(t, people, Name(Person))
	o.reopen(Indexes(FoldedName(Person)))
	o.requireAnswers(t, people, FoldedName(Person))
	people[0] = put(people[0].ID, named("Ab"))
	o.apply(people[:1].batch())
	o.requireAnswers(t, people, FoldedName(Person))
	o.reopen(Indexes(Name(Person)))
	o.requireAnswers(t, people, Name(Person))
}

// testIndexBack: nothing that was written while the index was away is lost or
// too much.
func testIndexBack(t *testing.T, e Engine) {
	o := e.open(t)
	people := everyValue()
	o.apply(people.batch())
	o.reopen(Indexes(Age(Person)))
	for i := range people {
		if i%2 == 0 {
			people[i] = put(people[i].ID, Body{Name: []byte("ab"), Tags: [][]byte{[]byte("a")}})
		}
	}
	o.apply(people.batch())
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: people[len(people)-1].ID}}})
	people = people[:len(people)-1]
	o.reopen(Catalogue())
	o.requireAnswers(t, people, Name(Person), Tags(Person))
}

// testBuilding: an index is built over many documents while they change;
// answers are right at all times.
func testBuilding(t *testing.T, e Engine, interrupt func(*opened)) {
	const many = 1_500
	o := e.openWith(t, nil)
	var people population
	for i := range many {
		people = append(people, put(fmt.Sprintf("p%04d", i), Body{Name: fmt.Appendf(nil, "n%d", i%10), Tags: [][]byte{[]byte("old")}}))
	}
	o.apply(people.batch())
	o.reopen(Catalogue())
	for step := range 20 {
		var changed population
		for i := step; i < many; i += 100 {
			people[i] = put(people[i].ID, Body{Name: fmt.Appendf(nil, "n%d", (i+1)%10), Tags: [][]byte{[]byte("new")}})
			changed = append(changed, people[i])
		}
		o.apply(changed.batch())
		o.requireFound(t, people, Tags(Person), storage.Equal, []byte("old"))
		o.requireFound(t, people, Tags(Person), storage.Equal, []byte("new"))
		o.requireFound(t, people, Name(Person), storage.Equal, []byte("n3"))
		if step%7 == 3 {
			interrupt(o)
		}
	}
}
