package credentials

import (
	"context"
	"net/http"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

const actionPasswordSet = "user.password.set"

// SetPassword gives a user a new password, by which the user can log in from now
// on instead of the old one; with changeRequired, applications are told to have it
// changed. The account's policy holds: else it fails with password_policy. It also
// fails with wrong_type, sso_only and not_initialised.
//
// Logins that are under way by the old password come to nothing, and so does a
// reset that was sent; failed ones are forgotten; a locked user stays locked.
func (c *Credentials) SetPassword(ctx context.Context, call provider.Call, id string, text auth.Secret, changeRequired bool, pre provider.Precondition) (model.View, error) {
	return c.Users.Edit(ctx, call, id, actionPasswordSet, pre, func(_ context.Context, d *model.Draft) error {
		if err := mayHavePassword(d.View); err != nil {
			return err
		}
		d.View = d.WithCore("password", scim.StringValue(text.Reveal())).
			With("passwordChangeRequired", flag(changeRequired))
		d.Sides = append(d.Sides, model.DropSide(d.ID, model.SideReset))
		return d.Settings.CheckPassword(text)
	})
}

// mayHavePassword refuses machines, users who log in through an identity provider
// alone, and those who were never ready to log in: they are invited.
func mayHavePassword(v model.View) error {
	if err := v.MustBe(model.Human); err != nil {
		return err
	}
	switch {
	case v.IsSSOOnly():
		return model.Refuse(http.StatusConflict, model.SSOOnly, "the user logs in through an identity provider and has no password here")
	case !v.IsInitialised():
		return model.Refuse(http.StatusConflict, model.NotInitialised, "the user has not accepted the invitation; initialise the password, or send the invitation again")
	}
	return nil
}

// flag is a boolean that is left out when it is false.
func flag(b bool) scim.Value {
	if !b {
		return scim.Value{}
	}
	return scim.BoolValue(true)
}

// upgrade hashes a password that was just found right as the server hashes today,
// unless the user was changed meanwhile. It returns the hash that is stored then.
func (c *Credentials) upgrade(ctx context.Context, call provider.Call, u *candidate, text auth.Secret) (string, error) {
	if !c.Hasher.NeedsRehash(u.password) {
		return u.password, nil
	}
	hash, err := c.Hasher.Hash(ctx, text)
	if err != nil {
		return "", err
	}
	err = c.Users.Provider.Commit(ctx, call.Account, storage.Batch{
		Guards: []storage.Guard{u.unchanged()},
		Sides:  []storage.Side{{ID: u.id, Name: model.SidePassword, Data: []byte(hash)}},
	})
	if isConflict(err) {
		return u.password, nil
	}
	return hash, err
}
