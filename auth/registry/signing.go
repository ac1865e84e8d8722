package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

const (
	signingType = "signing"
	signingID   = "signing-keys" // of the one document
)

// keptKey is a signing key as it is stored: who can read the store can sign.
type keptKey struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Signs   time.Time `json:"signs"`
	Private []byte    `json:"private"`
}

// SigningKeys returns the keys as PutSigningKeys left them, none before, and the
// revision that the next PutSigningKeys needs.
func (r *Registry) SigningKeys(ctx context.Context) (keys []auth.SigningKey, revision uint64, err error) {
	d, err := r.document(ctx, signingType, signingID)
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	var kept []keptKey
	if err := decodeBody(d, &kept); err != nil {
		return nil, 0, err
	}
	for _, k := range kept {
		keys = append(keys, auth.SigningKey(k))
	}
	return keys, d.Revision, nil
}

// PutSigningKeys replaces the keys. It fails with storage.ErrConflict if they are
// not of that revision any more.
func (r *Registry) PutSigningKeys(ctx context.Context, keys []auth.SigningKey, revision uint64) error {
	kept, ids := []keptKey{}, []string{}
	for _, k := range keys {
		kept, ids = append(kept, keptKey(k)), append(ids, k.ID)
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode signing keys: %w", err)
	}
	guard := storage.Guard(storage.AtRevision{ID: signingID, Revision: revision})
	if revision == 0 {
		guard = storage.Absent{ID: signingID}
	}
	now := r.clock()
	_, err = r.store.Apply(ctx, storage.System, storage.Batch{
		Guards: []storage.Guard{guard},
		Puts: []storage.Put{{Document: storage.Document{
			Type: signingType, ID: signingID, Version: storage.NewID(), Created: now, Modified: now, Body: body,
		}}},
		Effects: r.event(ctx, "signingkeys.changed", "", map[string][]string{"keys": ids}),
	})
	if err != nil {
		return fmt.Errorf("change signing keys: %w", err)
	}
	return nil
}
