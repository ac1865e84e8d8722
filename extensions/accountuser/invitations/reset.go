package invitations

import (
	"context"
	"errors"
	"net/http"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
)

// Reset asks for a password reset.
type Reset struct {
	Channel model.Channel // ByEmail or ByPhone
	// Invalidate disables the present password at once, so that nobody logs in
	// before a new one is set. Else it stays until then.
	Invalidate bool
}

// ResetPassword sends a user a token by which a new password can be set, and
// returns until when it is good. What was sent before is worth nothing then. It
// fails with not_initialised for an invited user, with not_active for one who is
// locked or inactive, with sso_only, and with no_channel.
//
// A locked user is refused because the lock is there to keep somebody out whom a
// new password would let try again: an administrator unlocks first, knowingly.
func (i *Invitations) ResetPassword(ctx context.Context, c provider.Call, id string, r Reset, pre provider.Precondition) (expires time.Time, err error) {
	a, known := addresses[r.Channel]
	if !known {
		return expires, scim.BadRequest(scim.InvalidValue, "a password is reset by %q or %q", model.ByEmail, model.ByPhone)
	}
	_, err = i.Users.Edit(ctx, c, id, ActionResetSent, pre, func(ctx context.Context, d *model.Draft) error {
		if err := resettable(d.Before); err != nil {
			return err
		}
		expires, err = i.send(ctx, occasionOf(d), passwordReset, a.by)
		if errors.Is(err, errUnreachable) {
			return noChannel(a.name)
		}
		if r.Invalidate {
			d.View = d.WithCore("password", scim.Value{})
		}
		return err
	})
	return expires, err
}

// resettable refuses users who cannot get a new password.
func resettable(v model.View) error {
	if err := v.MustBe(model.Human); err != nil {
		return err
	}
	switch {
	case !v.IsInitialised():
		return notInitialised()
	case v.Standing() != model.Active:
		return model.Refuse(http.StatusConflict, model.NotActive, "the user is %s; unlock or reactivate the user first", v.Standing())
	case v.IsSSOOnly():
		return model.Refuse(http.StatusConflict, model.SSOOnly, "the user logs in through an identity provider, and has no password here")
	}
	return nil
}

// CompleteReset sets a new password by the token of a reset. For a user who is
// locked or inactive meanwhile the token is worth nothing, until that has ended.
func (i *Invitations) CompleteReset(ctx context.Context, c provider.Call, token, password auth.Secret) (Redemption, error) {
	return i.redeem(ctx, c, passwordReset, token, func(d *model.Draft) error {
		if d.Before.Standing() != model.Active {
			return expired()
		}
		return choosePassword(d, password)
	})
}
