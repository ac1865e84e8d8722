package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"roster/storage"
)

// coarse is how exactly it is known when a token was last used.
const coarse = time.Minute

// useLog writes in the background when tokens were last used. It never waits,
// fails or grows: if too many writes are running, a use is not noted, and a
// later one is.
type useLog struct {
	store   storage.Store
	logger  *slog.Logger
	running chan struct{} // an element for each write
	closing sync.Once
}

func newUseLog(store storage.Store, logger *slog.Logger) *useLog {
	const most = 4
	return &useLog{store: store, logger: logger, running: make(chan struct{}, most)}
}

// note writes that a token is used now, unless last, in milliseconds, says that
// this is known precisely enough.
func (u *useLog) note(tokenID string, last *atomic.Int64, now time.Time) {
	before := last.Load()
	if now.UnixMilli()-before < coarse.Milliseconds() || !last.CompareAndSwap(before, now.UnixMilli()) {
		return
	}
	select {
	case u.running <- struct{}{}:
		go func() {
			defer func() { <-u.running }()
			u.write(tokenID, now)
		}()
	default:
		last.Store(before)
	}
}

func (u *useLog) write(tokenID string, now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := u.store.Apply(ctx, storage.System, storage.Batch{
		Guards: []storage.Guard{storage.Exists{ID: tokenID, Types: []string{tokenType}}},
		Sides:  []storage.Side{{ID: tokenID, Name: usedSide, Data: []byte(now.UTC().Format(time.RFC3339))}},
	})
	if err != nil && !errors.Is(err, storage.ErrClosed) {
		u.logger.Warn("the last use of a token was not noted", "token", tokenID, "error", err)
	}
}

// close waits for running writes and keeps others from starting, by taking all
// their places.
func (u *useLog) close() {
	u.closing.Do(func() {
		for range cap(u.running) {
			u.running <- struct{}{}
		}
	})
}

// lastUse reads what write wrote, the zero time if nothing was.
func lastUse(ctx context.Context, s storage.Snapshot, tokenID string) (time.Time, error) {
	data, err := s.Side(ctx, tokenID, usedSide)
	if errors.Is(err, storage.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read last use: %w", err)
	}
	t, err := time.Parse(time.RFC3339, string(data))
	if err != nil {
		return time.Time{}, fmt.Errorf("decode last use of token %s: %w", tokenID, err)
	}
	return t, nil
}
