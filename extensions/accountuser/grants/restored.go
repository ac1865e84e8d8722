package grants

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// dropVanished takes from a user that is restored what went or changed while
// nobody kept it: org units that are not there, roles in units that are now only
// for users themselves, and, where the account takes only known ones, roles and
// entitlements that are not known.
func dropVanished(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	user := model.Of(c.After)
	units, err := documents(ctx, s, unitsOf(user))
	if err != nil {
		return err
	}
	var kept []scim.Value
	for _, e := range user.A("orgUnits").Elements() {
		if d := units[e.Get("value").Text()]; d == nil || d.Type != model.OrgUnit {
			continue
		}
		roles, err := unreserved(ctx, s, names(e.Get("roles"), ""))
		if err != nil {
			return err
		}
		kept = append(kept, assignment(e.Get("value").Text(), roles))
	}
	if !user.A("orgUnits").IsNull() {
		user = user.With("orgUnits", listOf(kept))
	}
	if !c.Call.Profile.UnknownGrants {
		if user, err = dropUnknown(ctx, s, user); err != nil {
			return err
		}
	}
	c.After = user.Resource
	return nil
}

// unreserved lists those of the roles that not only users themselves can have.
func unreserved(ctx context.Context, s storage.Snapshot, roles []string) ([]string, error) {
	var rest []string
	for _, role := range roles {
		n, err := s.Counter(ctx, reserved.of(role))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			rest = append(rest, role)
		}
	}
	return rest, nil
}

// dropUnknown takes from a user the roles and entitlements that are not known.
func dropUnknown(ctx context.Context, s storage.Snapshot, user model.View) (model.View, error) {
	for attribute, k := range map[string]catalogue{"roles": roles, "entitlements": entitlements} {
		var kept []scim.Value
		for _, e := range user.Get(attribute).Elements() {
			value := e.Get("value").Text()
			d, err := k.known(ctx, s, value)
			if err != nil {
				return user, err
			}
			if d != nil || value == "" {
				kept = append(kept, e)
			}
		}
		user = user.WithCore(attribute, listOf(kept))
	}
	return user, nil
}
