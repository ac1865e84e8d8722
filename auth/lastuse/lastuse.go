// Package lastuse keeps when credentials were last used.
//
// It writes in the background, and never makes a request wait or fail: if too many
// writes are running, a use is not noted, and a later one is.
package lastuse

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"roster/storage"
)

// Precision is how exactly it is known when a credential was last used: less than
// that after a use that is noted, none need be.
const Precision = time.Minute

// Log notes uses. It may be used concurrently.
type Log struct {
	store   storage.Store
	logger  *slog.Logger
	running chan struct{} // an element for each write
	closing sync.Once
}

// New returns a Log; it writes into that store, and logs what it cannot write.
func New(store storage.Store, logger *slog.Logger) *Log {
	const most = 4
	return &Log{store: store, logger: logger, running: make(chan struct{}, most)}
}

// Note begins to write a use of the credential with that id, and reports whether
// it did. What no longer fits, because the credential may be gone, is not written:
// the batch is to have a guard for that.
func (l *Log) Note(account storage.Account, credential string, b storage.Batch) bool {
	select {
	case l.running <- struct{}{}:
		go func() {
			defer func() { <-l.running }()
			l.write(account, credential, b)
		}()
		return true
	default:
		return false
	}
}

func (l *Log) write(account storage.Account, credential string, b storage.Batch) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := l.store.Apply(ctx, account, b)
	if err != nil && !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrErased) && !errors.Is(err, storage.ErrClosed) {
		l.logger.Warn("the last use of a credential was not noted", "credential", credential, "error", err)
	}
}

// Settle waits for the writes that are running.
func (l *Log) Settle() {
	l.occupy()
	for range cap(l.running) {
		<-l.running
	}
}

// Close waits for the writes that are running and keeps others from starting. It
// may be called again.
func (l *Log) Close() { l.closing.Do(l.occupy) }

// occupy takes all places.
func (l *Log) occupy() {
	for range cap(l.running) {
		l.running <- struct{}{}
	}
}
