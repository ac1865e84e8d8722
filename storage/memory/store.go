// Package memory keeps documents in plain maps. It is the reference that other
// engines are compared with and a fast engine for tests of what stands above
// storage; it keeps every promise of [storage] but durability, and a closed
// store is gone.
//
// It is naive on purpose: one lock over everything, a query reads each document
// of its type and asks [storage.Leaf.Check], and a batch that fails is undone
// step by step. Indexes are used only to tell which documents an engine that
// keeps them would have had to read ([storage.Query.MaxChecks]).
//
// A view holds the lock for reading, so a call to the store inside of a view
// may wait for ever.
package memory

import (
	"context"
	"sync"

	"roster/storage"
)

// Store is an engine. Make one with [New]; it may be used concurrently.
type Store struct {
	mu       sync.RWMutex
	indexes  map[string]storage.Index
	accounts map[storage.Account]*account
	closed   bool
}

// New returns an empty store with that catalogue of indexes.
func New(indexes []storage.Index) *Store {
	s := &Store{
		indexes:  make(map[string]storage.Index, len(indexes)),
		accounts: make(map[storage.Account]*account),
	}
	for _, x := range indexes {
		s.indexes[x.Name] = x
	}
	return s
}

// View implements [storage.Store].
func (s *Store) View(ctx context.Context, name storage.Account, read func(storage.Snapshot) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	return read(&snapshot{account: s.account(name), indexes: s.indexes})
}

// Apply implements [storage.Store].
func (s *Store) Apply(ctx context.Context, name storage.Account, batch storage.Batch) (storage.Receipt, error) {
	if err := batch.Validate(name); err != nil {
		return storage.Receipt{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return storage.Receipt{}, err
	}
	a := s.account(name)
	if a.erased {
		return storage.Receipt{}, storage.ErrErased
	}
	s.accounts[name] = a
	return a.apply(&batch)
}

// Applied implements [storage.Store]. It remembers the last 10,000 ids.
func (s *Store) Applied(ctx context.Context, name storage.Account, batchID string) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return false, err
	}
	return s.account(name).applied[batchID], nil
}

// Close implements [storage.Store]. A second Close fails like any later call.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return storage.ErrClosed
	}
	s.closed, s.accounts = true, nil
	return nil
}

func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return storage.ErrClosed
	}
	return ctx.Err()
}

// account returns what is kept of an account; one that was never written to is
// empty, and not kept for having been asked for.
func (s *Store) account(name storage.Account) *account {
	if a, ok := s.accounts[name]; ok {
		return a
	}
	return newAccount()
}
