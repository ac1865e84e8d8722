package model

import (
	"context"
	"net/http"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Statuses of an invitation. That one has expired is found out when it is read.
const (
	InvitationPending  = "pending"
	InvitationAccepted = "accepted"
	InvitationExpired  = "expired"
	InvitationRevoked  = "revoked"
)

// Standing is the status of a user, None of nobody. One from before the account
// model is what `active` says.
func (v View) Standing() Status {
	switch {
	case v.IsNull():
		return None
	case v.Status() != None:
		return v.Status()
	case isFalse(v.Get("active")):
		return Inactive
	}
	return Active
}

// IsActive reports whether the user is in service, as `active` says: also while
// invited or locked. Users over whom no client wrote it are.
func (v View) IsActive() bool {
	status := v.Standing()
	return status != None && status != Inactive && status != Gone
}

// IsInitialised reports whether the user was ever ready to log in.
func (v View) IsInitialised() bool {
	return v.A("initialised").Bool() || !v.IsNull() && v.Status() == None
}

func isFalse(v scim.Value) bool { return v.Kind() == scim.Bool && !v.Bool() }

// deriveStatus leads the user through the state machine by what the change says
// of `active`, `locked` and the user's ways in, and writes down where that ends.
// So what is so already is no trigger, and changes nothing.
//
// An invitation that is to be sent has the status pending and no sentAt: a rule
// behind this one sends it, in the same batch.
func deriveStatus(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	v := Of(c.After)
	asked := v.A("sendInvitation").Bool()
	v = v.With("sendInvitation", scim.Value{})
	initialised := isInitialised(c, v, asked)
	status := Of(c.Before).Standing()
	for _, t := range triggersOf(c, status, initialised) {
		var err error
		if status, err = Next(status, t, initialised); err != nil {
			return err
		}
	}
	if asked && c.Way == provider.Create && status == Invited {
		if v.Email() == "" {
			return Refuse(http.StatusBadRequest, NoChannel, "an invitation is sent by mail; the user needs an e-mail address")
		}
		v = v.With("invitation", pendingInvitation())
	}
	c.After = v.
		With("status", scim.StringValue(string(status))).
		With("locked", scim.BoolValue(status == Locked)).
		With("initialised", scim.BoolValue(initialised)).
		With("invitation", settle(v.A("invitation"), status, initialised)).
		With("removedAt", scim.Value{}).
		WithCore("active", shownActive(c, status)).Resource
	return nil
}

// shownActive is what `active` says of a user of that status: nothing if an identity
// provider made an active user and never said it, or took it out by a PATCH, which
// changes no status; a PUT that leaves it out takes nothing away.
func shownActive(c *provider.Change, status Status) scim.Value {
	made := c.Way == provider.Create && !overSCIM(c)
	kept := c.Way == provider.Replace && !c.Before.Get("active").IsNull()
	takenOut := c.After.Get("active").IsNull() && !made && !kept
	if takenOut && (status != Inactive || c.Way == provider.Modify) {
		return scim.Value{}
	}
	return scim.BoolValue(status != Inactive)
}

// pendingInvitation is an invitation that is to be sent.
func pendingInvitation() scim.Value {
	return scim.ObjectValue(scim.Member{Name: "status", Value: scim.StringValue(InvitationPending)})
}

// settle ends an invitation that nobody can accept any more.
func settle(invitation scim.Value, status Status, initialised bool) scim.Value {
	end := ""
	switch {
	case invitation.Get("status").Text() != InvitationPending:
		return invitation
	case initialised:
		end = InvitationAccepted
	case status == Inactive:
		end = InvitationRevoked
	default:
		return invitation
	}
	return invitation.With("status", scim.StringValue(end))
}

// isInitialised reports whether the user is or was ready to log in: a machine;
// somebody whom an identity provider knows, or vouches for; somebody whose e-mail
// address is verified and who has a password or passkey. Once is enough. Over
// SCIM, that is everybody who is created without being invited, and everybody who
// is given a password.
func isInitialised(c *provider.Change, v View, invite bool) bool {
	_, password := newPassword(c)
	switch {
	case Of(c.Before).IsInitialised(),
		v.A("initialised").Bool(), v.IsMachine(), v.A("ssoUser").Bool():
		return true
	case overSCIM(c) && (c.Way == provider.Create && !invite || c.Way != provider.Create && password):
		return true
	}
	return v.A("emailVerified").Bool() && (v.A("passwordSet").Bool() || v.HasPasskey())
}
