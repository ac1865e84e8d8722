package lastuse_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/lastuse"
	"roster/storage"
	"roster/storage/memory"
)

// slow is a store whose batches wait for a word, and then end with it.
type slow struct {
	storage.Store
	word chan error
}

func (s *slow) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if err := <-s.word; err != nil {
		return storage.Receipt{}, err
	}
	return s.Store.Apply(ctx, account, b)
}

func used(name string) storage.Batch {
	return storage.Batch{Effects: storage.Effects{Counters: []storage.CounterStep{{Name: name, Delta: 1}}}}
}

// TestNote: a use that finds no place is not noted, and nobody waits for it.
func TestNote(t *testing.T) {
	store := &slow{Store: memory.New(nil), word: make(chan error)}
	log := lastuse.New(store, slog.New(slog.DiscardHandler))
	begun := 0
	for log.Note("a", "key", used("uses")) {
		begun++
	}
	require.Positive(t, begun)
	for range begun {
		store.word <- nil
	}
	log.Settle()
	require.NoError(t, store.View(t.Context(), "a", func(s storage.Snapshot) error {
		n, err := s.Counter(t.Context(), "uses")
		require.EqualValues(t, begun, n)
		return err
	}))

	require.True(t, log.Note("a", "key", used("uses")), "there is a place again")
	store.word <- nil
	log.Close()
	log.Close()
	require.False(t, log.Note("a", "key", used("uses")), "closed")
}

// TestFailuresAreLogged: but not that somebody else was faster, that the account goes,
// or that the server stops.
func TestFailuresAreLogged(t *testing.T) {
	for _, c := range []struct {
		err    error
		logged bool
	}{{errors.New("no space"), true}, {storage.ErrConflict, false}, {storage.ErrErased, false}, {storage.ErrClosed, false}, {nil, false}} {
		var logs bytes.Buffer
		store := &slow{Store: memory.New(nil), word: make(chan error, 1)}
		log := lastuse.New(store, slog.New(slog.NewTextHandler(&logs, nil)))
		store.word <- c.err
		require.True(t, log.Note("a", "key-1", used("uses")))
		log.Close()
		require.Equal(t, c.logged, bytes.Contains(logs.Bytes(), []byte("credential=key-1")), c.err)
	}
}
