package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Lifecycle: batch ids, contexts, errors of readers, and the end of a store.
func Lifecycle(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"a batch is remembered":          testApplied,
		"10,000 batches are remembered":  testRemembered,
		"a reader's error is returned":   testReaderError,
		"an ended context applies none":  testEnded,
		"a context ends while it waits":  testEnding,
		"a context ends while it reads":  testEndingQuery,
		"documents outlive the snapshot": testOutlive,
		"a closed store":                 testClosed,
		"closing waits":                  testClosing,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func (o *opened) applied(id string) bool {
	o.t.Helper()
	applied, err := o.Applied(background, o.account, id)
	require.NoError(o.t, err)
	return applied
}

func testApplied(t *testing.T, o *opened) {
	require.False(t, o.applied("one"))
	o.apply(storage.Batch{ID: "one"})
	require.True(t, o.applied("one"))
	require.False(t, o.applied("on"))
	require.False(t, o.applied("one\x00"))
	require.False(t, o.applied(""))
	o.apply(storage.Batch{})
	require.False(t, o.applied(""))
	o.conflict(storage.Batch{ID: "two", Guards: []storage.Guard{storage.Exists{ID: "absent"}}})
	require.False(t, o.applied("two"))
	o.apply(storage.Batch{ID: "two"})
	require.True(t, o.applied("two"))
	require.True(t, o.applied("one"))
}

func testRemembered(t *testing.T, o *opened) {
	const each = 10_000 / writers
	id := func(w, i int) string { return fmt.Sprintf("batch %d.%d", w, i) }
	errs := together(func(w int) error {
		for i := range each {
			if err := o.try(storage.Batch{ID: id(w, i)}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	for w := range writers {
		for i := range each {
			if i%100 == 0 || i == each-1 {
				require.True(t, o.applied(id(w, i)), id(w, i))
			}
		}
	}
}

func testReaderError(t *testing.T, o *opened) {
	mine := errors.New("mine")
	for _, account := range []storage.Account{o.account, "never written to"} {
		require.ErrorIs(t, o.View(background, account, func(storage.Snapshot) error { return mine }), mine)
	}
	o.apply(puts("a"))
	require.True(t, o.has("a"))
}

func testEnded(t *testing.T, o *opened) {
	ctx, end := context.WithCancel(background)
	end()
	b := puts("a")
	b.ID = "ended"
	_, err := o.Apply(ctx, o.account, b)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, o.has("a"))
	require.False(t, o.applied("ended"))
}

// testEnding: whenever the context ends, the error tells what happened.
func testEnding(t *testing.T, o *opened) {
	type outcome struct {
		id  string
		err error
	}
	outcomes := make(chan outcome, writers*steps)
	repeatedly(t, func(w, i int) error {
		ctx, end := context.WithCancel(background)
		defer end()
		go end()
		b := puts(fmt.Sprintf("p%d-%d", w, i))
		b.ID = b.Puts[0].ID
		_, err := o.Apply(ctx, o.account, b)
		outcomes <- outcome{b.ID, err}
		return nil
	})
	close(outcomes)
	for x := range outcomes {
		if x.err != nil {
			require.ErrorIs(t, x.err, context.Canceled)
		}
		require.Equal(t, x.err == nil, o.has(x.id), "%s: %v", x.id, x.err)
		require.Equal(t, x.err == nil, o.applied(x.id), "%s: %v", x.id, x.err)
	}
}

// testEndingQuery: a query that goes on is right, one that stops says why.
func testEndingQuery(t *testing.T, o *opened) {
	o.apply(letters().batch())
	ctx, end := context.WithCancel(background)
	defer end()
	ending := &storage.Leaf{Text: "ending", Check: func(storage.Snapshot, *storage.Document) (bool, error) {
		end()
		return true, nil
	}}
	err := o.View(ctx, o.account, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, storage.Query{Type: Person, Where: ending, Limit: 10})
		if err == nil {
			require.Equal(t, "abcdef", joinIDs(page.Documents))
		} else {
			require.Empty(t, page.Documents)
		}
		return err
	})
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
	require.True(t, o.has("a"))
}

func testOutlive(t *testing.T, o *opened) {
	o.apply(letters().batch())
	o.apply(storage.Batch{Edges: []storage.EdgeChange{{Add: []storage.Edge{{Kind: "member", From: "a", To: "b", Data: []byte("data")}}}}})
	var found []*storage.Document
	var edges []storage.Edge
	o.view(func(s storage.Snapshot) {
		page, err := s.Query(background, storage.Query{Type: Person, Where: Tags(Person).Is("x"), Limit: 10})
		require.NoError(t, err)
		found = page.Documents
		edges, err = s.Edges(background, "member", storage.Outbound, "a", "", 0)
		require.NoError(t, err)
	})
	want := recordsOf(found)
	for i := range 50 {
		o.apply(batchOf(put("a", named(fmt.Sprint(i))), put("b", Body{}), put("c", Body{})))
	}
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "a"}, {ID: "b"}, {ID: "c"}}})
	require.Equal(t, want, recordsOf(found))
	require.Equal(t, []line{{"member", "a", "b", "data"}}, linesOf(edges))
	for _, d := range found {
		d.Body = append(d.Body[:0], "overwritten"...)
	}
	require.Equal(t, []string{"d", "e", "f"}, o.find(nil))
}

func testClosed(t *testing.T, o *opened) {
	o.apply(puts("a"))
	require.NoError(t, o.Close())
	err := o.View(background, o.account, func(storage.Snapshot) error { return errors.New("the store is closed") })
	require.ErrorIs(t, err, storage.ErrClosed)
	_, err = o.Apply(background, o.account, puts("b"))
	require.ErrorIs(t, err, storage.ErrClosed)
	_, err = o.Applied(background, o.account, "batch")
	require.ErrorIs(t, err, storage.ErrClosed)
}

// testClosing: calls that run while the store is closed end well; those that
// come too late fail with ErrClosed.
func testClosing(t *testing.T, o *opened) {
	o.apply(puts("a"))
	errs := together(func(w int) error {
		if w == 0 {
			return o.Close()
		}
		for i := range steps {
			err := errors.Join(
				o.View(background, o.account, func(s storage.Snapshot) error {
					_, err := s.Get(background, "a")
					return err
				}),
				o.try(puts(fmt.Sprintf("p%d-%d", w, i))),
			)
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errs[0])
	for _, err := range errs[1:] {
		if err != nil {
			require.ErrorIs(t, err, storage.ErrClosed)
		}
	}
	require.ErrorIs(t, o.try(puts("late")), storage.ErrClosed)
}
