package invitations

import (
	"context"
	"errors"

	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// rule sends the invitation that a change asks for, by whatever way: the model
// leaves one that is pending and was not sent yet.
type rule struct{ *Issuer }

// Derive implements provider.Rule.
func (r rule) Derive(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != model.User || c.Way == provider.Remove || c.Way == provider.Purge {
		return nil
	}
	before, v := model.Of(c.Before), model.Of(c.After)
	switch {
	case v.A("invitation").Get("status").Text() != model.InvitationPending:
		return nil
	case v.A("invitation").Get("sentAt").IsNull():
		return r.invite(ctx, s, c, v)
	case schema.Fold(v.Email()) != schema.Fold(before.Email()):
		// It went to another address, so it is worth nothing.
		c.After = v.With("invitation", withStatus(v.A("invitation"), model.InvitationRevoked)).Resource
	}
	return nil
}

// invite sends the invitation. The user gets a new version even if it was sent at
// this very moment before, for else nothing would happen.
func (r rule) invite(ctx context.Context, s storage.Snapshot, c *provider.Change, v model.View) error {
	o := occasion{user: v, id: c.ID, account: c.Call.Account, settings: model.SettingsFrom(ctx),
		now: r.Model.Now().UTC(), snapshot: s, along: &c.Along}
	var err error
	if o.inviter, err = inviterOf(ctx, s, c.Call.Actor); err != nil {
		return err
	}
	expires, err := r.send(ctx, o, invitation, notify.Mail)
	if err != nil {
		return unreachable(err)
	}
	c.Rewrite = true
	c.After = v.With("invitation", scim.ObjectValue(
		scim.Member{Name: "status", Value: scim.StringValue(model.InvitationPending)},
		scim.Member{Name: "expiresAt", Value: model.TimeValue(expires)},
		scim.Member{Name: "sentAt", Value: model.TimeValue(o.now)},
	)).Resource
	return nil
}

// inviterOf is how a message calls who invites: "" unless that is a person of the
// account, as who a token belongs to is.
func inviterOf(ctx context.Context, s storage.Snapshot, by provider.Actor) (string, error) {
	if by.User == "" {
		return "", nil
	}
	found, err := s.GetMany(ctx, []string{by.User})
	if err != nil || len(found) == 0 || found[0].Type != model.User {
		return "", err
	}
	if v := model.Of(query.Resource(found[0])); !v.IsMachine() {
		return nameOf(v), nil
	}
	return "", nil
}

// Check implements provider.Rule: guesses at the codes of a user who is removed
// are forgotten.
func (r rule) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != model.User || c.Way != provider.Remove {
		return nil
	}
	return errors.Join(
		emailVerification.forgetGuesses(ctx, s, c.ID, &c.Along),
		phoneVerification.forgetGuesses(ctx, s, c.ID, &c.Along))
}

// showInvitation completes the invitation of a user: that it has expired is a
// matter of when one looks.
func (i *Issuer) showInvitation(_ context.Context, _ storage.Snapshot, _ provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
	return shown(stored, i.Model.Now()), nil
}
