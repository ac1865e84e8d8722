package credentials

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// TestTurns: one at a time for each key, others go on, and nothing is kept.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		leave, err := all.take(t.Context(), "a")
		require.NoError(t, err)
		other, err := all.take(t.Context(), "b")
		require.NoError(t, err)
		other()

		var working, most, done int
		var mutex sync.Mutex
		for range 10 {
			go func() {
				leave, err := all.take(t.Context(), "a")
				require.NoError(t, err)
				defer leave()
				mutex.Lock()
				working++
				most = max(most, working)
				mutex.Unlock()
				mutex.Lock()
				working--
				done++
				mutex.Unlock()
			}()
		}
		impatient, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { _, err := all.take(impatient, "a"); gone <- err }()
		synctest.Wait()
		require.Zero(t, done, "they wait")
		cancel()
		require.ErrorIs(t, <-gone, context.Canceled)
		leave()
		synctest.Wait()
		require.Equal(t, 10, done)
		require.Equal(t, 1, most)
		require.Empty(t, all.queues)
	})
}
