package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Atomicity: all of a batch, or nothing of it, whatever fails in it.
func Atomicity(t *testing.T, e Engine) {
	o := e.open(t)
	o.apply(before())
	start := o.state(known())
	for name, spoil := range map[string]func(*storage.Batch){
		"a guard":             func(b *storage.Batch) { b.Guards = append(b.Guards, storage.Exists{ID: "absent"}) },
		"a claim":             func(b *storage.Batch) { b.Puts = append(b.Puts, claiming("z", "bob")) },
		"a bound":             func(b *storage.Batch) { b.Guards = append(b.Guards, storage.CounterWithin{Name: "n", Min: 0, Max: 2}) },
		"a touch":             func(b *storage.Batch) { b.Touches = append(b.Touches, touch("absent", "v").Touches...) },
		"a conditional touch": func(b *storage.Batch) { b.Edges[0].IfChanged.Touches = touch("absent", "v").Touches },
		"a delete":            func(b *storage.Batch) { b.Deletes = append(b.Deletes, storage.Delete{ID: "absent"}) },
		"a side record": func(b *storage.Batch) {
			b.Sides = append(b.Sides, storage.Side{ID: "absent", Name: "s", Data: []byte{1}})
		},
		"an id":                  func(b *storage.Batch) { b.Puts = append(b.Puts, put(strings.Repeat("i", 65), Body{})) },
		"an edge":                func(b *storage.Batch) { b.Edges = append(b.Edges, storage.EdgeChange{Add: edges("g", "")}) },
		"the name of a side":     func(b *storage.Batch) { b.Sides[0].Name = strings.Repeat("n", 257) },
		"a document named twice": func(b *storage.Batch) { b.Deletes = append(b.Deletes, storage.Delete{ID: "a"}) },
	} {
		t.Run(name, func(t *testing.T) {
			o := o.within(t)
			b := eventful()
			spoil(&b)
			_, err := o.Apply(background, o.account, b)
			require.Error(t, err)
			require.Equal(t, start, o.state(known()))
			requireUnapplied(t, o, b.ID)
		})
	}
	t.Run("nothing", func(t *testing.T) { testEventful(t, o.within(t)) })
}

// known is all that before and eventful name.
func known() names {
	return names{
		ids:        []string{"a", "b", "c", "d", "g", "h", "z"},
		types:      []string{Person, Team},
		kinds:      []string{"member"},
		attributes: []string{"name"},
		values:     []string{"ann", "bob", "cyd", "eve"},
		counters:   []string{"n"},
		queues:     []string{"mail"},
	}
}

func before() storage.Batch {
	return storage.Batch{
		Puts:    []storage.Put{claiming("a", "ann"), claiming("b", "bob"), claiming("c", "cyd"), putAs(Team, "g", named("g"))},
		Edges:   []storage.EdgeChange{{Add: edges("g", "a", "c")}},
		Sides:   []storage.Side{{ID: "a", Name: "s", Data: []byte("1")}},
		Enqueue: []storage.Message{message("m", 0)},
		Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "n", Delta: 1}}},
	}
}

// eventful returns a batch with something of everything.
func eventful() storage.Batch {
	moved := putAs(Team, "a", named("A"))
	moved.Claims = []storage.Claim{{Attribute: "name", Value: []byte("eve")}}
	return storage.Batch{
		ID:      "eventful",
		Guards:  []storage.Guard{storage.AtRevision{ID: "a", Revision: 1}, storage.Absent{ID: "d"}},
		Puts:    []storage.Put{moved, claiming("d", "cyd")},
		Deletes: []storage.Delete{{ID: "c", Neighbours: stamp("left")}},
		Edges:   []storage.EdgeChange{joining(edges("g", "d"), edges("g", "a"), "joined")},
		Sides:   []storage.Side{{ID: "a", Name: "s", Data: []byte("2")}, {ID: "d", Name: "s", Data: []byte("3")}},
		Enqueue: []storage.Message{message("n", time.Minute)},
		Dequeue: []storage.MessageID{{Queue: "mail", ID: "m"}},
		Effects: storage.Effects{
			Touches:  touch("b", "touched").Touches,
			Counters: []storage.CounterStep{{Name: "n", Delta: 2}},
		},
	}
}

// testEventful: unspoilt, the batch does everything.
func testEventful(t *testing.T, o *opened) {
	receipt := o.apply(eventful())
	require.Equal(t, storage.Receipt{Changed: []bool{true}, Sequence: 1}, receipt)
	applied, err := o.Applied(background, o.account, "eventful")
	require.NoError(t, err)
	require.True(t, applied)

	s := o.state(known())
	require.Equal(t, map[string][]string{Person: {"b", "d"}, Team: {"a", "g"}}, s.Lists)
	require.Equal(t, map[string]string{"name eve": "a", "name bob": "b", "name cyd": "d"}, s.Owners)
	require.Equal(t, map[string]string{"a s": "2", "d s": "3"}, s.Sides)
	require.Equal(t, []line{{"member", "g", "d", ""}}, s.Edges["member from g"])
	require.EqualValues(t, 3, s.Counters["n"])
	require.Equal(t, []entry{{1, noon, "changed", "g", "joined"}}, s.Events)
	require.Equal(t, []letter{{"mail", "n", noon.Add(time.Minute), "to n"}}, s.Messages["mail"])
	require.Equal(t, "touched", s.Documents["b"].Version)
	require.Contains(t, []string{"left", "joined"}, s.Documents["g"].Version)
}
