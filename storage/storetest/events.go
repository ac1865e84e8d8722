package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Events: a dense log in order of commit, and the histories in it.
func Events(t *testing.T, e Engine) {
	o := e.open(t)
	subjects := []string{"s", "s\x00", "", "\xff\xff", "S"}
	var want []entry
	for i := range 20 {
		var b storage.Batch
		for j := range i % 3 {
			v := storage.Event{Time: noon, Type: "t", Subject: subjects[len(want)%len(subjects)], Data: fmt.Appendf(nil, "%d.%d", i, j)}
			b.Events = append(b.Events, v)
			want = append(want, entry{uint64(len(want) + 1), noon, "t", v.Subject, string(v.Data)})
		}
		failing := b
		failing.Guards = []storage.Guard{storage.Exists{ID: "absent"}}
		o.conflict(failing)
		receipt := o.apply(b)
		if len(b.Events) == 0 {
			require.Zero(t, receipt.Sequence)
		} else {
			require.EqualValues(t, len(want), receipt.Sequence)
		}
	}
	require.Equal(t, want, entriesOf(o.events()))
	for _, subject := range append(subjects, "s\x00\x00", "absent") {
		t.Run(fmt.Sprintf("pages of %q", subject), func(t *testing.T) { testEventPages(t, o.within(t), subject, want) })
	}
	t.Run("a history survives its subject", func(t *testing.T) { testSurvival(t, e.open(t)) })
}

// testEventPages asks for every part of a history, "" for the whole log, in both
// orders.
func testEventPages(t *testing.T, o *opened, subject string, log []entry) {
	for _, descending := range []bool{false, true} {
		for after := range uint64(len(log) + 3) {
			want := slices.DeleteFunc(slices.Clone(log), func(e entry) bool {
				seen := e.Sequence <= after
				if descending {
					seen = after > 0 && e.Sequence >= after
				}
				return seen || subject != "" && e.Subject != subject
			})
			if descending {
				slices.Reverse(want)
			}
			for _, limit := range []int{-1, 0, 1, 3, len(log), everything} {
				q := storage.EventQuery{Subject: subject, After: after, Descending: descending, Limit: limit}
				require.Equal(t, append([]entry{}, want[:min(max(limit, 0), len(want))]...), o.logged(q), "%+v", q)
			}
		}
	}
	last := storage.EventQuery{Subject: subject, After: 1<<64 - 1, Limit: everything}
	require.Empty(t, o.logged(last))
	last.Descending = true
	require.Equal(t, o.logged(storage.EventQuery{Subject: subject, Descending: true, Limit: everything}), o.logged(last))
}

// testSurvival: of a document that moves to another type and goes, the history
// stays, and goes on for one that takes its id.
func testSurvival(t *testing.T, o *opened) {
	event := func(b storage.Batch, typ string) storage.Batch {
		b.Events = []storage.Event{{Time: noon, Type: typ, Subject: "a"}, {Time: noon, Type: typ, Subject: "b"}}
		return b
	}
	o.apply(event(puts("a"), "created"))
	o.apply(event(storage.Batch{Puts: []storage.Put{putAs("Removed", "a", Body{})}}, "removed"))
	o.apply(event(storage.Batch{Deletes: []storage.Delete{{ID: "a"}}}, "purged"))
	o.apply(event(puts("a"), "created"))
	require.Equal(t, []entry{
		{1, noon, "created", "a", ""}, {3, noon, "removed", "a", ""}, {5, noon, "purged", "a", ""}, {7, noon, "created", "a", ""},
	}, o.logged(storage.EventQuery{Subject: "a", Limit: everything}))
}

// logged answers a query of the log.
func (o *opened) logged(q storage.EventQuery) []entry {
	o.t.Helper()
	var found []storage.Event
	o.view(func(s storage.Snapshot) {
		var err error
		found, err = s.Events(background, q)
		require.NoError(o.t, err)
	})
	return entriesOf(found)
}
