package bolt

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// logged writes events 1 to 6, cut off behind the second.
func logged(t *testing.T, s *Store) {
	t.Helper()
	for i := range 6 {
		b := creating(fmt.Sprint(i))
		b.Events = []storage.Event{{Type: "created", Subject: fmt.Sprint(i), Data: []byte("data")}}
		mustApply(t, s, b)
	}
	require.NoError(t, s.Trim(t.Context(), testAccount, 2))
}

// alter rewrites an event, as someone would who does not know of the chain, or
// who does.
func alter(t *testing.T, a *account, sequence uint64, how func(*storage.Event)) {
	t.Helper()
	key := sequenceKey(sequence)
	e, err := decodeEvent(sequence, a.in(events).get(key))
	require.NoError(t, err)
	how(&e)
	a.put(events, key, encodeEvent(&e))
}

// rechain makes the hashes from an event on right again.
func rechain(t *testing.T, a *account, sequence uint64, previous []byte) {
	t.Helper()
	for ; a.in(events).get(sequenceKey(sequence)) != nil; sequence++ {
		alter(t, a, sequence, func(e *storage.Event) { e.Hash = storage.Chain(previous, e); previous = e.Hash })
	}
}

// swap exchanges two records, and so the time, text and hash of two events.
func swap(a *account, one, other uint64) {
	first := bytes.Clone(a.in(events).get(sequenceKey(one)))
	a.put(events, sequenceKey(one), bytes.Clone(a.in(events).get(sequenceKey(other))))
	a.put(events, sequenceKey(other), first)
}

// take takes an event out of the log and its history.
func take(a *account, sequence uint64) {
	a.remove(events, sequenceKey(sequence))
	a.remove(histories, append(historyKey(fmt.Sprint(sequence-1)), sequenceKey(sequence)...))
}

