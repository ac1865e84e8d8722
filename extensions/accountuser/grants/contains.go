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

// supportedByDefault says of a role or entitlement that it can be given, if
// nobody says otherwise.
func supportedByDefault(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Way == provider.Create && c.After.Get("supported").IsNull() {
		c.After = c.After.With("supported", scim.BoolValue(true))
	}
	return nil
}

// checkCatalogue is the rule of roles and entitlements alike: one that is in use
// stays, and what one contains is there and does not contain it in turn.
func checkCatalogue(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	k := catalogue(c.Type.Name)
	if c.Way == provider.Remove {
		return k.checkUnused(ctx, s, c)
	}
	more := gained(names(c.Before.Get("contains"), ""), names(c.After.Get("contains"), ""))
	cycle := model.Refuse(http.StatusConflict, model.Cycle, "contains: a %s cannot contain itself, directly or through others", k.noun())
	own := schema.Fold(c.After.Get("value").Text())
	if holds(more, own) {
		return cycle
	}
	if err := k.pinKnown(ctx, s, c, more); err != nil {
		return err
	}
	return k.closure(ctx, s, maxContained, names(c.After.Get("contains"), ""), func(d *storage.Document) error {
		if d.ID == c.ID || holds(names(query.Resource(d).Get("contains"), ""), own) {
			return cycle
		}
		pin(c, d)
		return nil
	})
}

// maxContained bounds what a role or entitlement may contain in all when it is
// changed, and by how many one is told to be contained.
const maxContained = 1000

// checkUnused refuses to remove what somebody has.
func (k catalogue) checkUnused(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	uses := []kind{holders, indirect}
	if k == entitlements {
		uses = []kind{entitled}
	}
	for _, use := range uses {
		unused, err := free(ctx, s, c, use.of(c.Before.Get("value").Text()))
		if err != nil {
			return err
		}
		if !unused {
			return model.Refuse(http.StatusConflict, model.InUse, "the %s is in use: take it from the users, groups and %ss that have it first, or make it unsupported", k.noun(), k.noun())
		}
	}
	return nil
}

// containedBy lists the roles or entitlements that contain one, by value.
func containedBy(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	value := schema.Fold(query.Resource(d).Get("value").Text())
	page, err := s.Query(ctx, storage.Query{Type: d.Type, Limit: maxContained, Where: &storage.Leaf{
		Index: d.Type + ":contains", Op: storage.Equal, Value: []byte(value), Text: d.Type + ":contains eq",
		Check: func(_ storage.Snapshot, other *storage.Document) (bool, error) {
			return holds(names(query.Resource(other).Get("contains"), ""), value), nil
		},
	}})
	var containers []scim.Value
	for _, other := range page.Documents {
		containers = append(containers, query.Resource(other).Get("value"))
	}
	return listOf(containers), err
}

// holds reports whether a list has a name, which is folded already.
func holds(list []string, folded string) bool {
	for _, name := range list {
		if schema.Fold(name) == folded {
			return true
		}
	}
	return false
}

// listOf is a multi-valued attribute, null if it has no value.
func listOf(elements []scim.Value) scim.Value {
	if len(elements) == 0 {
		return scim.Value{}
	}
	return scim.ArrayValue(elements...)
}
