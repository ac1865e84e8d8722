package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"roster/extensions/accountuser/model"
	"roster/storage"
)

// Side records beside those that package model names. All are gone with the
// removal of the user.
const (
	linkPrefix         = model.SideLink             // and a kind of authenticator: the link to register one
	registrationPrefix = model.SideLink + "begun:"  // and the id of a registration
	sentPrefix         = model.SideLogin            // and a factor: what was asked for last
	spentPrefix        = model.SideLogin + "spent:" // and the id of a transaction; the name is all
	usedPrefix         = "used:"                    // and the id of a secret or token: when it was last used
)

// loginsOf names the counter of what logins write beside a user. It stands in for
// the revision of the user, which they leave alone.
func loginsOf(user string) string { return "logins:" + user }

// load reads a side record that keep wrote. It is false if there is none.
func load[T any](ctx context.Context, s storage.Snapshot, id, name string) (record T, found bool, err error) {
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

// keep writes a side record. What this package keeps can be encoded.
func keep(id, name string, record any) storage.Side {
	data, err := json.Marshal(record)
	if err != nil {
		panic(err)
	}
	return storage.Side{ID: id, Name: name, Data: data}
}

// drop removes a side record.
func drop(id, name string) storage.Side { return storage.Side{ID: id, Name: name} }
