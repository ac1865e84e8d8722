package model

import (
	"roster/scim"
	"roster/scim/provider"
)

// triggersOf says what a change does to a user of that status.
func triggersOf(c *provider.Change, from Status, initialised bool) []Trigger {
	v := Of(c.After)
	active, locked := !isFalse(v.Get("active")), v.A("locked").Bool()
	switch c.Way {
	case provider.Create:
		return created(active, locked)
	case provider.Restore:
		return []Trigger{Restore}
	}
	if v.Get("active").IsNull() { // clients that do not know it take nothing away
		active = from != Inactive
	}
	if c.Way == provider.Replace && v.A("locked").IsNull() {
		locked = from == Locked
	}
	switch {
	case from == Inactive:
		return ofInactive(c.Way, active, locked)
	case !active:
		return []Trigger{Deactivate}
	}
	var list []Trigger
	if from == Invited && initialised {
		list = append(list, Initialise)
	}
	switch {
	case locked && from != Locked:
		list = append(list, Lock)
	case !locked && from == Locked:
		list = append(list, Unlock)
	}
	return list
}

func created(active, locked bool) []Trigger {
	switch {
	case !active:
		return []Trigger{CreateInactive}
	case locked:
		return []Trigger{Create, Lock}
	}
	return []Trigger{Create}
}

// ofInactive says what happens to an inactive user. An identity provider that
// writes back what it read when the user was locked may do so.
func ofInactive(way provider.Way, active, locked bool) (list []Trigger) {
	if active {
		list = append(list, Reactivate)
	}
	if locked && (active || way != provider.Replace) {
		list = append(list, Lock)
	}
	return list
}

// Do puts a trigger into effect. It fails if the trigger is not for users of that
// status: this is what the verbs are strict by.
func (d *Draft) Do(t Trigger) error {
	if _, err := Next(d.Before.Standing(), t, d.Before.IsInitialised()); err != nil {
		return err
	}
	switch t {
	case Initialise:
		d.View = d.With("initialised", scim.BoolValue(true))
	case Resend:
		d.View = d.With("invitation", pendingInvitation())
	case Deactivate, Reactivate:
		d.View = d.WithCore("active", scim.BoolValue(t == Reactivate))
	case Lock, Unlock:
		d.View = d.With("locked", scim.BoolValue(t == Lock))
	}
	return nil
}
