package grants

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// groupRoles lists the roles that a group gives its members.
func groupRoles(group scim.Resource) []string {
	return names(group.Get(model.GroupURN).Get("roles"), "")
}

// groupEntitlements lists the entitlements that a group gives its members.
func groupEntitlements(group scim.Resource) []string {
	return names(group.Get(model.GroupURN).Get("entitlements"), "value")
}

// deriveGroup notes by which way in a group came, unless whoever makes it says so.
func deriveGroup(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	own := c.After.Get(model.GroupURN)
	if c.Way == provider.Create && c.Call.Source != "" && own.Get("source").IsNull() {
		c.After = c.After.With(model.GroupURN, own.With("source", scim.StringValue(c.Call.Source)))
	}
	return nil
}

// checkGroup holds what a group gives its members to what there is and can be
// given so, and lets nobody write the members of a dynamic group: the source says
// who they are when it makes the group.
func checkGroup(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Way == provider.Remove {
		return nil
	}
	before, after := c.Before.Get(model.GroupURN).Get("dynamic").Bool(), c.After.Get(model.GroupURN).Get("dynamic").Bool()
	if c.Way != provider.Create && after && !before {
		return scim.BadRequest(scim.Mutability, "attribute %s:dynamic can only be set when the group is created", model.GroupURN)
	}
	if c.Way != provider.Create && len(c.Edges) > 0 && before {
		return scim.BadRequest(scim.Mutability, "members: the group is dynamic, so that its members follow from a rule of its source and cannot be written")
	}
	more := gained(groupRoles(c.Before), groupRoles(c.After))
	for _, role := range more {
		if err := checkIndirect(ctx, s, c, role, model.GroupURN+":roles"); err != nil {
			return err
		}
	}
	if err := roles.pinKnown(ctx, s, c, more); err != nil {
		return err
	}
	return entitlements.pinKnown(ctx, s, c, gained(groupEntitlements(c.Before), groupEntitlements(c.After)))
}
