package grants

import (
	"context"
	"errors"
	"slices"
	"strings"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// Access answers what users may do, and changes where they belong: what SCIM says
// in attributes, in the words of the companion API. A user that is not there, or
// removed, is a 404.
type Access struct {
	*Grants
	Users *model.Users
}

// Access returns the questions to a server.
func (g *Grants) Access(u *model.Users) *Access { return &Access{g, u} }

// read calls do with a user.
func (a *Access) read(ctx context.Context, c provider.Call, id string, do func(storage.Snapshot, *storage.Document) error) error {
	err := a.Users.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		found, err := s.GetMany(ctx, []string{id})
		switch {
		case err != nil:
			return err
		case len(found) == 0 || found[0].Type != model.User:
			return scim.NotFound(model.User, id)
		}
		return do(s, found[0])
	})
	if errors.Is(err, storage.ErrTooMany) {
		return scim.BadRequest(scim.TooMany, "more roles or entitlements are contained in those of the user than can be told")
	}
	return err
}

// Memberships lists where a user has which roles, in one scope or, if it is "",
// in all.
func (a *Access) Memberships(ctx context.Context, c provider.Call, id, scope string) (list []Membership, err error) {
	err = a.read(ctx, c, id, func(s storage.Snapshot, d *storage.Document) (err error) {
		list, err = a.memberships(ctx, s, c, d)
		return err
	})
	return slices.DeleteFunc(list, func(m Membership) bool { return scope != "" && m.ScopeType != scope }), err
}

// EffectiveRoles lists the roles that a user has itself and through groups, with
// those that they contain, by value. Unknown ones are left out.
func (a *Access) EffectiveRoles(ctx context.Context, c provider.Call, id string) (values []string, err error) {
	err = a.read(ctx, c, id, func(s storage.Snapshot, d *storage.Document) (err error) {
		values, err = effectiveRoles(ctx, s, c, d)
		return err
	})
	return values, err
}

// Group is a group as one of its members sees it.
type Group struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Type        string `json:"type" enum:"direct,indirect" doc:"indirect: through another group"`
	Description string `json:"description,omitzero"`
	Source      string `json:"source,omitzero" doc:"By which way in the group came"`
	IdP         string `json:"idp,omitzero" doc:"Identity provider that the group comes from"`
	Dynamic     bool   `json:"dynamic" doc:"The members follow from a rule of the source"`
	Admin       bool   `json:"adminEntitlementEnabled" doc:"Members get the group's entitlements of administrators"`
	Service     bool   `json:"serviceEntitlementEnabled" doc:"Members get the group's entitlements to services"`
}

// Groups lists groups that a user is in, directly or through others, by id: take
// of them behind the first from. total counts all.
func (a *Access) Groups(ctx context.Context, c provider.Call, id string, from, take int) (page []Group, total int, err error) {
	err = a.read(ctx, c, id, func(s storage.Snapshot, d *storage.Document) error {
		reached, err := query.Sources(ctx, s, member, id, c.Limits.GroupClosure)
		if err != nil {
			return err
		}
		slices.SortFunc(reached, func(a, b storage.Reached) int { return strings.Compare(a.ID, b.ID) })
		total = len(reached)
		reached = reached[min(from, total):]
		groups, err := readGroups(ctx, s, reached[:min(take, len(reached))])
		page = make([]Group, len(groups))
		for i, g := range groups {
			page[i] = g.describe()
		}
		return err
	})
	return page, total, err
}

func (g groupOf) describe() Group {
	r := g.resource()
	own := r.Get(model.GroupURN)
	kind := "indirect"
	if g.direct {
		kind = "direct"
	}
	return Group{
		ID: g.ID, DisplayName: r.Get("displayName").Text(), Type: kind,
		Description: own.Get("description").Text(), Source: own.Get("source").Text(), IdP: own.Get("idp").Text(),
		Dynamic: own.Get("dynamic").Bool(), Admin: own.Get("adminEntitlementEnabled").Bool(), Service: own.Get("serviceEntitlementEnabled").Bool(),
	}
}
