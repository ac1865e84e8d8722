package grants

import (
	"context"
	"errors"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// catalogue is the resources of one type, by their values: what there is to
// give.
type catalogue string

// The catalogues.
const (
	roles        catalogue = model.Role
	entitlements catalogue = model.Entitlement
)

// find returns the resource with that value, nil if there is none.
func (k catalogue) find(ctx context.Context, s storage.Snapshot, value string) (*storage.Document, error) {
	id, err := s.Owner(ctx, string(k)+":value", []byte(schema.Fold(value)))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}

// known returns the resource with that value if users can be given it, else nil.
func (k catalogue) known(ctx context.Context, s storage.Snapshot, value string) (*storage.Document, error) {
	d, err := k.find(ctx, s, value)
	if d == nil || err != nil || isOff(query.Resource(d).Get("supported")) {
		return nil, err
	}
	return d, nil
}

// isOff reports whether a flag that is on by default is false.
func isOff(flag scim.Value) bool { return flag.Kind() == scim.Bool && !flag.Bool() }

// unknown refuses a value that is not in the catalogue, or not supported.
func (k catalogue) unknown(value string) error {
	code, plural := model.UnknownRole, "/Roles"
	if k == entitlements {
		code, plural = model.UnknownEntitlement, "/Entitlements"
	}
	return model.Refuse(http.StatusBadRequest, code, "there is no supported %s %q; %s lists what there is", k.noun(), scim.Abbreviate(value), plural)
}

// noun names an element of the catalogue.
func (k catalogue) noun() string {
	if k == entitlements {
		return "entitlement"
	}
	return "role"
}

// check refuses a value that is not known.
func (k catalogue) check(ctx context.Context, s storage.Snapshot, values []string) error {
	for _, value := range values {
		d, err := k.known(ctx, s, value)
		if err != nil {
			return err
		}
		if d == nil {
			return k.unknown(value)
		}
	}
	return nil
}

// pinKnown refuses values that are not known, unless the profile takes them
// without meaning, and guards that the others stay so.
func (k catalogue) pinKnown(ctx context.Context, s storage.Snapshot, c *provider.Change, values []string) error {
	for _, value := range values {
		d, err := k.known(ctx, s, value)
		switch {
		case err != nil:
			return err
		case d == nil && !c.Call.Profile.UnknownGrants:
			return k.unknown(value)
		case d != nil:
			pin(c, d)
		}
	}
	return nil
}

// Knows tells whether a role or an entitlement of a user is one that exists and
// is supported.
func (g *Grants) Knows(ctx context.Context, s storage.Snapshot, a *schema.Attribute, value string) (bool, error) {
	var k catalogue
	switch a.Path() {
	case "roles":
		k = roles
	case "entitlements":
		k = entitlements
	default:
		return false, nil
	}
	d, err := k.known(ctx, s, value)
	return d != nil, err
}

// CheckRoles refuses values that are no roles, or not supported: 400
// unknown_role. It is the rule of the companion API; SCIM asks the profile.
func (g *Grants) CheckRoles(ctx context.Context, s storage.Snapshot, values []string) error {
	return roles.check(ctx, s, values)
}

// CheckEntitlements is CheckRoles for entitlements: 400 unknown_entitlement.
func (g *Grants) CheckEntitlements(ctx context.Context, s storage.Snapshot, values []string) error {
	return entitlements.check(ctx, s, values)
}

// errClosed, from a visit, leaves out what the visited one contains.
var errClosed = errors.New("grants nothing")

// closure visits what the values contain, the values themselves first, each
// once, until visit returns an error other than errClosed. Values that are not
// there are left out. It is storage.ErrTooMany if there are more than limit.
func (k catalogue) closure(ctx context.Context, s storage.Snapshot, limit int, values []string, visit func(*storage.Document) error) error {
	seen := map[string]bool{}
	for len(values) > 0 {
		value := schema.Fold(values[0])
		if values = values[1:]; seen[value] {
			continue
		}
		if seen[value] = true; len(seen) > limit {
			return storage.ErrTooMany
		}
		d, err := k.find(ctx, s, value)
		if err == nil && d != nil {
			if err = visit(d); err == nil {
				values = append(values, names(query.Resource(d).Get("contains"), "")...)
			}
		}
		if err != nil && !errors.Is(err, errClosed) {
			return err
		}
	}
	return nil
}
