package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Peek opens the store at a path for reading only, lets look see it, and closes
// it. It changes nothing in the file, not even the catalogue of indexes, and uses
// none: queries look at each document. So what to declare may be decided by what
// is there. Where there is no file, Peek does nothing.
func Peek(config Config, look func(storage.Store) error) (err error) {
	if info, err := os.Stat(config.Path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if config.LockTimeout == 0 {
		config.LockTimeout = time.Second
	}
	if err := inspect(&config); err != nil {
		return explain(config.Path, err)
	}
	o := options(&config)
	o.ReadOnly = true
	db, err := bbolt.Open(config.Path, 0o600, o)
	if err != nil {
		return explain(config.Path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return look(peeked{&Store{db: db, indexes: &catalogue{}, logger: config.Logger}})
}

// peeked is a store without a writer.
type peeked struct{ *Store }

var errReadOnly = errors.New("the store is open for reading only")

func (p peeked) Apply(context.Context, storage.Account, storage.Batch) (storage.Receipt, error) {
	return storage.Receipt{}, fmt.Errorf("apply: %w", errReadOnly)
}

// Close does nothing: Peek closes the file.
func (p peeked) Close() error { return nil }
