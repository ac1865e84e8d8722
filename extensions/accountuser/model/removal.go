package model

import (
	"context"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// removal keeps a user who is removed, without whatever opened anything: roles,
// org units, employee data and metadata stay for a restoration.
type removal struct{ *Model }

// lost is what a removed user has no more, in the extension.
var lost = []string{"authFactors", "credentials", "invitation", "passwordChangeRequired", "mfaSkipUntil", "sendInvitation"}

func (r removal) Derive(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != User || c.Way != provider.Remove {
		return nil
	}
	v := Of(c.Before)
	status, err := Next(v.Standing(), Remove, v.IsInitialised())
	if err != nil {
		return err
	}
	for _, name := range lost {
		v = v.With(name, scim.Value{})
	}
	if machine := v.A("machine"); !machine.IsNull() {
		v = v.With("machine", machine.With("hasSecret", scim.BoolValue(false)))
	}
	c.After = v.
		With("status", scim.StringValue(string(status))).
		With("initialised", scim.BoolValue(v.IsInitialised())).
		With("locked", scim.BoolValue(false)).
		With("passwordSet", scim.BoolValue(false)).
		With("removedAt", TimeValue(r.Now())).
		WithCore("active", scim.BoolValue(false)).Resource
	return r.drop(ctx, s, c)
}

// drop deletes the side records that end with the user. Whoever adds one gives
// the document a new revision (see Users.edit), so none slips in meanwhile.
func (r removal) drop(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	names, err := s.Sides(ctx, c.ID, "", "", 0)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !outlivesRemoval(name) {
			c.Sides = append(c.Sides, storage.Side{ID: c.ID, Name: name})
		}
	}
	return forgetFailures(ctx, s, c)
}

func (removal) Check(context.Context, storage.Snapshot, *provider.Change) error { return nil }
