package grants

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// Scopes of a membership.
const (
	ScopeAccount = "account"
	ScopeOrgUnit = "orgUnit"
	ScopeGroup   = "group"
)

// Membership says where a user has which roles.
type Membership struct {
	ScopeType string   `json:"scopeType" enum:"account,orgUnit,group" doc:"What the roles are for"`
	ScopeID   string   `json:"scopeId" doc:"Identifier of the account, unit or group"`
	Display   string   `json:"display,omitzero" doc:"Name of the account, unit or group"`
	Roles     []string `json:"roles" doc:"Those that exist and are supported"`
}

// memberships lists where a user has roles: in the account by itself; in each of
// its org units, also without roles; through each group that gives some.
func (g *Grants) memberships(ctx context.Context, s storage.Snapshot, c provider.Call, d *storage.Document) ([]Membership, error) {
	settings, err := g.Config.Settings(ctx, c.Account)
	if err != nil {
		return nil, err
	}
	m := &meaning{ctx: ctx, s: s, values: map[string]string{}}
	user := model.Of(query.Resource(d))
	all := []Membership{{ScopeAccount, settings.ID, settings.Name, m.of(user.Roles())}}
	units, err := documents(ctx, s, unitsOf(user))
	if err != nil {
		return nil, err
	}
	for _, e := range user.A("orgUnits").Elements() {
		id := e.Get("value").Text()
		if unit := units[id]; unit != nil {
			all = append(all, Membership{ScopeOrgUnit, id, query.Resource(unit).Get("name").Text(), m.of(names(e.Get("roles"), ""))})
		}
	}
	groups, err := groupsOf(ctx, s, d.ID, c.Limits.GroupClosure)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if roles := m.of(groupRoles(group.resource())); len(roles) > 0 {
			all = append(all, Membership{ScopeGroup, group.ID, group.resource().Get("displayName").Text(), roles})
		}
	}
	return all, m.err
}

// meaning finds the roles that mean something, each once.
type meaning struct {
	ctx    context.Context
	s      storage.Snapshot
	values map[string]string // as the catalogue writes them, "" for unknown ones
	err    error             // the first one
}

func (m *meaning) of(written []string) []string {
	known := []string{}
	for _, role := range gained(nil, written) {
		value, looked := m.values[role]
		if !looked && m.err == nil {
			var d *storage.Document
			if d, m.err = roles.known(m.ctx, m.s, role); d != nil {
				value = query.Resource(d).Get("value").Text()
			}
			m.values[role] = value
		}
		if value != "" {
			known = append(known, value)
		}
	}
	return known
}

// showMemberships is the attribute.
func (g *Grants) showMemberships(ctx context.Context, s storage.Snapshot, c provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	all, err := g.memberships(ctx, s, c, d)
	shown := make([]scim.Value, len(all))
	for i, m := range all {
		roles := make([]scim.Value, len(m.Roles))
		for j, role := range m.Roles {
			roles[j] = scim.StringValue(role)
		}
		shown[i] = scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(m.ScopeID)},
			scim.Member{Name: "scopeType", Value: scim.StringValue(m.ScopeType)},
			scim.Member{Name: "display", Value: scim.StringValue(m.Display)},
		).With("roles", listOf(roles))
	}
	return listOf(shown), err
}
