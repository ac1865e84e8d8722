package provider

import (
	"context"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// checkGrants refuses values of grant attributes that the server does not know,
// unless the profile lets them be stored without meaning. What a resource had
// before stays acceptable.
func (w *write) checkGrants(ctx context.Context, s storage.Snapshot, before, after scim.Resource) error {
	if w.call.Profile.UnknownGrants {
		return nil
	}
	for _, a := range w.rt.All {
		if !a.Grant {
			continue
		}
		had := map[string]bool{}
		for _, value := range w.grants(a, before) {
			had[value] = true
		}
		for _, value := range w.grants(a, after) {
			known, err := had[value], error(nil)
			if !known {
				known, err = w.p.Knows(ctx, s, a, value)
			}
			if err != nil {
				return err
			}
			if !known {
				return scim.BadRequest(scim.InvalidValue, "attribute %s names %q, which the server does not know", a.Path(), scim.Abbreviate(value))
			}
		}
	}
	return nil
}

// grants lists the values of a grant attribute; an element without `value` names
// nothing.
func (w *write) grants(a *schema.Attribute, r scim.Resource) []string {
	name := a
	if a.IsComplex() {
		name = a.SubAttribute("value")
	}
	var values []string
	name.Values(w.rt.Root, r, func(v scim.Value) bool {
		values = append(values, v.Text())
		return true
	})
	return values
}
