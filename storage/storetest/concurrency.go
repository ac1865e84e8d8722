package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Concurrency: many writers and readers at once.
func Concurrency(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"one wins a claim":              testClaimRace,
		"one creates an id":             testCreateRace,
		"one adds an edge":              testEdgeRace,
		"members are not lost":          testMembers,
		"a bound holds":                 testSeatRace,
		"edits are not lost":            testRetry,
		"the log is dense and in order": testLogRace,
		"readers see whole batches":     testWholeBatches,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

// Writers and the steps of each.
const (
	writers = 8
	steps   = 25
)

// together runs work in each writer at once and returns the errors, in the
// order of writers.
func together(work func(writer int) error) []error {
	errs := make([]error, writers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			<-start
			errs[w] = work(w)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// repeatedly is together, each writer taking all its steps, none of which may
// fail.
func repeatedly(t *testing.T, work func(writer, step int) error) {
	t.Helper()
	for _, err := range together(func(w int) error {
		for i := range steps {
			if err := work(w, i); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
}

// requireOneWinner asserts that all but one failed with a conflict.
func requireOneWinner(t *testing.T, errs []error) (winner int) {
	t.Helper()
	winner = slices.Index(errs, nil)
	for w, err := range errs {
		if w != winner {
			require.ErrorIs(t, err, storage.ErrConflict)
		}
	}
	require.GreaterOrEqual(t, winner, 0, "nobody won")
	return winner
}

func (o *opened) try(b storage.Batch) error {
	_, err := o.Apply(background, o.account, b)
	return err
}

func testClaimRace(t *testing.T, o *opened) {
	for round := range steps {
		value := fmt.Sprintf("value %d", round)
		id := func(w int) string { return fmt.Sprintf("p%d-%d", round, w) }
		winner := requireOneWinner(t, together(func(w int) error { return o.try(batchOf(claiming(id(w), value))) }))
		require.Equal(t, id(winner), o.owner("name", value))
		require.True(t, o.has(id(winner)))
	}
	require.Len(t, o.find(nil), steps)
}

func testCreateRace(t *testing.T, o *opened) {
	for round := range steps {
		id := fmt.Sprintf("p%d", round)
		winner := requireOneWinner(t, together(func(w int) error {
			return o.try(storage.Batch{Guards: []storage.Guard{storage.Absent{ID: id}}, Puts: []storage.Put{put(id, named(fmt.Sprint(w)))}})
		}))
		require.Equal(t, fmt.Sprint(winner), string(bodyOf(o.get(id)).Name))
		require.EqualValues(t, 1, o.get(id).Revision)
	}
}

func testEdgeRace(t *testing.T, o *opened) {
	o.apply(puts("g"))
	var changed atomic.Int64
	repeatedly(t, func(w, i int) error {
		receipt, err := o.Apply(background, o.account, storage.Batch{Edges: []storage.EdgeChange{
			joining(edges("g", fmt.Sprintf("u%02d", i)), nil, fmt.Sprintf("%d.%d", w, i)),
		}})
		if err == nil && receipt.Changed[0] {
			changed.Add(1)
		}
		return err
	})
	require.EqualValues(t, steps, changed.Load(), "each edge was new to one writer")
	require.EqualValues(t, steps, o.counter("changes"))
	require.Len(t, o.others("member", storage.Outbound, "g"), steps)
	require.Len(t, o.events(), steps)
}

// testMembers: writers that add and remove at one group do not disturb each
// other, nor somebody who edits its body.
func testMembers(t *testing.T, o *opened) {
	o.apply(puts("g"))
	revision := uint64(1)
	repeatedly(t, func(w, i int) error {
		if w == 0 {
			revision++ // of this writer alone
			return o.try(storage.Batch{
				Guards: []storage.Guard{storage.AtRevision{ID: "g", Revision: revision - 1}},
				Puts:   []storage.Put{put("g", named(fmt.Sprint(i)))},
			})
		}
		own := func(n int) []storage.Edge { return edges("g", fmt.Sprintf("u%d-%02d", w, n)) }
		return o.try(storage.Batch{Edges: []storage.EdgeChange{joining(own(i), own(i-5), fmt.Sprintf("%d.%d", w, i))}})
	})
	var want []string
	for w := 1; w < writers; w++ {
		for i := steps - 5; i < steps; i++ {
			want = append(want, fmt.Sprintf("u%d-%02d", w, i))
		}
	}
	require.Equal(t, want, o.others("member", storage.Outbound, "g"))
	require.EqualValues(t, steps+1, o.get("g").Revision)
	require.EqualValues(t, (writers-1)*steps, o.counter("changes"))
}

func testSeatRace(t *testing.T, o *opened) {
	const seats = 10
	var taken atomic.Int64
	repeatedly(t, func(w, i int) error {
		err := o.try(storage.Batch{
			Guards:  []storage.Guard{storage.CounterWithin{Name: "seats", Min: 0, Max: seats}},
			Puts:    []storage.Put{put(fmt.Sprintf("p%d-%d", w, i), Body{})},
			Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "seats", Delta: 1}}},
		})
		if errors.Is(err, storage.ErrConflict) {
			return nil
		}
		taken.Add(1)
		return err
	})
	require.EqualValues(t, seats, taken.Load())
	require.EqualValues(t, seats, o.counter("seats"))
	require.Len(t, o.find(nil), seats)
}

// testRetry: read, compute, apply, and again from the read on a conflict.
func testRetry(t *testing.T, o *opened) {
	zero := int64(0)
	o.apply(batchOf(put("n", Body{Age: &zero})))
	repeatedly(t, func(_, _ int) error {
		for {
			err := o.increment("n")
			if !errors.Is(err, storage.ErrConflict) {
				return err
			}
		}
	})
	require.EqualValues(t, writers*steps, *bodyOf(o.get("n")).Age)
	require.EqualValues(t, writers*steps+1, o.get("n").Revision)
	require.Equal(t, []string{"n"}, o.find(Age(Person).Leaf(storage.Equal, Number(writers*steps))))
}

// increment adds 1 to the age of a person, if nobody else changes it meanwhile.
func (o *opened) increment(id string) error {
	var d *storage.Document
	err := o.View(background, o.account, func(s storage.Snapshot) (err error) {
		d, err = s.Get(background, id)
		return err
	})
	if err != nil {
		return err
	}
	next := *bodyOf(d).Age + 1
	return o.try(storage.Batch{
		Guards: []storage.Guard{storage.AtRevision{ID: id, Revision: d.Revision}},
		Puts:   []storage.Put{put(id, Body{Age: &next})},
	})
}

func testLogRace(t *testing.T, o *opened) {
	var sequences sync.Map
	repeatedly(t, func(w, i int) error {
		receipt, err := o.Apply(background, o.account, storage.Batch{Effects: storage.Effects{Events: []storage.Event{
			{Type: fmt.Sprint(w), Subject: fmt.Sprint(i)},
		}}})
		if _, twice := sequences.LoadOrStore(receipt.Sequence, w); twice {
			return fmt.Errorf("sequence %d was given twice", receipt.Sequence)
		}
		return err
	})
	events := o.events()
	require.Len(t, events, writers*steps)
	next := map[string]int{}
	for i, e := range events {
		require.EqualValues(t, i+1, e.Sequence)
		require.Equal(t, fmt.Sprint(next[e.Type]), e.Subject, "a writer's events are in his order")
		w, _ := sequences.Load(e.Sequence)
		require.Equal(t, fmt.Sprint(w), e.Type)
		next[e.Type]++
	}
}

// testWholeBatches: two documents always change together.
func testWholeBatches(t *testing.T, o *opened) {
	both := func(n int64) storage.Batch {
		return batchOf(put("a", Body{Age: &n}), put("b", Body{Age: &n}))
	}
	o.apply(both(0))
	var done atomic.Bool
	errs := together(func(w int) error {
		if w == 0 {
			defer done.Store(true)
			for n := range int64(4 * steps) {
				if err := o.try(both(n)); err != nil {
					return err
				}
			}
			return nil
		}
		for !done.Load() {
			if err := o.View(background, o.account, seeEqualAges); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
}

func seeEqualAges(s storage.Snapshot) error {
	found, err := s.GetMany(background, []string{"a", "b"})
	if err != nil {
		return err
	}
	a, b := *bodyOf(found[0]).Age, *bodyOf(found[1]).Age
	page, err := s.Query(background, storage.Query{Type: Person, Where: Age(Person).Leaf(storage.Equal, Number(a)), Total: true})
	if err != nil {
		return err
	}
	if a != b || page.Total != 2 {
		return fmt.Errorf("a snapshot has %d and %d, and %d documents with the former", a, b, page.Total)
	}
	return nil
}
