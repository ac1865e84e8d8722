package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	berrors "go.etcd.io/bbolt/errors"

	"roster/storage"
)

// busy occupies the writer until release is called.
func busy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	started, over := make(chan struct{}), make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		_, err := s.writer.do(context.Background(), 0, func(*writing) error {
			close(started)
			<-over
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-started
	return func() {
		close(over)
		ended.Wait()
	}
}

// submitted submits a batch and returns when it waits for the writer.
func (s *Store) submitted(t *testing.T, ctx context.Context, b storage.Batch) <-chan error {
	t.Helper()
	s.writer.mu.Lock()
	before := len(s.writer.waiting)
	s.writer.mu.Unlock()
	result := make(chan error, 1)
	go func() {
		_, err := s.Apply(ctx, testAccount, b)
		result <- err
	}()
	for {
		s.writer.mu.Lock()
		now := len(s.writer.waiting)
		s.writer.mu.Unlock()
		if now > before {
			return result
		}
		runtime.Gosched()
	}
}

func exists(t *testing.T, s *Store, id string) bool {
	t.Helper()
	there := false
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		_, err := v.Get(t.Context(), id)
		there = err == nil
		return nil
	}))
	return there
}

func creating(id string) storage.Batch {
	return storage.Batch{Guards: []storage.Guard{storage.Absent{ID: id}}, Puts: []storage.Put{testPut("User", id)}}
}

// TestCommitShared: batches of one commit are evaluated one after another, and
// one that is refused leaves nothing of it and the others alone.
func TestCommitShared(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	release := busy(t, s)
	var results []<-chan error
	refused := creating("a")
	refused.Puts = append(refused.Puts, testPut("User", "z"))
	refused.Effects.Events = []storage.Event{{Type: "never"}}
	for _, b := range []storage.Batch{creating("a"), refused, creating("b"), {Deletes: []storage.Delete{{ID: "b"}}}, creating("b")} {
		results = append(results, s.submitted(t, t.Context(), b))
	}
	release()
	for i, result := range results {
		if err := <-result; i == 1 {
			require.ErrorIs(t, err, storage.ErrConflict)
		} else {
			require.NoError(t, err)
		}
	}
	require.True(t, exists(t, s, "a"))
	require.True(t, exists(t, s, "b"))
	require.False(t, exists(t, s, "z"))
	closeChecked(t, s)
}

// TestCommitGivenUp: a batch whose context ends while it waits is not applied;
// one that was taken up is.
func TestCommitGivenUp(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	release := busy(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	result := s.submitted(t, ctx, creating("a"))
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	release()
	require.False(t, exists(t, s, "a"))

	ctx, cancel = context.WithCancel(t.Context())
	_, err := s.writer.do(ctx, 0, func(w *writing) error {
		cancel()
		return nil
	})
	require.NoError(t, err)
	_, err = s.Apply(ctx, testAccount, creating("a"))
	require.ErrorIs(t, err, context.Canceled)
	closeChecked(t, s)
}

// TestCommitFault: an error of the engine ends all batches of its commit, and no
// others.
func TestCommitFault(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	release := busy(t, s)
	before := s.submitted(t, t.Context(), creating("a"))
	cause := errors.New("no luck")
	fault := make(chan error, 1)
	go func() {
		_, err := s.writer.do(context.Background(), 0, func(w *writing) error {
			w.account(testAccount).note(cause)
			return nil
		})
		fault <- err
	}()
	release()
	require.ErrorIs(t, <-fault, cause)
	if err := <-before; err != nil { // they shared the commit
		require.ErrorIs(t, err, cause)
	}
	mustApply(t, s, creating("b"))
	require.True(t, exists(t, s, "b"))
	closeChecked(t, s)
}

// TestCommitFails: after a commit that failed, nobody knows what is on disk, so
// nothing is built upon it until the file is opened again.
func TestCommitFails(t *testing.T) {
	dir := t.TempDir()
	s := openQuiet(t, dir)
	mustApply(t, s, creating("a"))
	s.db.MaxSize = 1
	large := creating("b")
	large.Puts[0].Body = make([]byte, 64<<20)
	_, err := s.Apply(t.Context(), testAccount, large)
	require.ErrorIs(t, err, berrors.ErrMaxSizeReached)
	s.db.MaxSize = 0
	_, err = s.Apply(t.Context(), testAccount, creating("c"))
	require.ErrorContains(t, err, "open the store again")
	require.True(t, exists(t, s, "a"))
	require.False(t, exists(t, s, "b"))
	closeChecked(t, s)

	s = openQuiet(t, dir)
	mustApply(t, s, creating("c"))
	closeChecked(t, s)
}

// TestGather bounds a commit by its number of requests and by its bytes.
func TestGather(t *testing.T) {
	for name, test := range map[string]struct {
		sizes []int
		want  int
	}{
		"none":            {nil, 0},
		"few":             {[]int{1, 2, 3}, 3},
		"many":            {make([]int, maxRequests+10), maxRequests},
		"large":           {[]int{maxBytes / 2, maxBytes / 2, 1}, 2},
		"one that is too": {[]int{2 * maxBytes, 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := &committer{}
			for _, size := range test.sizes {
				c.waiting = append(c.waiting, &request{size: size})
			}
			taken, _ := c.gather()
			require.Len(t, taken, test.want)
			require.Len(t, c.waiting, len(test.sizes)-test.want)
		})
	}
}

// TestRememberedBatches: at least the last 10,000 ids are, and not all.
func TestRememberedBatches(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	const many = rememberedBatches + rememberedBatches/5
	_, err := s.writer.do(t.Context(), 0, func(w *writing) error {
		for i := range many {
			w.account(testAccount).writeBatchID(fmt.Sprint(i))
		}
		return nil
	})
	require.NoError(t, err)
	for n, want := range map[int]bool{0: false, many - rememberedBatches: true, many - 1: true, many: false} {
		applied, err := s.Applied(t.Context(), testAccount, fmt.Sprint(n))
		require.NoError(t, err)
		require.Equal(t, want, applied, n)
	}
	closeChecked(t, s)
}
