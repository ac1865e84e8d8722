package grants

import (
	"cmp"
	"context"
	"slices"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// effective is what a user has of a catalogue, its own and what comes through
// groups, with what that contains. What is not known grants nothing and is left
// out.
type effective struct {
	catalogue
	limit int
	found map[string]*held // by id
}

// held is a role or entitlement that a user has.
type held struct {
	*storage.Document
	via []groupOf // the groups that it comes through
	own bool      // the user has it itself
}

func (h *held) resource() scim.Resource { return query.Resource(h.Document) }

// add adds what the values name, and what that contains. through is the group
// that gives it, nil for the user; it gives only what it passes on. What is not given
// gives nothing of what it contains.
func (e *effective) add(ctx context.Context, s storage.Snapshot, values []string, through *groupOf) error {
	return e.closure(ctx, s, e.limit, values, func(d *storage.Document) error {
		r := query.Resource(d)
		if isOff(r.Get("supported")) || through != nil && !e.passes(through.resource(), r) {
			return errClosed
		}
		h := e.found[d.ID]
		if h == nil {
			h = &held{Document: d}
			e.found[d.ID] = h
		}
		if through == nil {
			h.own = true
		} else {
			h.via = append(h.via, *through)
		}
		return nil
	})
}

// passes reports whether a group passes a grant on to its members: an entitlement
// of administrators, or to a service, only with its flag for them.
func (k catalogue) passes(group, grant scim.Resource) bool {
	flags := map[string]string{"admin": "adminEntitlementEnabled", "service": "serviceEntitlementEnabled"}
	flag := flags[schema.Fold(grant.Get("type").Text())]
	return k == roles || flag == "" || group.Get(model.GroupURN).Get(flag).Bool()
}

// list is everything found, in the order of the values.
func (e *effective) list() []*held {
	all := make([]*held, 0, len(e.found))
	for _, h := range e.found {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *held) int {
		return cmp.Compare(schema.Fold(a.resource().Get("value").Text()), schema.Fold(b.resource().Get("value").Text()))
	})
	return all
}

// effectiveOf collects what a user has of a catalogue.
func effectiveOf(ctx context.Context, s storage.Snapshot, c provider.Call, k catalogue, user *storage.Document) ([]*held, error) {
	e := &effective{catalogue: k, limit: c.Limits.GroupClosure, found: map[string]*held{}}
	groups, err := groupsOf(ctx, s, user.ID, c.Limits.GroupClosure)
	if err != nil {
		return nil, err
	}
	if err := e.add(ctx, s, k.ofUser(query.Resource(user)), nil); err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := e.add(ctx, s, k.ofGroup(g.resource()), &g); err != nil {
			return nil, err
		}
	}
	return e.list(), nil
}

// effectiveRoles lists the roles that a user has, by value.
func effectiveRoles(ctx context.Context, s storage.Snapshot, c provider.Call, user *storage.Document) ([]string, error) {
	all, err := effectiveOf(ctx, s, c, roles, user)
	values := make([]string, len(all))
	for i, h := range all {
		values[i] = h.resource().Get("value").Text()
	}
	return values, err
}

// ofUser lists what a user has itself, as it is written.
func (k catalogue) ofUser(user scim.Resource) []string {
	if k == entitlements {
		return names(user.Get("entitlements"), "value")
	}
	return model.Of(user).Roles()
}

// ofGroup lists what a group gives its members.
func (k catalogue) ofGroup(group scim.Resource) []string {
	if k == entitlements {
		return groupEntitlements(group)
	}
	return groupRoles(group)
}

// showEntitlements lists what a user is entitled to, and through what.
func showEntitlements(ctx context.Context, s storage.Snapshot, c provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	all, err := effectiveOf(ctx, s, c, entitlements, d)
	shown := make([]scim.Value, len(all))
	for i, h := range all {
		r := h.resource()
		var via []scim.Value
		if h.own {
			via = append(via, scim.StringValue(d.ID))
		}
		for _, g := range h.via {
			via = append(via, scim.StringValue(g.ID))
		}
		shown[i] = scim.ObjectValue(scim.Member{Name: "value", Value: r.Get("value")}).
			With("display", r.Get("display")).With("type", r.Get("type")).With("via", listOf(via))
	}
	return listOf(shown), err
}
