// Package bolt is the embedded engine: one bbolt file with the documents, their
// index entries, edges, claims and log, written in one transaction, so that a
// crash leaves a batch and all that follows from it, or nothing.
//
// Batches that arrive while a commit is under way share the next one; an answer
// still means that the change is on disk. A batch is worked out completely
// before its first write, so that a refused one does not disturb the others.
//
// Queries are answered from sets of ordinals that the indexes give, and read
// documents only where those cannot decide; [Store.Explain] prints how. An index
// that is declared for the first time is built in the background and used when
// it is complete.
//
// A snapshot is a read transaction: while one is open, pages that were replaced
// cannot be used again, and the file grows. So a view must be short.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"roster/storage"
)

// Store is an engine on one file. Make one with [Open]; it may be used
// concurrently.
type Store struct {
	db      *bbolt.DB
	indexes *catalogue
	writer  *committer
	chores  *chores
	logger  *slog.Logger
}

// The further abilities of the engine.
var (
	_ storage.Store     = (*Store)(nil)
	_ storage.Explainer = (*Store)(nil)
	_ storage.Checker   = (*Store)(nil)
	_ storage.Backuper  = (*Store)(nil)
)

// View implements [storage.Store]. A view inside of a view may wait for ever
// while the store is being closed.
func (s *Store) View(ctx context.Context, account storage.Account, read func(storage.Snapshot) error) error {
	return s.view(ctx, func(tx *bbolt.Tx) error { return read(s.snapshot(tx, account)) })
}

func (s *Store) snapshot(tx *bbolt.Tx, account storage.Account) *snapshot {
	return &snapshot{account: openAccount(tx, account), tx: tx, indexes: s.indexes}
}

func (s *Store) view(ctx context.Context, read func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := s.db.Begin(false)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return storage.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("begin a view: %w", err)
	}
	defer tx.Rollback() // of a read transaction: it cannot fail
	return read(tx)
}

// Apply implements [storage.Store]. An error of the engine, such as a full disk,
// ends all batches of the same commit.
func (s *Store) Apply(ctx context.Context, account storage.Account, batch storage.Batch) (storage.Receipt, error) {
	if err := batch.Validate(account); err != nil {
		return storage.Receipt{}, err
	}
	prepared := s.indexes.prepare(batch.Puts)
	var receipt storage.Receipt
	var swept bool
	_, err := s.writer.do(ctx, sizeOf(&batch), func(w *writing) (err error) {
		receipt, swept, err = w.apply(account, &batch, prepared)
		return err
	})
	if err != nil {
		return storage.Receipt{}, err
	}
	if swept {
		s.chores.add(sweep{account})
	}
	return receipt, nil
}

// sizeOf is about what a batch writes.
func sizeOf(b *storage.Batch) int {
	size := 128 * len(b.Edges)
	for i := range b.Puts {
		size += len(b.Puts[i].Body)
	}
	for i := range b.Edges {
		size += 256 * (len(b.Edges[i].Add) + len(b.Edges[i].Remove))
	}
	for _, s := range b.Sides {
		size += len(s.Data)
	}
	return size
}

// Applied implements [storage.Store].
func (s *Store) Applied(ctx context.Context, account storage.Account, batchID string) (bool, error) {
	applied := false
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		applied = openAccount(tx, account).remembers(batchID)
		return nil
	})
	return applied, err
}

// Ready waits until there is no background work: all indexes are built, those
// that were dropped, the edges of removed documents and what erased accounts had
// are gone from the file. It fails if background work did.
func (s *Store) Ready(ctx context.Context) error { return s.chores.wait(ctx) }

// Close implements [storage.Store]. Background work goes on at the next Open. A
// second Close fails like any later call.
func (s *Store) Close() error {
	s.chores.stop()
	if !s.writer.close() {
		return storage.ErrClosed
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// Backup implements [storage.Backuper]. It is one view, however slow w is.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(&endingWriter{ctx, w})
		return err
	})
}

// endingWriter fails when its context has ended.
type endingWriter struct {
	ctx context.Context
	w   io.Writer
}

func (e *endingWriter) Write(b []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.w.Write(b)
}
