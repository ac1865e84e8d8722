package app

import (
	"fmt"
	"os"
	"path/filepath"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// databaseName is the file in the data folder.
const databaseName = "roster.db"

// peek lets look see what is in the data folder, before anything is changed.
func peek(c Config, look func(storage.Store) error) error {
	if c.Memory {
		return nil
	}
	return bolt.Peek(bolt.Config{Path: filepath.Join(c.Data, databaseName), Logger: c.logger()}, look)
}

// openStore opens the data folder, and makes it if it is not there.
func openStore(c Config, indexes []storage.Index) (storage.Store, error) {
	if c.Memory {
		return memory.New(indexes), nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	store, err := bolt.Open(bolt.Config{
		Path:    filepath.Join(c.Data, databaseName),
		Indexes: indexes,
		Logger:  c.Logger,
	})
	if err != nil {
		return nil, err
	}
	return store, nil
}
