package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Counters: stepped and bounded.
func Counters(t *testing.T, e Engine) {
	o := e.open(t)
	step := func(deltas ...int64) storage.Batch {
		var b storage.Batch
		for _, d := range deltas {
			b.Counters = append(b.Counters, storage.CounterStep{Name: "seats", Delta: d})
		}
		return b
	}
	bounded := func(b storage.Batch, low, high int64) storage.Batch {
		b.Guards = []storage.Guard{storage.CounterWithin{Name: "seats", Min: low, Max: high}}
		return b
	}
	o.apply(step(3, -1))
	require.EqualValues(t, 2, o.counter("seats"))
	o.apply(step(-5))
	require.EqualValues(t, -3, o.counter("seats"), "below 0 unless a guard forbids it")
	o.apply(bounded(step(3), 0, 1))
	require.EqualValues(t, 0, o.counter("seats"), "the bounds are those after the batch")
	require.Equal(t, storage.CounterWithin{Name: "seats", Min: 0, Max: 1}, o.conflict(bounded(step(2), 0, 1)))
	require.Equal(t, storage.CounterWithin{Name: "seats", Min: 0, Max: 1}, o.conflict(bounded(step(-1), 0, 1)))
	require.EqualValues(t, 0, o.counter("seats"))
	o.apply(bounded(step(2, -1), 0, 1))
	require.EqualValues(t, 1, o.counter("seats"))
	require.Zero(t, o.counter("seat"))
	require.Zero(t, o.counter("seats\x00"))
	t.Run("conditional steps", func(t *testing.T) { testConditionalSteps(t, o.within(t)) })
}

// testConditionalSteps: bounds see the steps of effects that fired.
func testConditionalSteps(t *testing.T, o *opened) {
	join := func(user string) storage.Batch {
		return storage.Batch{
			Guards: []storage.Guard{storage.CounterWithin{Name: "members", Min: 0, Max: 2}},
			Edges: []storage.EdgeChange{{
				Add:       edges("g", user),
				IfChanged: storage.Effects{Counters: []storage.CounterStep{{Name: "members", Delta: 1}}},
			}},
		}
	}
	o.apply(join("a"))
	o.apply(join("b"))
	o.apply(join("b"))
	o.conflict(join("c"))
	require.EqualValues(t, 2, o.counter("members"))
	require.Equal(t, []string{"a", "b"}, o.others("member", storage.Outbound, "g"))
	o.apply(join("a"))
}
