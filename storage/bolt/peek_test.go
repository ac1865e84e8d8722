package bolt_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/storetest"
)

// TestPeek: what is there can be read, without indexes and without a change.
func TestPeek(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "roster.db")
	never := func(storage.Store) error { panic("there is nothing to look at") }
	require.NoError(t, bolt.Peek(bolt.Config{Path: path}, never))
	require.NoFileExists(t, path)

	s := open(t, folder, storetest.Catalogue())
	_, err := s.Apply(t.Context(), account, people(10))
	require.NoError(t, err)
	require.NoError(t, s.Ready(t.Context()))
	err = bolt.Peek(bolt.Config{Path: path, LockTimeout: time.Millisecond}, never)
	require.ErrorContains(t, err, "another process holds it")
	require.NoError(t, s.Close())

	failure := errors.New("seen enough")
	err = bolt.Peek(bolt.Config{Path: path}, func(p storage.Store) error {
		err := p.View(t.Context(), account, func(s storage.Snapshot) error {
			page, err := s.Query(t.Context(), storage.Query{Type: storetest.Person, Where: name.Leaf(storage.Prefix, []byte("name")), Sort: name.Sort(false), Limit: 3, Total: true})
			require.NoError(t, err)
			require.Len(t, page.Documents, 3)
			require.Equal(t, 10, page.Total)
			return err
		})
		require.NoError(t, err)
		_, err = p.Apply(t.Context(), account, people(1))
		require.ErrorContains(t, err, "for reading only")
		return failure
	})
	require.ErrorIs(t, err, failure)

	s = open(t, folder, storetest.Catalogue())
	plan, err := s.Explain(t.Context(), account, storage.Query{Type: storetest.Person, Where: name.Leaf(storage.Equal, []byte("name 1"))})
	require.NoError(t, err)
	require.Contains(t, plan, "index", "the indexes are as they were")
	require.NoError(t, s.Close())
}
