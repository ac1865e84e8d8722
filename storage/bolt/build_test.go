package bolt

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"roster/storage"
	"roster/storage/storetest"
)

// named returns persons with the names n0 to n9.
func named(account string, n int) storage.Batch {
	var b storage.Batch
	for i := range n {
		p := testPut(storetest.Person, fmt.Sprintf("%s%04d", account, i))
		p.Body = storetest.Body{Name: fmt.Appendf(nil, "n%d", i%10)}.Encode()
		b.Puts = append(b.Puts, p)
	}
	return b
}

// count returns how many entries an index has in the file, and its row.
func countEntries(t *testing.T, s *Store, number uint16) (n int, row *indexRow) {
	t.Helper()
	require.NoError(t, s.view(t.Context(), func(tx *bbolt.Tx) error {
		for name := range accountNames(tx, "") {
			n += openAccount(tx, name).in(entries).count(prefixed(indexKey(number)), 1<<20)
		}
		row = indexRows(catalogueBucket(tx))[number]
		return nil
	}))
	return n, row
}

// TestBuildResumes: a build goes on where it was when the store was closed.
func TestBuildResumes(t *testing.T) {
	const many = 4 * buildStep
	dir := t.TempDir()
	s := openQuiet(t, dir)
	for _, account := range []storage.Account{"a", "b", "c"} {
		_, err := s.Apply(t.Context(), account, named(string(account), many))
		require.NoError(t, err)
	}
	closeChecked(t, s)

	index := storetest.Indexes(storetest.Name(storetest.Person))[0]
	s = openQuiet(t, dir, index)
	s.chores.stop()
	b := &build{index: s.indexes.byName[index.Name], logger: s.logger}
	for range 6 {
		_, err := s.writer.do(t.Context(), 0, func(w *writing) error {
			done, err := b.step(w)
			require.False(t, done)
			return err
		})
		require.NoError(t, err)
	}
	before, row := countEntries(t, s, b.index.number)
	require.Equal(t, building, row.State)
	require.GreaterOrEqual(t, before, 5*buildStep)
	closeChecked(t, s)

	extract, read := index.Extract, 0
	index.Extract = func(d *storage.Document) ([][]byte, []byte) {
		read++
		return extract(d)
	}
	s = openQuiet(t, dir, index)
	require.NoError(t, s.Ready(t.Context()))
	after, row := countEntries(t, s, b.index.number)
	require.Equal(t, &indexRow{Type: index.Type, Name: index.Name, Form: index.Form, State: ready}, row)
	require.Equal(t, 3*many, after)
	require.Equal(t, 3*many-before, read)
	closeChecked(t, s)

	s = openQuiet(t, dir, index)
	require.NoError(t, s.Ready(t.Context()))
	require.Equal(t, ready, indexState(t, s, b.index.number))
	closeChecked(t, s)
}

func indexState(t *testing.T, s *Store, number uint16) state {
	_, row := countEntries(t, s, number)
	return row.State
}

// TestDrop: the entries of an index that is no longer declared go, its number is
// used again, and one of another form is built beside them.
func TestDrop(t *testing.T) {
	dir := t.TempDir()
	name := storetest.Indexes(storetest.Name(storetest.Person))
	folded := storetest.Indexes(storetest.FoldedName(storetest.Person))
	s := openQuiet(t, dir, name...)
	mustApply(t, s, named("p", dropStep+100))
	closeChecked(t, s)

	s = openQuiet(t, dir, folded...)
	require.EqualValues(t, 2, s.indexes.byName[folded[0].Name].number)
	require.NoError(t, s.Ready(t.Context()))
	n, row := countEntries(t, s, 1)
	require.Zero(t, n)
	require.Nil(t, row)
	n, _ = countEntries(t, s, 2)
	require.Equal(t, dropStep+100, n)
	closeChecked(t, s)

	s = openQuiet(t, dir, name...)
	require.EqualValues(t, 1, s.indexes.byName[name[0].Name].number)
	require.NoError(t, s.Ready(t.Context()))
	closeChecked(t, s)
}

// failing is a chore that cannot be done until it can.
type failing struct{ err *error }

func (f failing) String() string              { return "fail" }
func (f failing) finish(int)                  {}
func (f failing) step(*writing) (bool, error) { return true, *f.err }

// TestChoreFails: Ready tells, and what failed is tried again with what comes next.
func TestChoreFails(t *testing.T) {
	s := openQuiet(t, t.TempDir())
	cause := errors.New("no luck")
	err := cause
	s.chores.add(failing{&err})
	require.ErrorIs(t, s.Ready(t.Context()), cause)
	err = nil
	s.chores.add(sweep{testAccount})
	require.NoError(t, s.Ready(t.Context()))
	closeChecked(t, s)
	require.ErrorIs(t, s.Ready(t.Context()), storage.ErrClosed)
}
