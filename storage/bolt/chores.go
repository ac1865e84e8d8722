package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// chore is background work that the file itself remembers: it is done in steps,
// each a part of some commit, and goes on after a crash where it was.
type chore interface {
	fmt.Stringer
	// step does a little and tells whether nothing is left. An error means that
	// it wrote nothing.
	step(w *writing) (done bool, err error)
	// finish is called when the last step is durable, with its transaction.
	finish(tx int)
}

// chores does them one after another.
type chores struct {
	writer *committer
	logger *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	queue   []chore
	failed  error
	changed chan struct{} // closed and replaced whenever one of the above changes
}

func newChores(s *Store) *chores {
	c := &chores{writer: s.writer, logger: s.logger, ended: make(chan struct{}), changed: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.run()
	return c
}

// add also tries again what failed.
func (c *chores) add(new ...chore) {
	if len(new) > 0 {
		c.update(func() { c.queue, c.failed = append(c.queue, new...), nil })
	}
}

func (c *chores) update(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// next returns what is to be done, nil if there is nothing or it has failed, and
// a channel that is closed when either changes.
func (c *chores) next() (chore, <-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 || c.failed != nil {
		return nil, c.changed, c.failed
	}
	return c.queue[0], c.changed, nil
}

func (c *chores) wait(ctx context.Context) error {
	for {
		todo, changed, err := c.next()
		if c.ctx.Err() != nil {
			return storage.ErrClosed
		}
		if todo == nil {
			return err
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			return storage.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *chores) stop() {
	c.cancel()
	<-c.ended
}

func (c *chores) run() {
	defer close(c.ended)
	for c.ctx.Err() == nil {
		todo, changed, _ := c.next()
		if todo == nil {
			select {
			case <-changed:
			case <-c.ctx.Done():
			}
			continue
		}
		c.do(todo)
	}
}

// do works on a chore until it is done, fails or the store is closed. What
// failed stays in the queue.
func (c *chores) do(todo chore) {
	done, tx := false, 0
	for !done {
		var err error
		tx, err = c.writer.do(c.ctx, maxBytes/4, func(w *writing) (err error) {
			done, err = todo.step(w)
			return err
		})
		if c.ctx.Err() != nil || errors.Is(err, storage.ErrClosed) {
			return
		}
		if err != nil {
			c.logger.Error("background work failed; it is tried again with the next of its kind or when the store is opened",
				"work", todo.String(), "error", err)
			c.update(func() { c.failed = fmt.Errorf("%s: %w", todo, err) })
			return
		}
	}
	todo.finish(tx)
	c.logger.Info("background work done", "work", todo.String())
	c.update(func() { c.queue = c.queue[1:] })
}

// findChores finds what the file has left to do.
func (s *Store) findChores(tx *bbolt.Tx) error {
	var found []chore
	for number, row := range indexRows(catalogueBucket(tx)) {
		switch row.State {
		case dropped:
			found = append(found, &drop{number: number, name: row.Name})
		case building:
			found = append(found, &build{index: s.indexes.byName[row.Name], logger: s.logger})
		}
	}
	for name := range accountNames(tx, "") {
		if openAccount(tx, name).sweeping() {
			found = append(found, sweep{name})
		}
	}
	if first(erasedBuckets(tx)) != nil {
		found = append(found, removal{})
	}
	s.chores.add(found...)
	return nil
}

// accountNames iterates over the accounts of the file, from one on.
func accountNames(tx *bbolt.Tx, from storage.Account) func(yield func(storage.Account) bool) {
	return func(yield func(storage.Account) bool) {
		c := tx.Cursor()
		for k, _ := c.Seek(accountBucket(from)); bytes.HasPrefix(k, []byte(accountPrefix)); k, _ = c.Next() {
			if !yield(storage.Account(k[len(accountPrefix):])) {
				return
			}
		}
	}
}