// TestCheckFindsInLog: whatever is done to the log of an account, also of one
// that was erased, is found, with the event that shows it.
func TestCheckFindsInLog(t *testing.T) {
	const unchained = "event 4 is not the one that was written"
	for name, test := range map[string]struct {
		damage func(*testing.T, *account)
		want   []string // every problem
	}{
		"nothing": {func(*testing.T, *account) {}, nil},
		"the data is altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Data = []byte("date") })
		}, []string{unchained}},
		"the time is altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Time = e.Time.Add(1e6) })
		}, []string{unchained}},
		"the type is altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Type = "create" })
		}, []string{unchained}},
		"the subject is altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Subject = "" })
		}, []string{unchained, "histories have more"}},
		"the hash is altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Hash[31] ^= 1 })
		}, []string{unchained, "event 5 is not the one that was written"}},
		"an event and its hash are altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Data = nil; e.Hash = storage.Chain(a.hashOf(t, 3), e) })
		}, []string{"event 5 is not the one that was written"}},
		"an event and all hashes behind it are altered": {func(t *testing.T, a *account) {
			alter(t, a, 4, func(e *storage.Event) { e.Data = nil })
			rechain(t, a, 4, a.hashOf(t, 3))
		}, []string{"event 6, the last one, has another hash"}},
		"the last event is altered": {func(t *testing.T, a *account) {
			alter(t, a, 6, func(e *storage.Event) { e.Data = nil })
		}, []string{"event 6 is not the one that was written"}},
		"the first event that is left is altered": {func(t *testing.T, a *account) {
			alter(t, a, 3, func(e *storage.Event) { e.Data = nil })
			rechain(t, a, 3, nil)
		}, []string{"event 3 is not the one that was written", "event 6, the last one, has another hash"}},
		"two events change places": {func(_ *testing.T, a *account) { swap(a, 4, 5) }, []string{
			unchained, `event 4 is not in the history of "4"`, "event 5 is not the one", `event 5 is not in the history of "3"`,
			"event 6 is not the one", "histories have more",
		}},
		"one is gone from the middle": {func(_ *testing.T, a *account) { take(a, 4) }, []string{"event 5 follows 3"}},
		"one is gone and the others move up": {func(_ *testing.T, a *account) {
			swap(a, 4, 5)
			swap(a, 5, 6)
			a.remove(events, sequenceKey(6))
		}, []string{unchained, "", "event 5 is not", "", "the log ends with event 5", "histories have more"}},
		"the first ones are gone": {func(_ *testing.T, a *account) { take(a, 3); take(a, 4) }, []string{"event 5 follows 2"}},
		"the last ones are gone":  {func(_ *testing.T, a *account) { take(a, 6); take(a, 5) }, []string{"the log ends with event 4, but event 6 was the last"}},
		"all are gone": {func(_ *testing.T, a *account) {
			for n := range uint64(4) {
				take(a, n+3)
			}
		}, []string{"the log ends with event 2, but event 6 was the last"}},
		"an event cannot be read":       {func(_ *testing.T, a *account) { a.put(events, sequenceKey(4), []byte("x")) }, []string{"event 4 is damaged", "histories have more"}},
		"the last event cannot be read": {func(_ *testing.T, a *account) { a.put(events, sequenceKey(6), []byte("x")) }, []string{"event 6 is damaged", "histories have more"}},
		"the head is gone":              {func(_ *testing.T, a *account) { a.remove(marks, lastHead) }, []string{"the log ends with event 6, but event 0 was the last"}},
		"the head is damaged":           {func(_ *testing.T, a *account) { a.put(marks, lastHead, []byte("x")) }, []string{"the head of the log is damaged", "the log ends with event 6"}},
		"the cut is gone":               {func(_ *testing.T, a *account) { a.remove(marks, lastCut) }, []string{"event 3 follows 0"}},
		"the cut is another":            {func(_ *testing.T, a *account) { a.writeMark(lastCut, mark{2, make([]byte, 32)}) }, []string{"event 3 is not the one"}},
		"a history lacks an event":      {func(_ *testing.T, a *account) { a.remove(histories, a.in(histories).first(span{})) }, []string{`event 3 is not in the history of "2"`}},
		"a history has another": {func(_ *testing.T, a *account) {
			a.put(histories, append(historyKey("2"), sequenceKey(4)...), nil)
		}, []string{"histories have more than the 4 events"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := openQuiet(t, t.TempDir())
			logged(t, s)
			require.NoError(t, s.Erase(t.Context(), testAccount))
			within(t, s, func(w *writing) { test.damage(t, w.account(testAccount)) })
			var found []string
			require.NoError(t, s.Check(t.Context(), func(problem string) { found = append(found, problem) }))
			require.Len(t, found, len(test.want), found)
			for i, want := range test.want {
				require.Contains(t, found[i], `account "acme": `)
				require.Contains(t, found[i], want)
			}
			require.NoError(t, s.Close())
		})
	}
}

// hashOf returns the hash of an event.
func (a *account) hashOf(t *testing.T, sequence uint64) []byte {
	t.Helper()
	e, err := decodeEvent(sequence, a.in(events).get(sequenceKey(sequence)))
	require.NoError(t, err)
	return e.Hash
}

// TestDamagedHead: a batch that would log is refused and does nothing, and those
// that share its commit are not disturbed; reading the head says so too.
func TestDamagedHead(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	logged(t, s)
	within(t, s, func(w *writing) { w.account(testAccount).put(marks, lastHead, []byte("x")) })
	release := busy(t, s)
	logging := creating("c")
	logging.Events = []storage.Event{{Type: "created"}}
	refused := s.submitted(t, t.Context(), logging)
	silent := s.submitted(t, t.Context(), creating("d"))
	release()
	require.ErrorContains(t, <-refused, "the head of the log is damaged")
	require.NoError(t, <-silent)
	require.False(t, exists(t, s, "c"))
	require.True(t, exists(t, s, "d"))
	require.ErrorContains(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		_, _, err := v.Head(t.Context())
		return err
	}), "the head of the log is damaged")
	require.NoError(t, s.Close())
}
