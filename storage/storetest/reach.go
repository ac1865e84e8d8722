package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Reach: closures over edges.
func Reach(t *testing.T, e Engine) {
	o := e.open(t)
	// a -> b -> c -> a is a cycle; d hangs at b and c; e is beyond d.
	o.apply(add(append(edges("a", "b"), append(edges("b", "c", "d"), append(edges("c", "a", "d"), edges("d", "e", "d")...)...)...)...))
	o.apply(add(storage.Edge{Kind: "manager", From: "e", To: "f"}))
	for name, c := range map[string]struct {
		dir  storage.Direction
		id   string
		want map[string]int
	}{
		"a cycle":        {storage.Outbound, "a", map[string]int{"b": 1, "c": 2, "d": 2, "e": 3}},
		"from within":    {storage.Outbound, "c", map[string]int{"a": 1, "d": 1, "b": 2, "e": 2}},
		"to itself":      {storage.Outbound, "d", map[string]int{"e": 1}},
		"nothing":        {storage.Outbound, "e", map[string]int{}},
		"against":        {storage.Inbound, "e", map[string]int{"d": 1, "b": 2, "c": 2, "a": 3}},
		"in the cycle":   {storage.Inbound, "a", map[string]int{"c": 1, "b": 2}},
		"an absent id":   {storage.Inbound, "z", map[string]int{}},
		"another's kind": {storage.Inbound, "f", map[string]int{}},
	} {
		t.Run(name, func(t *testing.T) { o.within(t).requireReached(t, c.dir, c.id, c.want) })
	}
	t.Run("limit", func(t *testing.T) { testReachLimit(t, o.within(t)) })
}

// requireReached asserts depths, that they do not fall, and that each is once.
func (o *opened) requireReached(t *testing.T, dir storage.Direction, id string, want map[string]int) {
	o.view(func(s storage.Snapshot) {
		reached, err := s.Reach(background, "member", dir, id, everything)
		require.NoError(t, err)
		require.Len(t, reached, len(want))
		got, last := map[string]int{}, 0
		for _, r := range reached {
			require.GreaterOrEqual(t, r.Depth, last, "nearest first")
			got[r.ID], last = r.Depth, r.Depth
		}
		require.Equal(t, want, got)
	})
}

func testReachLimit(t *testing.T, o *opened) {
	o.view(func(s storage.Snapshot) {
		reached, err := s.Reach(background, "member", storage.Outbound, "a", 4)
		require.NoError(t, err)
		require.Len(t, reached, 4)
		reached, err = s.Reach(background, "member", storage.Outbound, "a", 3)
		require.ErrorIs(t, err, storage.ErrTooMany)
		require.Empty(t, reached)
	})
}
