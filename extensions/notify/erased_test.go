package notify

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// TestErasedWhileDelivering: an account is erased while its messages are on their
// way. Nothing more of it is sent, nothing is stored, and nothing is said about it.
func TestErasedWhileDelivering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		var observed atomic.Int64 // by several at a time
		p := newPost(t, []storage.Account{"a", "b"}, func(c *WorkerConfig) {
			c.Logger = slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelWarn}))
			c.Observe = func(Attempt) { observed.Add(1) }
		})
		p.deliver = func(_ context.Context, account storage.Account, _ Letter) error {
			if account == "a" {
				return p.store.Erase(t.Context(), account)
			}
			return nil
		}
		p.enqueue("a", QueueMail, 1)
		p.run()
		synctest.Wait()
		require.Zero(t, observed.Load())
		require.Len(t, p.sent(), 1)
		p.Wake("a")
		p.enqueue("b", QueueMail, 2)
		p.Wake("b")
		synctest.Wait()
		time.Sleep(time.Hour)
		require.EqualValues(t, 2, observed.Load(), "others' go on")
		require.Len(t, p.sent(), 3)
		p.end()
		require.Zero(t, p.queued("a", QueueMail))
		require.Empty(t, logs.String())
	})
}

// erasing is a store whose account is erased between a read and a write.
type erasing struct{ storage.Store }

func (e erasing) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if err := e.Erase(ctx, account); err != nil {
		return storage.Receipt{}, err
	}
	return e.Store.Apply(ctx, account, b)
}

// TestErasedBoxes: the boxes of an account that is erased meanwhile are empty.
func TestErasedBoxes(t *testing.T) {
	p := newPost(t, nil, func(*WorkerConfig) {})
	for _, account := range []storage.Account{"kept", "taken"} {
		p.enqueue(account, Outbox, 3)
	}
	k := keeper{store: erasing{p.store}, keep: 1, logger: slog.New(slog.DiscardHandler)}
	require.NoError(t, k.trim(t.Context(), line{"kept", Outbox}))
	require.Zero(t, p.queued("kept", Outbox))
	box := Box{Store: erasing{p.store}, Queue: Outbox}
	require.ErrorIs(t, box.Drop(t.Context(), "taken", "taken/"+Outbox+"/000"), ErrNotFound)
	require.Zero(t, p.queued("taken", Outbox))
}
