package bolt_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
	"roster/storage/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{
		Open: func(t testing.TB, dir string, indexes []storage.Index) storage.Store {
			return open(t, dir, indexes)
		},
		Persistent: true,
	}
}

// open opens without syncs, which only a power failure would need.
func open(t testing.TB, dir string, indexes []storage.Index) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(bolt.Config{
		Path:    filepath.Join(dir, "roster.db"),
		Indexes: indexes,
		Logger:  slog.New(slog.DiscardHandler),
		NoSync:  true,
	})
	require.NoError(t, err)
	return s
}

func model() storetest.Engine {
	return storetest.Engine{
		Open: func(_ testing.TB, _ string, indexes []storage.Index) storage.Store { return memory.New(indexes) },
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, engine()) }

func TestDifferential(t *testing.T) { storetest.Differential(t, engine(), model()) }
