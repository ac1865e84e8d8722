package limit

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

// TestBucketsAreBounded: who cycles through more keys than fit grows nothing, and
// does not make it forget one that asked too much.
func TestBucketsAreBounded(t *testing.T) {
	const most = 100
	b := newBuckets[string](most)
	r := Rate{PerSecond: 1, Burst: 20}
	for range 21 {
		b.take("greedy", r, 0)
	}
	for i := range 100 * most {
		now := time.Duration(i) * time.Microsecond
		require.Zero(t, b.take(fmt.Sprint(i), r, now).Retry)
		require.LessOrEqual(t, len(b.full), most)
	}
	require.NotZero(t, b.take("greedy", r, time.Second/2).Retry)
	require.Len(t, b.full, most)
}

// TestLookCountsNothing: and keeps nothing.
func TestLookCountsNothing(t *testing.T) {
	b := newBuckets[string](10)
	r := Rate{PerSecond: 1, Burst: 1}
	for range 3 {
		require.Equal(t, Quota{Limit: 1, Reset: time.Second}, b.look("a", r, 0))
	}
	require.Empty(t, b.full)
	b.take("a", r, 0)
	require.Equal(t, time.Second, b.look("a", r, 0).Retry)
	b.take("b", Rate{}, 0)
	require.Len(t, b.full, 1, "what has no bound is not kept")
}

func TestFamiliarIsBounded(t *testing.T) {
	f := newFamiliar(100)
	for i := range 10_000 {
		credential := auth.Secret(fmt.Sprint(i))
		f.add(credential)
		f.add(credential)
		require.True(t, f.has(credential))
		require.LessOrEqual(t, len(f.hashes), 100)
	}
	f.remove("9999")
	f.remove("nobody")
	require.False(t, f.has("9999"))
	require.Len(t, f.hashes, 99)
}

// TestRoomsAreForgotten: an account has a room only while it is at work.
func TestRoomsAreForgotten(t *testing.T) {
	g := newGate(2, time.Nanosecond)
	enter := func(account string, places int) (func(), error) {
		return g.enter(t.Context(), door{account, places}, 1)
	}
	first, err := enter("a", 1)
	require.NoError(t, err)
	_, err = enter("a", 1)
	require.ErrorIs(t, err, ErrAccountBusy)
	second, err := enter("b", 1)
	require.NoError(t, err)
	_, err = enter("c", 1)
	require.ErrorIs(t, err, ErrBusy)
	require.Len(t, g.rooms, 2)
	first()
	second()
	require.Empty(t, g.rooms)
}
