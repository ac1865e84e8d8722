package invitations

import (
	"context"
	"net/http"
	"time"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// Invite makes a human user of whom no more is known than the e-mail address, which
// is the user name too, and invites that user. Without roles, that is with nil, the
// user has the account's default roles. It fails with uniqueness (409) if another
// user has the address or the user name; those of removed users are free.
func (i *Invitations) Invite(ctx context.Context, c provider.Call, email string, roles []string) (model.View, error) {
	return i.Users.Create(ctx, c, ActionInvited, func(ctx context.Context, d *model.Draft) error {
		given := roles
		if given == nil {
			given = d.Settings.DefaultRoles
		}
		if err := i.Users.SetRoles(ctx, d, given); err != nil {
			return err
		}
		d.View = d.WithCore("userName", scim.StringValue(email)).
			With("source", scim.StringValue("invite")).With("sendInvitation", scim.BoolValue(true))
		_, err := d.SetEmail(email, false)
		return err
	})
}

// Resend invites a user anew, also one whose invitation has expired or was
// revoked; the old token is worth nothing then. An e-mail address, if it is not
// empty, takes the place of the user's, and of the user name if that was the same.
// It fails with already_initialised, with not_active for a user who is locked or
// inactive, and with no_channel.
func (i *Invitations) Resend(ctx context.Context, c provider.Call, id, email string) (model.View, error) {
	return i.Users.Edit(ctx, c, id, ActionInvitationSent, nil, func(_ context.Context, d *model.Draft) error {
		if err := d.Do(model.Resend); err != nil {
			return err
		}
		if email == "" && d.Email() == "" {
			return noChannel("e-mail address")
		}
		if email == "" {
			return nil
		}
		if schema.Fold(d.Get("userName").Text()) == schema.Fold(d.Email()) {
			d.View = d.WithCore("userName", scim.StringValue(email))
		}
		_, err := d.SetEmail(email, false)
		return err
	})
}

// Revoke ends the invitation of a user, who stays invited: Resend makes another
// one. It fails with already_initialised, and with not_found if no invitation is
// pending.
func (i *Invitations) Revoke(ctx context.Context, c provider.Call, id string) (model.View, error) {
	return i.Users.Edit(ctx, c, id, ActionInvitationRevoked, nil, func(_ context.Context, d *model.Draft) error {
		if d.IsInitialised() {
			return model.Refuse(http.StatusConflict, model.AlreadyInitialised, "the user has accepted an invitation, or got a way in otherwise, already")
		}
		current := shown(d.A("invitation"), d.Now)
		if current.Get("status").Text() != model.InvitationPending {
			return model.Refuse(http.StatusNotFound, model.NotFound, "no invitation of the user is pending")
		}
		d.View = d.With("invitation", withStatus(current, model.InvitationRevoked))
		return nil
	})
}

// withStatus returns an invitation with another status.
func withStatus(invitation scim.Value, status string) scim.Value {
	return invitation.With("status", scim.StringValue(status))
}

// shown returns an invitation as it is at that time: a pending one can have
// expired.
func shown(invitation scim.Value, now time.Time) scim.Value {
	expires, err := time.Parse(time.RFC3339Nano, invitation.Get("expiresAt").Text())
	if err != nil || now.Before(expires) || invitation.Get("status").Text() != model.InvitationPending {
		return invitation
	}
	return withStatus(invitation, model.InvitationExpired)
}
