package password

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// TestTurns takes the only turn and lets a second caller give up while it waits.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{Memory: 8, Time: 1, Threads: 1, Concurrent: 1})
		h.turns <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := h.Hash(ctx, "secret")
			failed <- err
		}()
		synctest.Wait()
		require.Empty(t, failed, "it waits for its turn")
		cancel()
		require.ErrorIs(t, <-failed, context.Canceled)

		go func() {
			_, err := h.Hash(t.Context(), "secret")
			failed <- err
		}()
		synctest.Wait()
		<-h.turns
		require.NoError(t, <-failed)
		require.Empty(t, h.turns, "turns are given back")
	})
}
