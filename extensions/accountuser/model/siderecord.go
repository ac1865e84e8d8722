package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"roster/storage"
)

// LoadSide reads a side record of a user that KeepSide wrote. It is false if there
// is none.
func LoadSide[T any](ctx context.Context, s storage.Snapshot, id, name string) (record T, found bool, err error) {
	data, err := s.Side(ctx, id, name)
	if errors.Is(err, storage.ErrNotFound) {
		return record, false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &record)
	}
	if err != nil {
		return record, false, fmt.Errorf("read side record %s of %s: %w", name, id, err)
	}
	return record, true, nil
}

// KeepSide writes a side record. One that cannot be encoded is a fault of the
// program.
func KeepSide(id, name string, record any) storage.Side {
	data, err := json.Marshal(record)
	if err != nil {
		panic(err)
	}
	return storage.Side{ID: id, Name: name, Data: data}
}

// DropSide removes a side record.
func DropSide(id, name string) storage.Side { return storage.Side{ID: id, Name: name} }
