package credentials

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// Factors lists the second factors of a user, in the order in which they came. It
// fails with a 404 and with wrong_type.
func (c *Credentials) Factors(ctx context.Context, call provider.Call, id string) ([]Factor, model.View, error) {
	return c.list(ctx, call, id, func(f Factor) bool { return f.Type != string(Passkey) })
}

// Passkeys lists the passkeys of a user, as Factors does.
func (c *Credentials) Passkeys(ctx context.Context, call provider.Call, id string) ([]Factor, model.View, error) {
	return c.list(ctx, call, id, func(f Factor) bool { return f.Type == string(Passkey) })
}

func (c *Credentials) list(ctx context.Context, call provider.Call, id string, of func(Factor) bool) (list []Factor, v model.View, err error) {
	err = c.read(ctx, call, id, func(s storage.Snapshot, user model.View) error {
		v = user
		if err := v.MustBe(model.Human); err != nil {
			return err
		}
		all, err := factorsOf(ctx, s, v)
		for _, f := range all {
			if of(f) {
				list = append(list, f)
			}
		}
		return err
	})
	return list, v, err
}

// read reads a user, with meta. It fails with a 404.
func (c *Credentials) read(ctx context.Context, call provider.Call, id string, do func(storage.Snapshot, model.View) error) error {
	return c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) error {
		d, err := userDocument(ctx, s, id)
		if err != nil {
			return err
		}
		if d == nil {
			return scim.NotFound(model.User, id)
		}
		return do(s, model.Of(query.Resource(d).With("meta", query.Meta(d))))
	})
}

// RemoveFactor takes a second factor from a user. It fails with a 404 if it is not
// there, or is a passkey, and with wrong_type.
func (c *Credentials) RemoveFactor(ctx context.Context, call provider.Call, id, factorID string, pre provider.Precondition) (model.View, error) {
	return c.remove(ctx, call, id, factorID, pre, func(f Factor) bool { return f.Type != string(Passkey) })
}

// RemovePasskey takes a passkey from a user. It fails with a 404 if it is not
// there, or is no passkey, and with wrong_type.
func (c *Credentials) RemovePasskey(ctx context.Context, call provider.Call, id, passkeyID string, pre provider.Precondition) (model.View, error) {
	return c.remove(ctx, call, id, passkeyID, pre, func(f Factor) bool { return f.Type == string(Passkey) })
}

func (c *Credentials) remove(ctx context.Context, call provider.Call, id, factorID string, pre provider.Precondition, of func(Factor) bool) (model.View, error) {
	return c.Users.Edit(ctx, call, id, actionFactorRemoved, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		f, found := find(d.View, factorID)
		if !found || !of(f) {
			return notThere("factor")
		}
		dropFactor(d, f)
		return nil
	})
}
