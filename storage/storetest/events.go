package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Events: a dense log in order of commit.
func Events(t *testing.T, e Engine) {
	o := e.open(t)
	var want []entry
	for i := range 20 {
		var b storage.Batch
		for j := range i % 3 {
			v := storage.Event{Time: noon, Type: "t", Subject: "s", Data: fmt.Appendf(nil, "%d.%d", i, j)}
			b.Events = append(b.Events, v)
			want = append(want, entry{uint64(len(want) + 1), noon, "t", "s", string(v.Data)})
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
	t.Run("pages", func(t *testing.T) { testEventPages(t, o.within(t), want) })
}

func testEventPages(t *testing.T, o *opened, want []entry) {
	o.view(func(s storage.Snapshot) {
		for after := range len(want) + 3 {
			for _, limit := range []int{1, 5, len(want), everything} {
				page, err := s.Events(background, uint64(after), limit)
				require.NoError(t, err)
				rest := want[min(after, len(want)):]
				require.Equal(t, append([]entry{}, rest[:min(limit, len(rest))]...), entriesOf(page))
			}
		}
		page, err := s.Events(background, 1<<64-1, 10)
		require.NoError(t, err)
		require.Empty(t, page)
	})
}
