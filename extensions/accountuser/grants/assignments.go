package grants

import (
	"context"
	"net/http"
	"net/url"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// unitsOf lists the ids of a user's org units.
func unitsOf(user model.View) []string { return names(user.A("orgUnits"), "value") }

// unitRolesOf lists the roles that a user has in org units.
func unitRolesOf(user model.View) []string {
	var all []string
	for _, unit := range user.A("orgUnits").Elements() {
		all = append(all, names(unit.Get("roles"), "")...)
	}
	return all
}

// assignment is what is stored of an element of a user's orgUnits.
func assignment(id string, roles []string) scim.Value {
	var list []scim.Value
	for _, role := range gained(nil, roles) {
		list = append(list, scim.StringValue(role))
	}
	return scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(id)}).With("roles", listOf(list))
}

// deriveAssignments reduces a user's org units to what is stored of them. A unit
// that is named twice is one, with the roles of the element that says some: so
// adding a unit that the user has changes nothing.
func deriveAssignments(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	user := model.Of(c.After)
	if c.Way == provider.Restore {
		if err := dropVanished(ctx, s, c); err != nil {
			return err
		}
		user = model.Of(c.After)
	}
	if user.A("orgUnits").IsNull() {
		return nil
	}
	var kept []scim.Value
	place := map[string]int{}
	for _, e := range user.A("orgUnits").Elements() {
		id := e.Get("value").Text()
		next := assignment(id, names(e.Get("roles"), ""))
		at, again := place[id]
		switch {
		case !again:
			place[id] = len(kept)
			kept = append(kept, next)
		case kept[at].Get("roles").IsNull():
			kept[at] = next
		case !next.Get("roles").IsNull() && !sameNames(kept[at].Get("roles"), next.Get("roles")):
			return scim.BadRequest(scim.InvalidValue, "%s:orgUnits: the unit %q is there twice, with different roles; name it once", model.UserURN, scim.Abbreviate(id))
		}
	}
	c.After = user.With("orgUnits", listOf(kept)).Resource
	return nil
}

func sameNames(a, b scim.Value) bool {
	own, other := names(a, ""), names(b, "")
	return len(gained(own, other))+len(gained(other, own)) == 0
}

// checkAssignments holds a user's new org units to those that are there and
// active, and what a user is given in them to roles that can be given so. A
// restored user has inactive units again.
func checkAssignments(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	was, is := live(c)
	before, after := model.Of(was), model.Of(is)
	for _, id := range difference(unitsOf(before), unitsOf(after), exactly) {
		d, err := findUnit(ctx, s, id)
		if err != nil {
			return err
		}
		if c.Way != provider.Restore && isOff(query.Resource(d).Get("active")) {
			return model.Refuse(http.StatusBadRequest, model.InactiveOrgUnit, "the org unit %q is inactive", scim.Abbreviate(id))
		}
		pin(c, d)
	}
	for _, role := range gained(unitRolesOf(before), unitRolesOf(after)) {
		if err := checkIndirect(ctx, s, c, role, model.UserURN+":orgUnits.roles"); err != nil {
			return err
		}
	}
	return nil
}

// showAssignments completes a user's org units with their names and places.
func showAssignments(ctx context.Context, s storage.Snapshot, c provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
	units, err := documents(ctx, s, names(stored, "value"))
	if err != nil {
		return scim.Value{}, err
	}
	return stored.Map(func(_ string, e scim.Value) (scim.Value, error) {
		id := e.Get("value").Text()
		if d := units[id]; d != nil {
			e = e.With("$ref", scim.StringValue(c.Base+"/OrgUnits/"+url.PathEscape(id))).
				With("display", query.Resource(d).Get("name"))
		}
		return e, nil
	})
}

// documents returns the documents that are there, by id.
func documents(ctx context.Context, s storage.Snapshot, ids []string) (map[string]*storage.Document, error) {
	list, err := s.GetMany(ctx, ids)
	byID := make(map[string]*storage.Document, len(list))
	for _, d := range list {
		byID[d.ID] = d
	}
	return byID, err
}
