package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Erasing: of an account that is erased, the log is left and nothing else.
func Erasing(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"only the log is left":     testErase,
		"it is final":              testEraseIsFinal,
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

// testEraseIsFinal: whatever a batch says, it changes nothing of the account any
// more, and the log ends where it did.
func testEraseIsFinal(t *testing.T, o *opened) {
	for _, a := range []*opened{o, o.in("acme2")} {
		a.apply(before())
		a.apply(eventful())
	}
	full := o.state(known())
	o.erase()
	for range 2 {
		for name, batch := range map[string]storage.Batch{
			"as at first":        before(),
			"with all effects":   eventful(),
			"a document":         puts("new"),
			"an event":           logging("a"),
			"an edge":            add(edges("g", "a")...),
			"nothing":            {},
			"a remembered one":   {ID: "eventful"},
			"a deletion":         {Deletes: []storage.Delete{{ID: "a"}}},
			"a message":          {Enqueue: []storage.Message{{Queue: "mail", ID: "m", Due: noon}}},
			"a counter":          {Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "n", Delta: 1}}}},
			"a guard that fails": {Guards: []storage.Guard{storage.Exists{ID: "a"}}},
		} {
			require.ErrorIs(t, o.try(batch), storage.ErrErased, name)
		}
		require.ErrorContains(t, o.try(storage.Batch{Puts: []storage.Put{{}}}), "id", "what is no batch is said first")
		o.requireErased(full)
		o.requireChained(0, nil)
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
	}
	o.in("acme2").apply(puts("new"))
	o.trim(1)
	require.Empty(t, o.events())
	sequence, hash := o.head()
	require.Equal(t, full.Head, fmt.Sprintf("%d %x", sequence, hash))
	require.ErrorIs(t, o.try(logging("a")), storage.ErrErased)
}

// testEraseMuch: more than an engine removes in one step, of several accounts,
// while it may still be at it.
func testEraseMuch(t *testing.T, o *opened) {
	for _, account := range []storage.Account{"acme", "acme2"} {
		o.account = account
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
		require.Len(t, o.events(), 1)
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
	}
}

// testEraseRace: of what others write meanwhile nothing is left but the events of
// those batches that were not refused; of another account nothing goes.
func testEraseRace(t *testing.T, o *opened) {
	other := o.in("acme2")
	var written atomic.Int64
	repeatedly(t, func(w, i int) error {
		if w == 0 {
			if i < steps/2 {
				return nil
			}
			return o.Erase(background, o.account)
		}
		b := logging("a")
		id := fmt.Sprintf("p%d-%d", w, i)
		b.ID = id
		b.Puts = []storage.Put{claiming(id, id)}
		b.Edges = []storage.EdgeChange{{Add: edges("g", id)}}
		b.Enqueue = []storage.Message{{Queue: "mail", ID: id, Due: noon}}
		switch err := o.try(b); {
		case err == nil:
			written.Add(1)
		case !errors.Is(err, storage.ErrErased):
			return err
		}
		return other.try(b)
	})
	require.Len(t, o.events(), int(written.Load()))
	o.requireChained(0, nil)
	require.Len(t, other.find(nil), (writers-1)*steps)
	require.Empty(t, o.find(nil))
	require.Empty(t, o.others("member", storage.Outbound, "g"))
	require.Empty(t, o.due("mail", 0, 1))
	for w := 1; w < writers; w++ {
		for i := range steps {
			id := fmt.Sprintf("p%d-%d", w, i)
			require.False(t, o.applied(id))
			require.Empty(t, o.owner("name", id))
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
	require.Empty(t, o.events())
	sequence, hash := o.head()
	require.EqualValues(t, 3, sequence)
	require.Equal(t, log[2].Hash, hash)
}

// testEraseNothing: an account that was never written to never will be.
func testEraseNothing(t *testing.T, o *opened) {
	o.erase()
	requireEmpty(t, o)
	require.ErrorIs(t, o.try(puts("a")), storage.ErrErased)
	requireEmpty(t, o)
	o.in("acme2").apply(puts("a"))
	o.in("acme3").erase()
	require.True(t, o.in("acme2").has("a"))
}

// testEraseEdges: an account may go while edges of a document that went before are
// still being removed.
func testEraseEdges(t *testing.T, o *opened) {
	var members []string
	for i := range 2_000 {
		members = append(members, fmt.Sprintf("u%04d", i))
	}
	for _, account := range []storage.Account{"acme", "acme2"} {
		o.account = account
		o.apply(puts("g"))
		o.apply(add(edges("g", members...)...))
		o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "g"}}})
		o.apply(puts("g"))
		o.apply(add(edges("g", members[:3]...)...))
		o.erase()
		require.Empty(t, o.others("member", storage.Outbound, "g"))
		if o.engine.Persistent {
			o.reopen(Catalogue())
		}
		require.Empty(t, o.others("member", storage.Outbound, "g"))
	}
}
