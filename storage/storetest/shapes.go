package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Shapes: batches that no state could take are refused, and change nothing.
func Shapes(t *testing.T, e Engine) {
	long := strings.Repeat("i", 65)
	cases := map[string]storage.Batch{
		"put of an empty id":         puts(""),
		"put of a long id":           puts(long),
		"put of a huge id":           puts(strings.Repeat("i", 100_000)),
		"put twice":                  puts("n", "n"),
		"delete twice":               {Deletes: []storage.Delete{{ID: "a"}, {ID: "a"}}},
		"touch twice":                {Effects: storage.Effects{Touches: append(touch("a", "x").Touches, touch("a", "y").Touches...)}},
		"put and delete":             {Puts: puts("a").Puts, Deletes: []storage.Delete{{ID: "a"}}},
		"put and touch":              {Puts: puts("a").Puts, Effects: touch("a", "x")},
		"delete and touch":           {Deletes: []storage.Delete{{ID: "a"}}, Effects: touch("a", "x")},
		"a long version":             {Effects: touch("a", strings.Repeat("v", 65))},
		"an edge from an empty id":   add(edges("", "a")...),
		"an edge to an empty id":     add(edges("a", "")...),
		"an edge from a long id":     add(edges(long, "a")...),
		"an edge to a long id":       add(edges("a", long)...),
		"a long name of a side":      {Sides: []storage.Side{{ID: "a", Name: strings.Repeat("n", 257), Data: []byte{1}}}},
		"a side of an absent id":     {Sides: []storage.Side{{ID: "absent", Name: "n", Data: []byte{1}}}},
		"a delete of an absent id":   {Deletes: []storage.Delete{{ID: "absent"}}},
		"a touch of an absent id":    {Effects: touch("absent", "v")},
		"a fired touch of an absent": {Edges: []storage.EdgeChange{{Add: edges("a", "z"), IfChanged: touch("absent", "v")}}},
	}
	o := e.open(t)
	o.apply(puts("a", "b"))
	before := recordOf(o.get("a"))
	for name, batch := range cases {
		t.Run(name, func(t *testing.T) {
			o := o.within(t)
			batch.ID = name
			batch.Puts = append(batch.Puts, put("c", named("c")))
			batch.Counters = []storage.CounterStep{{Name: "n", Delta: 1}}
			_, err := o.Apply(background, o.account, batch)
			require.Error(t, err)
			require.NotErrorIs(t, err, storage.ErrConflict)
			requireUnapplied(t, o, name)
		})
	}
	require.Equal(t, before, recordOf(o.get("a")))
	require.Equal(t, []string{"a", "b"}, o.find(nil))
	require.Empty(t, o.others("member", storage.Outbound, "a"))
	require.Zero(t, o.counter("n"))
}

func requireUnapplied(t *testing.T, o *opened, id string) {
	applied, err := o.Applied(background, o.account, id)
	require.NoError(t, err)
	require.False(t, applied)
}
