package registry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"roster/auth/lastuse"
	"roster/storage"
)

// noteUse notes that a token is used now, unless last, in milliseconds, says that
// this is known precisely enough.
func (r *Registry) noteUse(tokenID string, last *atomic.Int64, now time.Time) {
	before := last.Load()
	if now.UnixMilli()-before < lastuse.Precision.Milliseconds() || !last.CompareAndSwap(before, now.UnixMilli()) {
		return
	}
	noted := r.uses.Note(storage.System, tokenID, storage.Batch{
		Guards: []storage.Guard{storage.Exists{ID: tokenID, Types: []string{tokenType}}},
		Sides:  []storage.Side{{ID: tokenID, Name: usedSide, Data: []byte(now.UTC().Format(time.RFC3339))}},
	})
	if !noted {
		last.Store(before)
	}
}

// lastUse reads what noteUse wrote, the zero time if nothing was.
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
		return time.Time{}, fmt.Errorf("decode last use of credential %s: %w", tokenID, err)
	}
	return t, nil
}
