package model

import (
	"context"
	"slices"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// ReplaceRoles sets the roles of a user, and nothing else. Each must be known;
// none clears them.
func (u *Users) ReplaceRoles(ctx context.Context, c provider.Call, id string, roles []string, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(ctx context.Context, d *Draft) error { return u.SetRoles(ctx, d, roles) })
}

// SetRoles gives the user of a draft these roles instead of the present ones, each
// once. It fails with a Refusal that names the first one that is unknown.
func (u *Users) SetRoles(ctx context.Context, d *Draft, roles []string) error {
	if err := u.checkRoles(ctx, d, without(roles, d.Roles())); err != nil {
		return err
	}
	d.View = d.WithCore("roles", named(d.Get("roles"), roles))
	return nil
}

func (u *Users) setEntitlements(ctx context.Context, d *Draft, entitlements []string) error {
	if added := without(entitlements, valuesOf(d.Get("entitlements"))); u.Grants != nil {
		if err := u.Grants.CheckEntitlements(ctx, d.Snapshot, added); err != nil {
			return err
		}
	}
	d.View = d.WithCore("entitlements", named(d.Get("entitlements"), entitlements))
	return nil
}

func (u *Users) checkRoles(ctx context.Context, d *Draft, roles []string) error {
	if u.Grants == nil {
		return nil
	}
	return u.Grants.CheckRoles(ctx, d.Snapshot, roles)
}

// valuesOf lists what the elements of a list name.
func valuesOf(list scim.Value) (values []string) {
	for _, e := range list.Elements() {
		if value := e.Get("value").Text(); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// without lists the values that are not present. What a user has already is not
// asked for again: identity providers may give what the account does not know.
func without(values, present []string) (rest []string) {
	for _, value := range values {
		if !holdsName(present, value) {
			rest = append(rest, value)
		}
	}
	return rest
}

func holdsName(list []string, value string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return sameName(value, other) })
}

// named returns a list with an element for each value, in their order and each
// once: the present one where there is one.
func named(present scim.Value, values []string) scim.Value {
	var elements []scim.Value
	for i, value := range values {
		if holdsName(values[:i], value) {
			continue
		}
		element := scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(value)})
		for _, e := range present.Elements() {
			if sameName(e.Get("value").Text(), value) {
				element = e
			}
		}
		elements = append(elements, element)
	}
	return list(elements)
}

// setOrgUnits gives a user these units instead of the present ones. That they are
// there is for a rule to judge.
func (u *Users) setOrgUnits(ctx context.Context, d *Draft, units []OrgUnitAssignment) error {
	present := map[string]scim.Value{}
	for _, e := range d.A("orgUnits").Elements() {
		present[e.Get("value").Text()] = e
	}
	var elements []scim.Value
	for i, unit := range units {
		if slices.ContainsFunc(units[:i], func(other OrgUnitAssignment) bool { return other.ID == unit.ID }) {
			return scim.BadRequest(scim.InvalidValue, "the unit %q is there twice", scim.Abbreviate(unit.ID))
		}
		element := present[unit.ID].With("value", scim.StringValue(unit.ID))
		if unit.Roles.Sent {
			if err := u.checkRoles(ctx, d, unit.Roles.Value); err != nil {
				return err
			}
			element = element.With("roles", texts(unit.Roles.Value))
		}
		elements = append(elements, element)
	}
	d.View = d.With("orgUnits", list(elements))
	return nil
}

// texts is a list of strings, each once, and no value for none.
func texts(all []string) scim.Value {
	var elements []scim.Value
	for i, s := range all {
		if !holdsName(all[:i], s) {
			elements = append(elements, scim.StringValue(s))
		}
	}
	return list(elements)
}

// OrgUnitAssignment gives a user an organisational unit, with roles there.
type OrgUnitAssignment struct {
	ID    string
	Roles Maybe[[]string] // not sent: as they are, none for a new unit
}

// grant gives roles, entitlements and units, each list instead of the present one.
func (u *Users) grant(ctx context.Context, d *Draft, p UserPatch) error {
	if p.Roles.Sent {
		if err := u.SetRoles(ctx, d, p.Roles.Value); err != nil {
			return err
		}
	}
	if p.Entitlements.Sent {
		if err := u.setEntitlements(ctx, d, p.Entitlements.Value); err != nil {
			return err
		}
	}
	if p.OrgUnits.Sent {
		return u.setOrgUnits(ctx, d, p.OrgUnits.Value)
	}
	return nil
}

// sameName compares values of roles and entitlements.
func sameName(a, b string) bool { return schema.Fold(a) == schema.Fold(b) }
