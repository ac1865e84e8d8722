package grants

import (
	"context"
	"slices"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// OrgUnit is an org unit of a user.
type OrgUnit struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Code   string   `json:"code,omitzero"`
	Level  string   `json:"level,omitzero" doc:"What kind of unit it is, such as region or site"`
	Path   string   `json:"path" doc:"Names from the root of the tree, such as /DE/Berlin"`
	Active bool     `json:"active" doc:"Whether more users can be given the unit"`
	Roles  []string `json:"roles" doc:"Roles that the user has there"`
}

// Assignment gives a user an org unit.
type Assignment struct {
	ID    string   `json:"id" minLength:"1" maxLength:"200"`
	Roles []string `json:"roles,omitzero" maxItems:"200" minLength:"1" maxLength:"200" doc:"Roles that the user has there"`
}

// Actions on a user's org units.
const (
	ActionOrgUnitsReplaced = "user.orgUnits.replaced"
	ActionOrgUnitsAdded    = "user.orgUnits.added"
)

// OrgUnits lists the org units of a user, in the order in which they were given,
// and returns the user with them.
func (a *Access) OrgUnits(ctx context.Context, c provider.Call, id string) (list []OrgUnit, user model.View, err error) {
	list = []OrgUnit{}
	err = a.read(ctx, c, id, func(s storage.Snapshot, d *storage.Document) error {
		user = model.Of(query.Resource(d))
		units, err := documents(ctx, s, unitsOf(user))
		if err != nil {
			return err
		}
		for _, e := range user.A("orgUnits").Elements() {
			unit := units[e.Get("value").Text()]
			if unit == nil {
				continue
			}
			path, err := pathOf(ctx, s, unit)
			if err != nil {
				return err
			}
			list = append(list, describeUnit(query.Resource(unit), path, names(e.Get("roles"), "")))
		}
		return nil
	})
	return list, user, err
}

func describeUnit(unit scim.Resource, path string, roles []string) OrgUnit {
	return OrgUnit{
		ID: unit.Get("id").Text(), Name: unit.Get("name").Text(), Code: unit.Get("code").Text(), Level: unit.Get("level").Text(),
		Path: path, Active: !isOff(unit.Get("active")), Roles: append([]string{}, roles...),
	}
}

// ReplaceOrgUnits gives a user these org units and takes all others. It fails with
// unknown_org_unit, inactive_org_unit and unknown_role.
func (a *Access) ReplaceOrgUnits(ctx context.Context, c provider.Call, id string, pre provider.Precondition, units []Assignment) ([]OrgUnit, model.View, error) {
	return a.assign(ctx, c, id, pre, ActionOrgUnitsReplaced, units, func(model.View) []scim.Value { return nil })
}

// AddOrgUnits gives a user these org units beside those that it has. In one that
// it has already it sets the roles, or leaves them if none are said. It fails as
// ReplaceOrgUnits does.
func (a *Access) AddOrgUnits(ctx context.Context, c provider.Call, id string, pre provider.Precondition, units []Assignment) ([]OrgUnit, model.View, error) {
	return a.assign(ctx, c, id, pre, ActionOrgUnitsAdded, units, func(user model.View) (has []scim.Value) {
		for _, e := range user.A("orgUnits").Elements() {
			has = append(has, e)
		}
		return has
	})
}

// assign sets the units on top of those that the user keeps.
func (a *Access) assign(ctx context.Context, c provider.Call, id string, pre provider.Precondition, action string, units []Assignment, kept func(model.View) []scim.Value) ([]OrgUnit, model.View, error) {
	for i, u := range units {
		if slices.ContainsFunc(units[:i], func(other Assignment) bool { return other.ID == u.ID }) {
			return nil, model.View{}, scim.BadRequest(scim.InvalidValue, "the org unit %q is there twice; name it once", scim.Abbreviate(u.ID))
		}
	}
	_, err := a.Users.Edit(ctx, c, id, action, pre, func(ctx context.Context, d *model.Draft) error {
		next := kept(d.View)
		for _, u := range units {
			if err := a.CheckRoles(ctx, d.Snapshot, u.Roles); err != nil {
				return err
			}
			next = assigned(next, u)
		}
		d.View = d.With("orgUnits", listOf(next))
		return nil
	})
	if err != nil {
		return nil, model.View{}, err
	}
	return a.OrgUnits(ctx, c, id)
}

// assigned puts an assignment into a list, in the place of that of the same unit.
func assigned(list []scim.Value, u Assignment) []scim.Value {
	at := slices.IndexFunc(list, func(e scim.Value) bool { return e.Get("value").Text() == u.ID })
	switch {
	case at < 0:
		return append(list, assignment(u.ID, u.Roles))
	case u.Roles != nil:
		list[at] = assignment(u.ID, u.Roles)
	}
	return list
}
