package registry

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
)

// TestPlanOfClient: however many credentials there are, and were in the row, those
// that may be used are one range of an index.
func TestPlanOfClient(t *testing.T) {
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), Indexes: Indexes(), NoSync: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	plan, err := storage.Store(store).(storage.Explainer).Explain(t.Context(), storage.System, tokensOfClient(storage.NewID(), time.Now()))
	require.NoError(t, err)
	require.Equal(t, "index token:client gt and token:client lt (0)\norder creation, descending\n", plan)
}
