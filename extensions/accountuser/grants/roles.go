package grants

import (
	"context"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// isReserved reports whether a role can only be had by users themselves: it takes
// a seat, or makes administrators.
func isReserved(role scim.Resource) bool { return isLimited(role) || isAdministrators(role) }

// isLimited reports whether a role has seats: that it is limited, and to how many.
func isLimited(role scim.Resource) bool {
	return role.Get("limitedAssignmentsPermitted").Bool() && !role.Get("totalAssignmentsPermitted").IsNull()
}

// isAdministrators reports whether a role is that of administrators.
func isAdministrators(role scim.Resource) bool {
	return schema.Fold(role.Get("value").Text()) == Administrator
}

// checkRole is what holds for roles alone.
func checkRole(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Way == provider.Remove {
		if isAdministrators(c.Before) {
			return model.Refuse(http.StatusConflict, model.InUse, "every account has the role %s", Administrator)
		}
		return nil
	}
	if err := checkSettings(c.After); err != nil {
		return err
	}
	for _, value := range gained(names(c.Before.Get("contains"), ""), names(c.After.Get("contains"), "")) {
		if err := checkIndirect(ctx, s, c, value, "contains"); err != nil {
			return err
		}
	}
	if !isReserved(c.After) || isReserved(c.Before) {
		return nil
	}
	unused, err := free(ctx, s, c, indirect.of(c.After.Get("value").Text()))
	if err == nil && !unused {
		return model.Refuse(http.StatusConflict, model.InUse, "limitedAssignmentsPermitted: groups, other roles or org units give the role, but a seat is only for a user itself; take the role from them first")
	}
	return err
}

// checkSettings refuses settings that make no sense, or would lock everybody out.
func checkSettings(role scim.Resource) error {
	permitted, _ := role.Get("totalAssignmentsPermitted").Int()
	switch {
	case isAdministrators(role) && (isLimited(role) || isOff(role.Get("supported"))):
		return scim.BadRequest(scim.InvalidValue, "the role %s is always supported, and for any number of users", Administrator)
	case permitted < 0:
		return scim.BadRequest(scim.InvalidValue, "totalAssignmentsPermitted: use a number from 0")
	}
	return nil
}

// checkIndirect refuses to let something else than a user have a role that is
// only for users themselves, whether the role is there now or comes later.
func checkIndirect(ctx context.Context, s storage.Snapshot, c *provider.Change, value, attribute string) error {
	possible, err := free(ctx, s, c, reserved.of(value))
	if err == nil && !possible {
		return scim.BadRequest(scim.InvalidValue, "%s: the role %q takes a seat or makes administrators, and can only be given to users themselves", attribute, scim.Abbreviate(value))
	}
	return err
}

// seatsUsed is how many users have a role.
func seatsUsed(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	n, err := s.Counter(ctx, holders.of(query.Resource(d).Get("value").Text()))
	return scim.IntValue(int(n)), err
}
