package registry

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"roster/storage"
)

const (
	keyType  = "key"
	keyClaim = "key:name"
)

type keyBody struct {
	Name string `json:"name"`
	Key  []byte `json:"key"`
}

// Key returns the server's own secret key of that name, 32 random bytes, which
// is made when it is first asked for. Who can read the store can read it.
func (r *Registry) Key(ctx context.Context, name string) ([]byte, error) {
	key, err := r.readKey(ctx, name)
	if !errors.Is(err, storage.ErrNotFound) {
		return key, err
	}
	made := make([]byte, 32)
	rand.Read(made) // never fails
	body, err := json.Marshal(keyBody{name, made})
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	id := storage.NewID()
	created, _ := storage.IDTime(id)
	_, err = r.store.Apply(ctx, storage.System, storage.Batch{
		Guards: []storage.Guard{storage.Absent{ID: id}},
		Puts: []storage.Put{{Document: storage.Document{
			Type: keyType, ID: id, Version: "1", Created: created, Modified: created, Body: body,
			Claims: []storage.Claim{{Attribute: keyClaim, Value: []byte(name)}},
		}}},
		Effects: r.event(ctx, "key.created", "", map[string]string{"name": name}),
	})
	if errors.Is(err, storage.ErrConflict) { // somebody else made it meanwhile
		return r.readKey(ctx, name)
	}
	return made, err
}

func (r *Registry) readKey(ctx context.Context, name string) (key []byte, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		id, err := s.Owner(ctx, keyClaim, []byte(name))
		if err != nil {
			return err
		}
		d, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		var b keyBody
		err = json.Unmarshal(d.Body, &b)
		key = b.Key
		return err
	})
	return key, err
}
