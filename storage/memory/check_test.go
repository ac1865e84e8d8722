package memory

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// TestCheckFindsInLog: an event that does not continue the chain is named.
func TestCheckFindsInLog(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(*account)
		want   []string
	}{
		"nothing":                     {func(*account) {}, nil},
		"an event is altered":         {func(a *account) { a.events[1].Type = "x" }, []string{"event 3 does not continue the chain of event 2"}},
		"an event is gone":            {func(a *account) { a.events = append(a.events[:1], a.events[2:]...) }, []string{"event 4 does not continue the chain of event 2"}},
		"another one was trimmed":     {func(a *account) { a.trimmed.Hash = nil }, []string{"event 2 does not continue the chain of event 1"}},
		"events are in another order": {func(a *account) { a.events[0], a.events[1] = a.events[1], a.events[0] }, []string{"event 3", "event 2", "event 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(nil)
			_, err := s.Apply(t.Context(), "acme", storage.Batch{Effects: storage.Effects{Events: make([]storage.Event, 4)}})
			require.NoError(t, err)
			require.NoError(t, s.Trim(t.Context(), "acme", 1))
			test.damage(s.accounts["acme"])
			var found []string
			require.NoError(t, s.Check(t.Context(), func(problem string) { found = append(found, problem) }))
			require.Len(t, found, len(test.want), found)
			for i, want := range test.want {
				require.Contains(t, found[i], `account "acme": `+want)
			}
		})
	}
}
