package events_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/events"
	"roster/scim"
	"roster/storage"
)

// written fills a log: events 1, 2, 3 ... of three subjects, every tenth of them of
// the type "rare".
func (s *server) written(n int) {
	var b storage.Batch
	for i := 1; i <= n; i++ {
		e := storage.Event{Time: noon, Type: "often", Subject: fmt.Sprintf("s%d", i%3), Data: []byte(`{"actor":{"id":"a"}}`)}
		if i%10 == 0 {
			e.Type = "rare"
		}
		b.Events = append(b.Events, e)
	}
	_, err := s.Store.Apply(context.Background(), s.call.Account, b)
	require.NoError(s.t, err)
}

func sequencesOf(list []events.Event) []uint64 {
	all := []uint64{}
	for _, e := range list {
		all = append(all, e.Sequence)
	}
	return all
}

// TestPages: pages of any size, behind one another, hold the whole history once.
func TestPages(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		const n = 60
		s.written(n)
		for _, q := range []events.Query{{}, {Subject: "s1"}, {Type: "rare"}, {Subject: "s0", Type: "rare"}, {Subject: "nobody"}, {Type: "no such"}} {
			for _, descending := range []bool{false, true} {
				want := []uint64{}
				for i := 1; i <= n; i++ {
					if (q.Subject == "" || q.Subject == fmt.Sprintf("s%d", i%3)) && (q.Type == "" || i%10 == 0 && q.Type == "rare") {
						want = append(want, uint64(i))
					}
				}
				if q.Descending = descending; descending {
					slices.Reverse(want)
				}
				for _, q.Limit = range []int{1, 2, 7, 20, 59, 60, 61, events.MaxLimit} {
					require.Equal(t, want, s.walk(q), "%+v", q)
				}
			}
		}
	})
}

// walk goes through all pages.
func (s *server) walk(q events.Query) []uint64 {
	s.t.Helper()
	all := []uint64{}
	for {
		page, err := s.Log.Read(context.Background(), s.call.Account, q)
		require.NoError(s.t, err)
		require.LessOrEqual(s.t, len(page.Events), q.Limit)
		all = append(all, sequencesOf(page.Events)...)
		if q.After = page.Next; q.After == 0 {
			return all
		}
	}
}

func TestLimits(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.written(events.MaxLimit + 200)
		for _, tt := range []struct {
			query events.Query
			n     int
			next  uint64
		}{
			{events.Query{}, 100, 100},
			{events.Query{Limit: events.MaxLimit}, 1000, 1000},
			{events.Query{Descending: true, Limit: 1}, 1, 1200},
			{events.Query{After: 1199}, 1, 0},
			{events.Query{After: 1100}, 100, 0},
			{events.Query{After: 1 << 63}, 0, 0},
			{events.Query{After: 1, Descending: true}, 0, 0},
			{events.Query{After: 1 << 63, Descending: true, Limit: 5}, 5, 1196},
		} {
			page, err := s.Log.Read(t.Context(), "acme", tt.query)
			require.NoError(t, err)
			require.Len(t, page.Events, tt.n, "%+v", tt.query)
			require.Equal(t, tt.next, page.Next, "%+v", tt.query)
		}
		for _, limit := range []int{-1, events.MaxLimit + 1} {
			_, err := s.Log.Read(t.Context(), "acme", events.Query{Limit: limit})
			var refusal *scim.Error
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, 400, refusal.Status)
		}
	})
}

// TestRareTypes: a page looks at a bounded number of events, and says where to go
// on.
func TestRareTypes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.written(12_000)
		page, err := s.Log.Read(t.Context(), "acme", events.Query{Type: "absent"})
		require.NoError(t, err)
		require.Equal(t, events.Page{Events: []events.Event{}, Next: 10_000}, page)
		page, err = s.Log.Read(t.Context(), "acme", events.Query{Type: "absent", After: page.Next})
		require.NoError(t, err)
		require.Zero(t, page.Next)
	})
}

// TestForeignData: what the rule did not write is an error that says which event
// it is, and nothing of what is in it.
func TestForeignData(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		_, err := s.Store.Apply(t.Context(), "acme", storage.Batch{Effects: storage.Effects{Events: []storage.Event{{Type: "x", Data: []byte("confidential")}}}})
		require.NoError(t, err)
		_, err = s.Log.Read(t.Context(), "acme", events.Query{})
		require.ErrorContains(t, err, "event 1 of account acme")
		require.NotContains(t, err.Error(), "confidential")
	})
}

// TestLaterMembers: a reader passes over what a later version records.
func TestLaterMembers(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		_, err := s.Store.Apply(t.Context(), "acme", storage.Batch{Effects: storage.Effects{Events: []storage.Event{
			{Time: noon, Type: "x", Data: []byte(`{"actor":{"id":"a"},"later":{"x":1}}`)}}}})
		require.NoError(t, err)
		require.Equal(t, []events.Event{{Sequence: 1, Type: "x", At: noon, Actor: events.Actor{ID: "a"}, AccountID: "acme", Changes: []events.Change{}}}, s.history(""))
	})
}
