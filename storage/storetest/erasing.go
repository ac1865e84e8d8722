package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Erasing: of an account that is erased, the log is left and nothing else.
func Erasing(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"only the log is left":     testErase,
		"an account begins anew":   testEraseAnew,
		"very much":                testEraseMuch,
		"while others write":       testEraseRace,
		"what cannot be erased":    testEraseRefused,
		"a log that was trimmed":   testEraseTrimmed,
		"what was never there":     testEraseNothing,
		"edges that are going yet": testEraseEdges,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func (o *opened) erase() {
	o.t.Helper()
	require.NoError(o.t, o.Erase(background, o.account))
}

// requireErased asserts that of a state only the log is left.
func (o *opened) requireErased(before state) {
	o.t.Helper()
	want := o.in("never written to").state(known())
	want.Events, want.Head, want.Histories = before.Events, before.Head, before.Histories
	require.Equal(o.t, want, o.state(known()))
	require.False(o.t, o.applied("eventful"))
	require.Empty(o.t, o.find(Name(Person).Present()))
}

func testErase(t *testing.T, o *opened) {
	for _, a := range []*opened{o, o.in("acme2")} {
		a.apply(before())
		a.apply(eventful())
	}
	full := o.state(known())
	for range 2 {
		o.erase()
		o.requireErased(full)
		o.requireChained(0, nil)
		require.Equal(t, full, o.in("acme2").state(known()))
		require.True(t, o.in("acme2").applied("eventful"))
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
	}
}

// testEraseAnew: every name and value is free again, and the log goes on.
func testEraseAnew(t *testing.T, o *opened) {
	o.apply(before())
	o.apply(eventful())
	full := o.state(known())
	o.erase()
	o.apply(before())
	receipt := o.apply(eventful())
	require.EqualValues(t, 2, receipt.Sequence)
	again := o.state(known())
	require.Equal(t, append(full.Events, entry{2, noon, "changed", "g", "joined"}), again.Events)
	o.requireChained(0, nil)
	again.Events, again.Head, again.Histories = full.Events, full.Head, full.Histories
	require.Equal(t, full, again)
}

// testEraseMuch: more than an engine removes in one step, and a second time
// while it may still be at it.
func testEraseMuch(t *testing.T, o *opened) {
	for round := range 2 {
		for part := range 3 {
			var people population
			for i := range 1_500 {
				people = append(people, put(fmt.Sprintf("p%d-%d", part, i), Body{Name: fmt.Appendf(nil, "n%d", i), Tags: [][]byte{[]byte("x")}}))
			}
			o.apply(people.batch())
		}
		o.apply(logging("p0-0"))
		require.Len(t, o.find(Tags(Person).Is("x")), 4_500)
		o.erase()
		require.Empty(t, o.find(nil))
		require.Empty(t, o.find(Tags(Person).Is("x")))
		require.Len(t, o.events(), round+1)
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
	}
}

// testEraseRace: a batch is erased with all that follows from it, or not at all,
// and one of another account never.
func testEraseRace(t *testing.T, o *opened) {
	other := o.in("acme2")
	repeatedly(t, func(w, i int) error {
		if w == 0 {
			return o.Erase(background, o.account)
		}
		b := logging("a")
		id := fmt.Sprintf("p%d-%d", w, i)
		b.ID = id
		b.Puts = []storage.Put{claiming(id, id)}
		b.Edges = []storage.EdgeChange{{Add: edges("g", id)}}
		if err := o.try(b); err != nil {
			return err
		}
		return other.try(b)
	})
	const written = (writers - 1) * steps
	require.Len(t, o.events(), written)
	require.Len(t, other.find(nil), written)
	left := o.find(nil)
	require.ElementsMatch(t, left, o.others("member", storage.Outbound, "g"))
	for w := 1; w < writers; w++ {
		for i := range steps {
			id := fmt.Sprintf("p%d-%d", w, i)
			require.Equal(t, o.has(id), o.applied(id))
			require.Equal(t, o.has(id), o.owner("name", id) == id)
		}
	}
}

func testEraseRefused(t *testing.T, o *opened) {
	system := o.in(storage.System)
	o.apply(before())
	system.apply(before())
	want := o.state(known())
	ended, end := context.WithCancel(background)
	end()
	require.ErrorIs(t, o.Erase(background, storage.System), storage.ErrSystem)
	require.ErrorIs(t, o.Erase(ended, o.account), context.Canceled)
	require.ErrorContains(t, o.Erase(background, ""), "account")
	require.Equal(t, want, o.state(known()))
	require.Equal(t, want, system.state(known()))
	require.NoError(t, o.Close())
	require.ErrorIs(t, o.Erase(background, o.account), storage.ErrClosed)
}

func testEraseTrimmed(t *testing.T, o *opened) {
	o.apply(before())
	o.apply(logging("a", "b", "c"))
	log := o.events()
	o.trim(2)
	o.erase()
	require.Equal(t, log[2:], o.events())
	o.requireChained(2, log[1].Hash)
	o.trim(3)
	o.erase()
	require.EqualValues(t, 4, o.apply(logging("a")).Sequence)
	o.requireChained(3, log[2].Hash)
}

func testEraseNothing(t *testing.T, o *opened) {
	o.erase()
	requireEmpty(t, o)
	o.apply(puts("a"))
	o.in("acme2").erase()
	require.True(t, o.has("a"))
}

// testEraseEdges: what is left to be removed of a document's edges does not
// remove those of one that takes its id.
func testEraseEdges(t *testing.T, o *opened) {
	var members []string
	for i := range 2_000 {
		members = append(members, fmt.Sprintf("u%04d", i))
	}
	for range 2 {
		o.apply(puts("g"))
		o.apply(add(edges("g", members...)...))
		o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "g"}}})
		o.apply(puts("g"))
		o.apply(add(edges("g", members[:3]...)...))
		o.erase()
		o.apply(puts("g"))
		o.apply(add(edges("g", members[1:3]...)...))
		require.Equal(t, members[1:3], o.others("member", storage.Outbound, "g"))
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
		require.Equal(t, members[1:3], o.others("member", storage.Outbound, "g"))
		o.erase()
	}
}
