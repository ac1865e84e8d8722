package memory_test

import (
	"testing"

	"roster/storage"
	"roster/storage/memory"
	"roster/storage/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{
		Open: func(_ testing.TB, _ string, indexes []storage.Index) storage.Store { return memory.New(indexes) },
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, engine()) }

// TestDifferential compares the model with itself: the history that other
// engines are tested with is one that it lives through.
func TestDifferential(t *testing.T) { storetest.Differential(t, engine(), engine()) }
