package storetest

import (
	"context"
	"slices"
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

// Logs: the chain of a log, its head, and what is left when it is trimmed.
func Logs(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"a chain":                      testChain,
		"trimming":                     testTrim,
		"trimming much":                testTrimMuch,
		"trimming beyond the end":      testTrimAll,
		"trimming is of one account":   testTrimOne,
		"trimming while others write":  testTrimRace,
		"what cannot be trimmed":       testTrimRefused,
		"a log of nothing has no head": testNoLog,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
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

func (o *opened) trim(through uint64) {
	o.t.Helper()
	require.NoError(o.t, o.Trim(background, o.account, through))
}

// testTrim: what is behind the cut stays as it was, in the log and in the
// histories, wherever the cut is made, and however often.
func testTrim(t *testing.T, o *opened) {
	o.apply(logging("a", "", "b", "a", "a", "b"))
	before := o.state(known())
	log := o.events()
	for _, cut := range []struct{ through, gone uint64 }{{0, 0}, {1, 1}, {1, 1}, {0, 1}, {3, 3}, {2, 3}, {4, 4}} {
		o.trim(cut.through)
		require.Equal(t, log[cut.gone:], o.events())
		for _, subject := range []string{"a", "b"} {
			want := slices.DeleteFunc(slices.Clone(before.Events[cut.gone:]), func(e entry) bool { return e.Subject != subject })
			require.Equal(t, want, o.logged(storage.EventQuery{Subject: subject, Limit: everything}))
		}
		require.Equal(t, before.Head, o.state(known()).Head)
		o.requireChained(cut.gone, hashBefore(log, cut.gone))
		o.check()
	}
}

// hashBefore is that of the n-th event of a whole log, none before the first.
func hashBefore(log []storage.Event, n uint64) []byte {
	if n == 0 {
		return nil
	}
	return log[n-1].Hash
}

// testTrimMuch: a cut over more events than an engine takes in one step.
func testTrimMuch(t *testing.T, o *opened) {
	const many = 5_100
	o.apply(logging(slices.Repeat([]string{"a", "b", ""}, many/3)...))
	log := o.events()
	o.trim(many - 100)
	require.Equal(t, log[many-100:], o.events())
	require.Len(t, o.logged(storage.EventQuery{Subject: "a", Limit: everything}), 33)
	o.requireChained(many-100, hashBefore(log, many-100))
}

// testTrimAll: a log of which nothing is left goes on where it was.
func testTrimAll(t *testing.T, o *opened) {
	o.apply(logging("a", "b", "a"))
	sequence, hash := o.head()
	for _, through := range []uint64{3, 4, 1<<64 - 1} {
		o.trim(through)
		require.Empty(t, o.events())
		require.Empty(t, o.logged(storage.EventQuery{Subject: "a", Limit: everything}))
		o.requireChained(sequence, hash)
	}
	if o.engine.Persistent {
		o.reopen(Catalogue())
	}
	require.EqualValues(t, 4, o.apply(logging("a")).Sequence)
	o.requireChained(sequence, hash)
	require.Equal(t, []entry{{4, noon, "happened", "a", "a"}}, o.logged(storage.EventQuery{Subject: "a", Limit: everything}))
}

func testTrimOne(t *testing.T, o *opened) {
	other := o.in("acme2")
	o.apply(logging("a", "b"))
	other.apply(logging("a", "b"))
	want := other.state(known())
	o.trim(2)
	require.Equal(t, want, other.state(known()))
	o.in(storage.System).apply(logging("a"))
	o.in(storage.System).trim(1)
	require.Empty(t, o.in(storage.System).events())
}

// testTrimRace: no event that is written meanwhile is lost or given a sequence
// again.
func testTrimRace(t *testing.T, o *opened) {
	repeatedly(t, func(w, i int) error {
		if w == 0 {
			return o.Trim(background, o.account, uint64(i*writers/2))
		}
		return o.try(logging("a", "b"))
	})
	log := o.events()
	first, last := log[0], log[len(log)-1]
	require.EqualValues(t, 2*(writers-1)*steps, last.Sequence)
	require.LessOrEqual(t, first.Sequence, uint64((steps-1)*writers/2+1))
	for i := range log[1:] {
		require.Equal(t, storage.Chain(log[i].Hash, &log[i+1]), log[i+1].Hash)
	}
}

func testTrimRefused(t *testing.T, o *opened) {
	o.apply(logging("a"))
	ended, end := context.WithCancel(background)
	end()
	require.ErrorIs(t, o.Trim(ended, o.account, 1), context.Canceled)
	require.ErrorContains(t, o.Trim(background, "", 1), "account")
	require.Len(t, o.events(), 1)
	require.NoError(t, o.Close())
	require.ErrorIs(t, o.Trim(background, o.account, 1), storage.ErrClosed)
}

func testNoLog(t *testing.T, o *opened) {
	o.trim(7)
	o.requireChained(0, nil)
	o.apply(logging("a"))
	require.EqualValues(t, 1, o.events()[0].Sequence)
}
