package registry

import (
	"context"
	"errors"

	"roster/storage"
)

// userType is the resource type of those whom a credential may belong to. That of
// anything else, such as a group or a removed user, would let nobody in.
const userType = "User"

// HasUser reports whether an account has a user with that id, so that a credential
// may belong to it. CreateToken does not look.
func (r *Registry) HasUser(ctx context.Context, account, id string) (has bool, err error) {
	err = r.store.View(ctx, storage.Account(account), func(s storage.Snapshot) error {
		d, err := s.Get(ctx, id)
		has = err == nil && d.Type == userType
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return has, err
}
