package provider

import (
	"context"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// checkExists holds attributes that must refer to a resource of a type (see
// schema.Notes) to one that is there, and guards that it stays. What an attribute
// referred to before is not asked for again: else the removal of a resource would
// forbid every other change of those that refer to it.
func (w *write) checkExists(ctx context.Context, s storage.Snapshot, before, after scim.Resource) error {
	for _, a := range w.rt.All {
		if !a.Exists {
			continue
		}
		reference := w.single(a, after)
		id := reference.Get("value").Text()
		switch {
		case reference.IsUnassigned() || id != "" && id == w.single(a, before).Get("value").Text():
			continue
		case id == "":
			return scim.BadRequest(scim.InvalidValue, "attribute %s needs a value, the id of a resource", a.Path())
		}
		if _, err := w.targets(ctx, s, a, []string{id}); err != nil {
			return err
		}
	}
	return nil
}

// single returns the value of an attribute that is no part of a list.
func (w *write) single(a *schema.Attribute, r scim.Resource) (value scim.Value) {
	a.Values(w.rt.Root, r, func(v scim.Value) bool {
		value = v
		return true
	})
	return value
}
