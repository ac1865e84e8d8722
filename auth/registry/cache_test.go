package registry

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int, int](10)
	now := time.Now()
	for i := range 1000 {
		v, err := c.get(i, now, func() (int, error) { return i, nil })
		require.NoError(t, err)
		require.Equal(t, i, v)
		require.LessOrEqual(t, len(c.entries), 10)
	}
	require.Len(t, c.entries, 10)
	for i := range 1000 { // what is there is replaced, not added
		_, err := c.get(i%10, now.Add(2*fresh), func() (int, error) { return i, nil })
		require.NoError(t, err)
	}
	require.Len(t, c.entries, 10)
}

func TestCacheForgets(t *testing.T) {
	broken := errors.New("broken")
	begin := time.Now()
	tests := []struct {
		name  string
		after time.Duration
		drop  bool
		loads int
	}{
		{"at once", 0, false, 1},
		{"just fresh", fresh - 1, false, 1},
		{"stale", fresh, false, 2},
		{"dropped", 0, true, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache[string, int](10)
			loads := 0
			load := func() (int, error) { loads++; return loads, nil }
			_, err := c.get("k", begin, load)
			require.NoError(t, err)
			if tt.drop {
				c.drop("k")
			}
			v, err := c.get("k", begin.Add(tt.after), load)
			require.NoError(t, err)
			require.Equal(t, tt.loads, loads)
			require.Equal(t, tt.loads, v)

			_, err = c.get("k", begin.Add(tt.after+fresh), func() (int, error) { return 0, broken })
			require.ErrorIs(t, err, broken)
			require.Empty(t, c.entries, "neither errors nor what they replace are remembered")
		})
	}
}

// TestCacheDropWinsOverLoad: what was loaded before a change is not remembered
// after it.
func TestCacheDropWinsOverLoad(t *testing.T) {
	c := newCache[string, int](10)
	v, err := c.get("k", time.Now(), func() (int, error) {
		c.drop("k")
		return 1, nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, v)
	require.Empty(t, c.entries)
}

func TestCacheIsConcurrent(t *testing.T) {
	c := newCache[int, int](5)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 500 {
				key := (g + i) % 8
				v, err := c.get(key, time.Now(), func() (int, error) { return key, nil })
				if err != nil || v != key {
					t.Errorf("%d: %d, %v", key, v, err)
				}
				if i%10 == 0 {
					c.drop(key)
				}
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, len(c.entries), 5)
}
