package bolt

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"roster/storage"
	"roster/storage/storetest"
)

// asideKeys counts what was put aside and is still in the file.
func asideKeys(t *testing.T, s *Store) (n int) {
	t.Helper()
	require.NoError(t, s.view(t.Context(), func(tx *bbolt.Tx) error {
		all := erasedBuckets(tx)
		if all == nil {
			return nil
		}
		return all.ForEachBucket(func(number []byte) error {
			n++
			return all.Bucket(number).ForEachBucket(func(name []byte) error {
				n += newTable(all.Bucket(number).Bucket(name)).count(span{}, 1<<30)
				return nil
			})
		})
	}))
	return n
}

// within works in a writing transaction of the test's own, and on its goroutine,
// which a failed requirement may end.
func within(t *testing.T, s *Store, work func(*writing)) {
	t.Helper()
	require.NoError(t, s.db.Update(func(tx *bbolt.Tx) error {
		w := &writing{tx: tx, indexes: s.indexes, accounts: make(map[storage.Account]*account)}
		work(w)
		return w.fault
	}))
}

// requireSound asserts that each page of the file is used once or free.
func requireSound(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.view(t.Context(), func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Error(err)
		}
		return nil
	}))
}

// TestEraseIsResumed: what was put aside is removed a bounded number of keys at a
// time, and goes on where it was when the store was closed.
func TestEraseIsResumed(t *testing.T) {
	dir := t.TempDir()
	s := openQuiet(t, dir, storetest.Catalogue()...)
	require.NoError(t, s.Ready(t.Context()))
	for _, account := range []storage.Account{"acme", "acme2"} {
		b := named("a", 2*removeKeys)
		b.Events = []storage.Event{{Type: "one", Subject: "a0000"}}
		_, err := s.Apply(t.Context(), account, b)
		require.NoError(t, err)
		s.chores.stop()
		require.NoError(t, s.Erase(t.Context(), account))
		all := asideKeys(t, s)
		require.Greater(t, all, 3*2*removeKeys) // documents, ids, entries
		for left := all; left > all/2; {
			within(t, s, func(w *writing) {
				done, err := removal{}.step(w)
				require.NoError(t, err)
				require.False(t, done)
			})
			now := asideKeys(t, s)
			require.LessOrEqual(t, now, left)
			require.LessOrEqual(t, left-now, removeKeys)
			left = now
		}
		closeChecked(t, s)
		s = openQuiet(t, dir, storetest.Catalogue()...)
		require.NoError(t, s.Ready(t.Context()))
		require.Zero(t, asideKeys(t, s))
		requireSound(t, s)
	}
	closeChecked(t, s)
}

// TestEraseInOneCommit: batches before it in the same commit are erased, those
// after it are refused.
func TestEraseInOneCommit(t *testing.T) {
	s := openQuiet(t, t.TempDir(), storetest.Catalogue()...)
	mustApply(t, s, named("old", 2*removeKeys))
	within(t, s, func(w *writing) {
		for i, name := range []string{"before", "erase", "between", "erase", "after"} {
			if name == "erase" {
				require.Equal(t, i == 1, w.erase(testAccount), i)
				continue
			}
			b := everything()
			b.Puts = append(b.Puts, testPut("User", name))
			_, _, err := w.apply(testAccount, &b, s.indexes.prepare(b.Puts))
			require.Equal(t, i > 1, errors.Is(err, storage.ErrErased), err)
			require.Equal(t, i == 0, err == nil, err)
		}
	})
	requireSound(t, s)
	s.chores.add(removal{})
	require.NoError(t, s.Ready(t.Context()))
	for _, name := range []string{"old0000", "before", "between", "after", "p1"} {
		require.False(t, exists(t, s, name), name)
	}
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		found, err := v.Events(t.Context(), storage.EventQuery{Limit: 100})
		require.Len(t, found, 2, "of the batch before it")
		return err
	}))
	requireSound(t, s)
	closeChecked(t, s)
}

// TestEraseUnderReader: a snapshot that was taken before sees all of it.
func TestEraseUnderReader(t *testing.T) {
	s := openQuiet(t, t.TempDir(), storetest.Catalogue()...)
	mustApply(t, s, named("a", 3*removeKeys))
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		require.NoError(t, s.Erase(t.Context(), testAccount))
		require.NoError(t, s.Ready(t.Context()))
		page, err := v.Query(t.Context(), storage.Query{Type: storetest.Person, Total: true})
		require.Equal(t, 3*removeKeys, page.Total)
		return err
	}))
	require.False(t, exists(t, s, "a0000"))
	require.Zero(t, asideKeys(t, s))
	closeChecked(t, s)
}

// TestRemovalIsBounded: by the bytes of what it removes, too.
func TestRemovalIsBounded(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	const size = 1000
	within(t, s, func(w *writing) {
		a := w.account(testAccount)
		for i := range 3 * removeBytes / size {
			a.put(counters, sequenceKey(uint64(i)), make([]byte, size))
		}
		keys := a.in(counters).frontKeys()
		require.Len(t, keys, min(removeKeys, removeBytes/size+1))
		a.put(counters, sequenceKey(0), make([]byte, 2*removeBytes))
		require.Len(t, a.in(counters).frontKeys(), 1)
	})
	require.NoError(t, s.Close())
}

// TestTrimIsResumed: a step takes a bounded number of events, and what is left
// verifies after each.
func TestTrimIsResumed(t *testing.T) {
	const many = 3*removeKeys + 10
	dir := t.TempDir()
	s := openQuiet(t, dir)
	var b storage.Batch
	for i := range many {
		b.Events = append(b.Events, storage.Event{Type: "happened", Subject: fmt.Sprint(i % 7)})
	}
	mustApply(t, s, b)
	for step := 1; step <= 4; step++ {
		within(t, s, func(w *writing) {
			done, err := w.account(testAccount).trimSome(many - 1)
			require.NoError(t, err)
			require.Equal(t, step == 4, done)
		})
		closeChecked(t, s)
		s = openQuiet(t, dir)
		require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
			first, err := v.Events(t.Context(), storage.EventQuery{Limit: 1})
			require.EqualValues(t, min(step*removeKeys, many-1)+1, first[0].Sequence)
			return err
		}))
	}
	closeChecked(t, s)
}

// TestTrimStopsAtDamage: what cannot be read is left to be found by a check.
func TestTrimStopsAtDamage(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	logged(t, s)
	within(t, s, func(w *writing) { w.account(testAccount).put(events, sequenceKey(5), []byte("x")) })
	require.NoError(t, s.Trim(t.Context(), testAccount, 3))
	require.ErrorContains(t, s.Trim(t.Context(), testAccount, 6), "event 5 is damaged")
	require.NoError(t, s.Close())
}
