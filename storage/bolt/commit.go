package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Bounds of one commit.
const (
	maxRequests = 512
	maxBytes    = 16 << 20
)

// writing is the writing transaction that the requests of one commit share.
type writing struct {
	tx       *bbolt.Tx
	indexes  *catalogue
	accounts map[storage.Account]*account
	// fault is the first error of the engine. It ends the transaction and all
	// that share it; a refused request instead has written nothing.
	fault error
}

// account opens an account to be written to.
func (w *writing) account(name storage.Account) *account {
	if a := w.accounts[name]; a != nil {
		return a
	}
	a := openAccount(w.tx, name)
	a.fault = &w.fault
	a.create = func() *bbolt.Bucket {
		b, err := w.tx.CreateBucketIfNotExists(accountBucket(name))
		a.note(err)
		return b
	}
	w.accounts[name] = a
	return a
}

// request is work that waits for its turn in the writer. It is taken up by the
// writer or given up by its caller, whoever is first.
type request struct {
	ctx     context.Context
	work    func(*writing) error // an error means that nothing was written
	size    int
	decided atomic.Bool
	done    chan struct{}
	err     error
	tx      int // the transaction it is part of
}

func (r *request) decide() bool { return r.decided.CompareAndSwap(false, true) }

// committer gathers requests and commits all that came while it was committing
// in one transaction: no timer, and one sync for many.
type committer struct {
	db      *bbolt.DB
	indexes *catalogue
	mu      sync.Mutex
	waiting []*request
	closed  bool
	broken  error         // of a commit whose outcome is unknown
	wake    chan struct{} // holds at most one call
	ended   chan struct{}
}

func newCommitter(db *bbolt.DB, indexes *catalogue) *committer {
	c := &committer{db: db, indexes: indexes, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c
}

// do waits until the work is committed, or refused by its own error, and returns
// the transaction that it is part of. If ctx ends before the writer took the
// work up, it is not done.
func (c *committer) do(ctx context.Context, size int, work func(*writing) error) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r := &request{ctx: ctx, size: size, work: work, done: make(chan struct{})}
	if err := c.submit(r); err != nil {
		return 0, err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.decide() {
			return 0, ctx.Err()
		}
		<-r.done
	}
	return r.tx, r.err
}

func (c *committer) submit(r *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return storage.ErrClosed
	}
	c.waiting = append(c.waiting, r)
	c.call()
	return nil
}

func (c *committer) call() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close ends the committer after what was submitted before.
func (c *committer) close() bool {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.call()
	c.mu.Unlock()
	<-c.ended
	return first
}

func (c *committer) run() {
	defer close(c.ended)
	for {
		requests, closed := c.gather()
		switch {
		case len(requests) > 0:
			c.commit(requests)
			// Let those who were answered ask again before the next commit.
			runtime.Gosched()
		case closed:
			return
		default:
			<-c.wake
		}
	}
}

// gather takes what waits, as much as fits into one commit.
func (c *committer) gather() ([]*request, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, size := 0, 0
	for n < len(c.waiting) && n < maxRequests && (n == 0 || size+c.waiting[n].size <= maxBytes) {
		size += c.waiting[n].size
		n++
	}
	taken := c.waiting[:n:n]
	if c.waiting = c.waiting[n:]; len(c.waiting) == 0 {
		c.waiting = nil
	}
	return taken, c.closed
}

// commit does the requests in one transaction, each on the state left by those
// before it, and answers them when it is durable.
func (c *committer) commit(requests []*request) {
	defer func() {
		for _, r := range requests {
			close(r.done)
		}
	}()
	id, err := c.transact(requests)
	for _, r := range requests {
		if err != nil {
			r.err = err
		}
		r.tx = id
	}
}

func (c *committer) transact(requests []*request) (int, error) {
	if c.broken != nil {
		return 0, c.broken
	}
	tx, err := c.db.Begin(true)
	if err != nil {
		return 0, fmt.Errorf("begin a transaction: %w", err)
	}
	w := &writing{tx: tx, indexes: c.indexes, accounts: make(map[storage.Account]*account)}
	id, wrote := tx.ID(), false
	for _, r := range requests {
		if !r.decide() {
			continue
		}
		if r.err = r.ctx.Err(); r.err == nil {
			r.err = r.work(w)
		}
		wrote = wrote || r.err == nil
		if w.fault != nil {
			break
		}
	}
	if w.fault != nil || !wrote {
		return id, errors.Join(w.fault, tx.Rollback())
	}
	return id, c.finish(tx)
}

// finish commits. When a sync fails, nobody knows what is on disk, and a later
// commit might build on what is not: only a file that cannot grow is survived,
// everything else ends writing until the file is opened anew.
func (c *committer) finish(tx *bbolt.Tx) error {
	err := tx.Commit()
	if err == nil {
		return nil
	}
	err = fmt.Errorf("commit: %w", err)
	full := errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT)
	if !full {
		c.broken = fmt.Errorf("no writes after a failed commit, open the store again: %w", err)
	}
	return err
}
