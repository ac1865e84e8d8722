package bolt

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// TestHistoryReadsItsOwn: a history is found without a look at other events, so
// its cost does not grow with the log. The others are damaged to show it.
func TestHistoryReadsItsOwn(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	for i := range 30 {
		mustApply(t, s, storage.Batch{Effects: storage.Effects{Events: []storage.Event{{Type: "happened", Subject: fmt.Sprint(i % 3)}}}})
	}
	_, err := s.writer.do(t.Context(), 0, func(w *writing) error {
		for n := uint64(1); n <= 30; n++ {
			if n%3 != 1 {
				w.account(testAccount).put(events, sequenceKey(n), []byte("x"))
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, s.View(t.Context(), testAccount, func(v storage.Snapshot) error {
		for _, descending := range []bool{false, true} {
			found, err := v.Events(t.Context(), storage.EventQuery{Subject: "0", Descending: descending, Limit: 100})
			require.NoError(t, err)
			require.Len(t, found, 10)
			_, err = v.Events(t.Context(), storage.EventQuery{Descending: descending, Limit: 100})
			require.ErrorContains(t, err, "is damaged")
		}
		return nil
	}))
	require.NoError(t, s.Close())
}
