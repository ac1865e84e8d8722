package schema

import (
	"strings"

	"roster/scim"
)

// checkSchemas holds the body's `schemas` to RFC 7643 section 3: present, the
// type's own URN among them, none unknown, and each extension in the body
// listed.
func (rt *ResourceType) checkSchemas(body scim.Value) error {
	list, _ := body.Lookup("schemas")
	listed := map[string]bool{}
	for _, e := range list.Elements() {
		urn := strings.ToLower(e.Text())
		if !strings.EqualFold(urn, rt.Schema.ID) && !rt.isExtension(urn) {
			return scim.BadRequest(scim.InvalidSyntax, "schemas holds %q, which is no schema of resource type %s", scim.Abbreviate(e.Text()), rt.Name)
		}
		listed[urn] = true
	}
	if !listed[strings.ToLower(rt.Schema.ID)] {
		return scim.BadRequest(scim.InvalidSyntax, "schemas must be a list that holds %q", rt.Schema.ID)
	}
	for _, e := range rt.Extensions {
		if v, _ := body.Lookup(e.Schema.ID); !v.IsUnassigned() && !listed[strings.ToLower(e.Schema.ID)] {
			return scim.BadRequest(scim.InvalidSyntax, "the body has an extension that schemas does not list: %q", e.Schema.ID)
		}
	}
	return nil
}

// WithSchemas sets `schemas` to what is true: the URN of the type's schema and
// those of the extensions that the resource uses (RFC 7643 section 3). It stands
// first.
func (rt *ResourceType) WithSchemas(r scim.Resource) scim.Resource {
	urns := []scim.Value{scim.StringValue(rt.Schema.ID)}
	for _, e := range rt.Extensions {
		if !r.Get(e.Schema.ID).IsUnassigned() {
			urns = append(urns, scim.StringValue(e.Schema.ID))
		}
	}
	schemas := scim.ArrayValue(urns...)
	if r.Get("schemas").Equal(schemas) {
		return r
	}
	members := make([]scim.Member, 1, r.Len()+1)
	members[0] = scim.Member{Name: "schemas", Value: schemas}
	for name, v := range r.Members() {
		if name != "schemas" {
			members = append(members, scim.Member{Name: name, Value: v})
		}
	}
	return scim.ObjectValue(members...)
}

// Check reports what a resource must not be without: required attributes, and
// what must not be twice: an element with primary true (RFC 7643 section 2.4).
// Errors are *scim.Error and name the attribute.
func (rt *ResourceType) Check(r scim.Resource) error { return rt.Root.check(r) }

func (a *Attribute) check(v scim.Value) error {
	for _, sub := range a.Sub {
		value := v.Get(sub.Name)
		blank := value.Kind() == scim.String && strings.TrimSpace(value.Text()) == ""
		if sub.Required && (blank || value.IsUnassigned()) {
			return scim.BadRequest(scim.InvalidValue, "attribute %s is required; send a value", sub.Path())
		}
	}
	for name, value := range v.Members() {
		if sub := a.SubAttribute(name); sub != nil && sub.Type == ComplexType {
			if err := sub.checkComplex(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Attribute) checkComplex(v scim.Value) error {
	if !a.MultiValued {
		return a.check(v)
	}
	primaries := 0
	for _, e := range v.Elements() {
		if err := a.check(e); err != nil {
			return err
		}
		if e.Get("primary").Bool() {
			primaries++
		}
	}
	if primary := a.SubAttribute("primary"); primaries > 1 && primary != nil && primary.IsPrimary() {
		return scim.BadRequest(scim.InvalidValue, "attribute %s has %d elements with primary true; at most one may have it", a.Path(), primaries)
	}
	return nil
}

// CheckImmutable refuses a change of an immutable attribute that had a value
// (RFC 7643 section 7). Elements of multi-valued attributes come and go as
// wholes, so their sub-attributes are not compared.
func (rt *ResourceType) CheckImmutable(before, after scim.Resource) error {
	return rt.Root.checkImmutable(before, after)
}

func (a *Attribute) checkImmutable(before, after scim.Value) error {
	for _, sub := range a.Sub {
		if !sub.immutableBelow {
			continue
		}
		old, now := before.Get(sub.Name), after.Get(sub.Name)
		if sub.Mutability == Immutable && !old.IsUnassigned() && !old.Equal(now) {
			return scim.BadRequest(scim.Mutability, "attribute %s is immutable; send its present value or leave it out of a PATCH", sub.Path())
		}
		if sub.Type == ComplexType && !sub.MultiValued && !old.IsUnassigned() {
			if err := sub.checkImmutable(old, now); err != nil {
				return err
			}
		}
	}
	return nil
}
