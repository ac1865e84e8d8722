package model

import (
	"context"
	"errors"

	"roster/scim/provider"
)

// Actions are what changes of the state machine are called in the history. A lock
// by failed authentications is no decision of anybody, so it is ActionLockOut.
const (
	ActionInitialise = "user.initialised"
	ActionDeactivate = "user.deactivated"
	ActionReactivate = "user.reactivated"
	ActionLock       = "user.locked"
	ActionLockOut    = "user.lockedOut"
	ActionUnlock     = "user.unlocked"
	ActionRemove     = "user.removed"
	ActionRestore    = "user.restored"
	ActionPurge      = "user.purged"
)

// Deactivate takes a user out of service; a pending invitation is revoked.
func (u *Users) Deactivate(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.do(ctx, c, id, pre, Deactivate, ActionDeactivate)
}

// Reactivate puts an inactive user back into service: not locked, and with no
// failed authentications.
func (u *Users) Reactivate(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.do(ctx, c, id, pre, Reactivate, ActionReactivate)
}

// Lock keeps a user from logging in, by an administrator's decision.
func (u *Users) Lock(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.do(ctx, c, id, pre, Lock, ActionLock)
}

// Unlock ends a lock, whatever it came from.
func (u *Users) Unlock(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.do(ctx, c, id, pre, Unlock, ActionUnlock)
}

func (u *Users) do(ctx context.Context, c provider.Call, id string, pre provider.Precondition, t Trigger, action string) (View, error) {
	return u.Edit(ctx, c, id, action, pre, func(_ context.Context, d *Draft) error { return d.Do(t) })
}

// Remove takes a user away. What restores the user is kept for as long as the
// account's settings say.
func (u *Users) Remove(ctx context.Context, c provider.Call, id string, pre provider.Precondition) error {
	_, err := u.edit(ctx, c, id, provider.Edit{Way: provider.Remove, Action: ActionRemove, Precondition: pre}, nil)
	return err
}

// Restore brings a removed user back, with roles, units, employee data and
// metadata, without credentials and group memberships. The user name and the
// e-mail address must be free and of a domain of the account.
func (u *Users) Restore(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	edit := provider.Edit{Way: provider.Restore, Action: ActionRestore, Precondition: pre}
	v, err := u.edit(ctx, c, id, edit, func(context.Context, *Draft) error { return nil })
	if errors.Is(err, provider.ErrNotRemoved) {
		return View{}, refuse(NotRemoved)
	}
	return v, err
}
