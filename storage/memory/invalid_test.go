package memory_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/memory"
	"roster/storage/storetest"
)

// TestInvalidConditions: a condition that says nothing is an error, not a panic.
func TestInvalidConditions(t *testing.T) {
	ctx := context.Background()
	s := memory.New(nil)
	_, err := s.Apply(ctx, "acme", storage.Batch{Puts: []storage.Put{{Document: storage.Document{Type: storetest.Person, ID: "a"}}}})
	require.NoError(t, err)
	for name, where := range map[string]storage.Node{
		"empty in and":          storage.And{nil},
		"empty in or":           storage.Or{nil},
		"empty in not":          storage.Not{},
		"transitive without id": &storage.Related{Kind: "member", Transitive: true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, s.View(ctx, "acme", func(snapshot storage.Snapshot) error {
				_, err := snapshot.Query(ctx, storage.Query{Type: storetest.Person, Where: where, Limit: 1})
				return err
			}))
		})
	}
	_, err = s.Apply(ctx, "acme", storage.Batch{Guards: []storage.Guard{nil}})
	require.Error(t, err)
}
