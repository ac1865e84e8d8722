package model

import (
	"context"
	"slices"

	"roster/scim"
	"roster/scim/provider"
)

// BulkUpdate changes what many users have in the same way.
type BulkUpdate struct {
	Set, Add, Remove Access
}

// Access is what users have. What is not sent is not changed.
type Access struct {
	Roles, Entitlements Maybe[[]string]
	OrgUnits            Maybe[[]string] // ids
}

// BulkResult is what came of one user.
type BulkResult struct {
	ID   string
	User View // as it is stored then
	Err  error
}

// BulkUpdate changes each user on its own, in the order in which they are named
// first: one that fails leaves the others. The error is for an update that says
// nothing, or contradicts itself.
func (u *Users) BulkUpdate(ctx context.Context, c provider.Call, ids []string, b BulkUpdate) ([]BulkResult, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	var results []BulkResult
	done := map[string]bool{}
	for _, id := range ids {
		if done[id] {
			continue
		}
		done[id] = true
		v, err := u.Edit(ctx, c, id, "", nil, func(ctx context.Context, d *Draft) error { return u.grant(ctx, d, b.of(d.View)) })
		results = append(results, BulkResult{id, v, err})
	}
	return results, nil
}

// each lists the changes of one kind of access: set, added, removed.
func (b BulkUpdate) each() map[string][3]Maybe[[]string] {
	return map[string][3]Maybe[[]string]{
		"roles":        {b.Set.Roles, b.Add.Roles, b.Remove.Roles},
		"entitlements": {b.Set.Entitlements, b.Add.Entitlements, b.Remove.Entitlements},
		"orgUnits":     {b.Set.OrgUnits, b.Add.OrgUnits, b.Remove.OrgUnits},
	}
}

func (b BulkUpdate) check() error {
	said := false
	for name, change := range b.each() {
		set, add, remove := change[0].Sent, change[1].Sent, change[2].Sent
		if set && (add || remove) {
			return scim.BadRequest(scim.InvalidValue, "%s are set, and added or removed; do one of them", name)
		}
		said = said || set || add || remove
	}
	if !said {
		return scim.BadRequest(scim.InvalidValue, "the update says nothing; set, add or remove roles, entitlements or orgUnits")
	}
	return nil
}

// of is the update as a patch of one user.
func (b BulkUpdate) of(v View) (p UserPatch) {
	changes := b.each()
	p.Roles = merged(valuesOf(v.Get("roles")), changes["roles"], sameName)
	p.Entitlements = merged(valuesOf(v.Get("entitlements")), changes["entitlements"], sameName)
	units := merged(valuesOf(v.A("orgUnits")), changes["orgUnits"], func(a, b string) bool { return a == b })
	if p.OrgUnits.Sent = units.Sent; units.Sent {
		for _, id := range units.Value {
			p.OrgUnits.Value = append(p.OrgUnits.Value, OrgUnitAssignment{ID: id})
		}
	}
	return p
}

// merged is a list as it shall be: what is set, or what was there with what is
// added and without what is removed.
func merged(present []string, change [3]Maybe[[]string], same func(a, b string) bool) Maybe[[]string] {
	set, add, remove := change[0], change[1], change[2]
	if set.Sent {
		return set
	}
	holds := func(list []string, value string) bool {
		return slices.ContainsFunc(list, func(other string) bool { return same(value, other) })
	}
	var next []string
	for _, value := range slices.Concat(present, add.Value) {
		if !holds(remove.Value, value) && !holds(next, value) {
			next = append(next, value)
		}
	}
	return Maybe[[]string]{add.Sent || remove.Sent, next}
}
