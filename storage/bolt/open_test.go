package bolt_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/storetest"
)

// write makes a bbolt file with one value.
func write(t *testing.T, path, bucket, key, value string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		require.NoError(t, err)
		return b.Put([]byte(key), []byte(value))
	}))
	require.NoError(t, db.Close())
}

// TestOpenRefuses: what cannot be opened is refused with a reason, and left alone.
func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"text", func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("text\n"), 10_000), 0o600))
		}, "no roster database"},
		{"a few bytes", func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte("text\n"), 0o600))
		}, "no roster database"},
		{"a bbolt file of something else", func(t *testing.T, path string) {
			write(t, path, "jobs", "1", "x")
		}, "no roster database"},
		{"another format", func(t *testing.T, path string) {
			write(t, path, "roster", "format", "roster bolt 99")
		}, `the format "roster bolt 99", this version reads "roster bolt 2": serve it with the version that wrote it, or begin in a new folder`},
		{"a part of a file", func(t *testing.T, path string) {
			s := open(t, filepath.Dir(path), nil)
			apply(t, s, people(2000))
			require.NoError(t, s.Close())
			require.NoError(t, os.Truncate(path, 5*8192))
		}, "shorter than it should be"},
		{"a folder", func(t *testing.T, path string) {
			require.NoError(t, os.Mkdir(path, 0o700))
		}, ""},
		{"no folder", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(filepath.Dir(path)))
		}, "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.Mkdir(dir, 0o700))
			path := filepath.Join(dir, "roster.db")
			test.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := bolt.Open(bolt.Config{Path: path})
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, test.want)
			after, _ := os.ReadFile(path)
			require.Equal(t, before, after)
		})
	}
}

func TestOpenHeld(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	path := filepath.Join(dir, "roster.db")
	_, err := bolt.Open(bolt.Config{Path: path, LockTimeout: time.Millisecond})
	require.ErrorContains(t, err, path+": another process holds it")
	require.NoError(t, s.Close())
	s, err = bolt.Open(bolt.Config{Path: path})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
}

func TestOpenIndexes(t *testing.T) {
	extract := func(*storage.Document) ([][]byte, []byte) { return nil, nil }
	for _, indexes := range [][]storage.Index{
		{{Type: "User", Name: "id", Extract: extract}},
		{{Type: "User", Name: "a", Extract: extract}, {Type: "Group", Name: "a", Extract: extract}},
		{{Name: "a", Extract: extract}},
		{{Type: "User", Extract: extract}},
		{{Type: "User", Name: "a"}},
	} {
		_, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), Indexes: indexes})
		require.ErrorContains(t, err, "index")
	}
}

// TestBackup: a backup is a file that opens and has everything, taken while
// others write.
func TestBackup(t *testing.T) {
	s := open(t, t.TempDir(), storetest.Catalogue())
	apply(t, s, people(300))
	apply(t, s, teams())
	dir := t.TempDir()
	copied, err := os.Create(filepath.Join(dir, "roster.db"))
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		defer close(done)
		for i := range 20 {
			_, err := s.Apply(t.Context(), account, storage.Batch{Puts: []storage.Put{put(storetest.Person, fmt.Sprint(i), storetest.Body{})}})
			done <- err
		}
	}()
	require.NoError(t, <-done)
	require.NoError(t, s.Backup(t.Context(), copied))
	for err := range done {
		require.NoError(t, err)
	}
	require.NoError(t, copied.Close())
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Backup(t.Context(), copied), storage.ErrClosed)

	s = open(t, dir, storetest.Catalogue())
	require.NoError(t, s.Check(t.Context(), func(problem string) { t.Error(problem) }))
	require.NoError(t, s.View(t.Context(), account, func(v storage.Snapshot) error {
		page, err := v.Query(t.Context(), storage.Query{Type: storetest.Person, Where: in("t1"), Total: true})
		require.Equal(t, 20, page.Total)
		return err
	}))
	require.NoError(t, s.Close())
}
