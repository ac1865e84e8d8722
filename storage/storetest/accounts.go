package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Accounts: nothing of one is seen, guarded or taken in another.
func Accounts(t *testing.T, e Engine) {
	o := e.open(t)
	accounts := []storage.Account{"acme", "acm", "acme2", "ACME", "acme/x", "acme\x00", storage.System}
	for i, name := range accounts {
		o.in(name).apply(crossing(i))
	}
	for i, name := range accounts {
		a := o.in(name)
		require.Equal(t, string(crossing(i).Puts[0].Body), string(a.get("a").Body))
		require.Equal(t, []string{"a"}, a.find(nil))
		require.Equal(t, []string{"a"}, a.find(Name(Person).Is(initials[i])))
		require.Empty(t, a.find(Name(Person).Is(initials[i+1])))
		require.Equal(t, "a", a.owner("name", "shared"))
		require.Equal(t, []string{initials[i]}, a.others("member", storage.Outbound, "a"))
		require.Equal(t, initials[i], a.side("a", "s"))
		require.EqualValues(t, i+1, a.counter("n"))
		require.Len(t, a.events(), 1)
		require.Equal(t, []string{initials[i]}, a.due("q", 0, 10))
	}
	o.in("acme").apply(storage.Batch{Deletes: []storage.Delete{{ID: "a"}}})
	for _, name := range accounts[1:] {
		require.True(t, o.in(name).has("a"))
		require.Equal(t, "a", o.in(name).owner("name", "shared"))
	}
	requireEmpty(t, o.in("never written to"))
}

// initials are letters, to tell accounts apart.
var initials = [...]string{"a", "b", "c", "d", "e", "f", "g", "h"}

// crossing returns a batch with the same keys in each account, and values of
// its own.
func crossing(i int) storage.Batch {
	own := initials[i]
	p := put("a", named(own))
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("shared")}}
	return storage.Batch{
		ID:      "batch",
		Guards:  []storage.Guard{storage.Absent{ID: "a"}, storage.CounterWithin{Name: "n", Min: int64(i) + 1, Max: int64(i) + 1}},
		Puts:    []storage.Put{p},
		Edges:   []storage.EdgeChange{{Add: edges("a", own)}},
		Sides:   []storage.Side{{ID: "a", Name: "s", Data: []byte(own)}},
		Enqueue: []storage.Message{{Queue: "q", ID: own, Due: noon}},
		Effects: storage.Effects{
			Counters: []storage.CounterStep{{Name: "n", Delta: int64(i) + 1}},
			Events:   []storage.Event{{Type: own, Time: noon}},
		},
	}
}

func requireEmpty(t *testing.T, o *opened) {
	require.False(t, o.has("a"))
	require.Empty(t, o.find(nil))
	require.Empty(t, o.owner("name", "shared"))
	require.Empty(t, o.events())
	require.Empty(t, o.due("q", 0, 10))
	require.Empty(t, o.sides("a", "", "", 0))
	requireUnapplied(t, o, "batch")
}
