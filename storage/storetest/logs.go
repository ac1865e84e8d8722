package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// requireChained asserts that the log up to its head continues a chain whose
// last event had that sequence and hash.
func (o *opened) requireChained(sequence uint64, hash []byte) {
	o.t.Helper()
	for _, e := range o.events() {
		require.Equal(o.t, sequence+1, e.Sequence)
		require.Equal(o.t, storage.Chain(hash, &e), e.Hash)
		sequence, hash = e.Sequence, e.Hash
	}
	last, head := o.head()
	require.Equal(o.t, sequence, last)
	require.Equal(o.t, hash, head)
}

// head returns the head of the log.
func (o *opened) head() (sequence uint64, hash []byte) {
	o.t.Helper()
	o.view(func(s storage.Snapshot) {
		var err error
		sequence, hash, err = s.Head(background)
		require.NoError(o.t, err)
	})
	return sequence, hash
}

// Logs: the chain of a log, and how a log is cut.
func Logs(t *testing.T, e Engine) {
	t.Run("a chain", func(t *testing.T) { testChain(t, e.open(t)) })
}

// logging returns a batch with events about these subjects.
func logging(subjects ...string) storage.Batch {
	var b storage.Batch
	for _, subject := range subjects {
		b.Events = append(b.Events, storage.Event{Time: noon, Type: "happened", Subject: subject, Data: []byte(subject), Hash: []byte("not the writer's")})
	}
	return b
}

// testChain: each event continues the chain, wherever in a batch it comes from;
// a refused batch leaves it alone.
func testChain(t *testing.T, o *opened) {
	sequence, hash := o.head()
	require.Zero(t, sequence)
	require.Nil(t, hash)
	o.apply(puts("a"))
	o.requireChained(0, nil)
	o.apply(logging("a", "", "b"))
	changing := logging("a")
	changing.Edges = []storage.EdgeChange{joining(edges("g", "a"), nil, "joined")}
	changing.Edges[0].IfChanged.Touches = nil
	o.apply(changing)
	refused := logging("a")
	refused.Guards = []storage.Guard{storage.Exists{ID: "absent"}}
	o.conflict(refused)
	require.Len(t, o.events(), 5)
	o.requireChained(0, nil)
	o.in("other").requireChained(0, nil)
}
