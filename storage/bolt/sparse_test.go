package bolt

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/storetest"
)

func entryCount(t *testing.T, s *Store) (n int) {
	t.Helper()
	within(t, s, func(w *writing) { n = w.account(testAccount).in(entries).count(span{}, 1<<30) })
	return n
}

// TestSparse: a document without a value costs a sparse index nothing. An index that
// becomes sparse, or no longer is, is built anew.
func TestSparse(t *testing.T) {
	const many, named = 100, 7
	dir := t.TempDir()
	sparse := storetest.Indexes(storetest.Nick(storetest.Person), storetest.Labels(storetest.Person))
	dense := storetest.Indexes(storetest.Nick(storetest.Person), storetest.Labels(storetest.Person))
	for i := range dense {
		dense[i].Sparse = false
	}
	s := openQuiet(t, dir, sparse...)
	var b storage.Batch
	for i := range many {
		var body storetest.Body
		if i < named {
			body = storetest.Body{Name: fmt.Append(nil, i), Tags: [][]byte{[]byte("x"), []byte("y")}}
		}
		b.Puts = append(b.Puts, storage.Put{Document: storage.Document{Type: storetest.Person, ID: fmt.Sprint(i), Version: "1", Body: body.Encode()}})
	}
	mustApply(t, s, b)
	for _, row := range []struct {
		indexes []storage.Index
		entries int // nick and labels, and the order of labels
	}{
		{sparse, named + 2*named},
		{dense, many + 2*named + (many - named) + many},
		{sparse, named + 2*named},
	} {
		closeChecked(t, s)
		s = openQuiet(t, dir, row.indexes...)
		require.NoError(t, s.Ready(t.Context()))
		require.Equal(t, row.entries, entryCount(t, s))
	}
	for i := range named {
		b.Puts[i].Body = storetest.Body{}.Encode()
	}
	mustApply(t, s, storage.Batch{Puts: b.Puts[:named]})
	require.Zero(t, entryCount(t, s))
	closeChecked(t, s)
}
