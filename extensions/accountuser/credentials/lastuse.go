package credentials

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"roster/storage"
)

// coarse is how exactly it is known when a credential was last used.
const coarse = time.Minute

// lastUse is when a credential of a machine was last used.
type lastUse struct {
	account          storage.Account
	user, credential string
	revision         uint64 // of the user
	at               time.Time
}

func readUse(ctx context.Context, s storage.Snapshot, h Holder, revision uint64) (lastUse, error) {
	at, _, err := load[time.Time](ctx, s, h.User, usedPrefix+h.Credential)
	return lastUse{h.Account, h.User, h.Credential, revision, at}, err
}

// uses writes in the background when credentials were last used. It never waits,
// fails or grows: if too many writes are running, a use is not noted, and a later
// one is.
type uses struct {
	store   storage.Store
	logger  *slog.Logger
	running chan struct{} // an element for each write
	closing sync.Once
}

func newUses(store storage.Store, logger *slog.Logger) *uses {
	const most = 4
	return &uses{store: store, logger: logger, running: make(chan struct{}, most)}
}

// note writes that a credential is used now, unless that is known well enough.
func (u *uses) note(use lastUse, now time.Time) {
	if now.Sub(use.at) < coarse {
		return
	}
	select {
	case u.running <- struct{}{}:
		go func() {
			defer func() { <-u.running }()
			u.write(use, now)
		}()
	default:
	}
}

// write does nothing if the user changed meanwhile: the credential may be gone.
func (u *uses) write(use lastUse, now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := u.store.Apply(ctx, use.account, storage.Batch{
		Guards: []storage.Guard{storage.AtRevision{ID: use.user, Revision: use.revision}},
		Sides:  []storage.Side{keep(use.user, usedPrefix+use.credential, now)},
	})
	if err != nil && !isConflict(err) && !errors.Is(err, storage.ErrClosed) {
		u.logger.Warn("the last use of a credential was not noted", "credential", use.credential, "error", err)
	}
}

// close waits for running writes and keeps others from starting, by taking all
// their places.
func (u *uses) close() {
	u.closing.Do(func() {
		for range cap(u.running) {
			u.running <- struct{}{}
		}
	})
}
