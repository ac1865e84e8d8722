package grants

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// counting steps the counters by the difference that a change makes, whatever
// resource it is of.
type counting struct{}

// Derive implements provider.Rule.
func (counting) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

// Check implements provider.Rule.
func (counting) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	before, after := live(c)
	was, is := counted(c.Type.Name, c.ID, before), counted(c.Type.Name, c.ID, after)
	for _, name := range gained(was, is) {
		c.Counters = append(c.Counters, storage.CounterStep{Name: name, Delta: 1})
	}
	for _, name := range gained(is, was) {
		c.Counters = append(c.Counters, storage.CounterStep{Name: name, Delta: -1})
	}
	return nil
}

// counted lists the counters that a resource counts in.
func counted(typeName, id string, r scim.Resource) []string {
	var counters []string
	add := func(k kind, names ...string) {
		for _, name := range names {
			counters = append(counters, k.of(name))
		}
	}
	if r.IsNull() {
		return nil
	}
	switch typeName {
	case model.User:
		user := model.Of(r)
		add(holders, user.Roles()...)
		add(entitled, names(r.Get("entitlements"), "value")...)
		add(usersAssigned, unitsOf(user)...)
		add(indirect, unitRolesOf(user)...)
	case model.Group:
		add(indirect, groupRoles(r)...)
		add(entitled, groupEntitlements(r)...)
	case model.Role:
		add(indirect, names(r.Get("contains"), "")...)
		if isReserved(r) {
			add(reserved, r.Get("value").Text())
		}
	case model.Entitlement:
		add(entitled, names(r.Get("contains"), "")...)
	case model.OrgUnit:
		if parent := parentOf(r); parent != "" {
			add(unitsBelow, parent)
		}
	}
	return counters
}
