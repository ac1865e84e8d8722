package provider

import (
	"slices"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// Projection is which attributes an answer holds (RFC 7644 section 3.9). The
// zero Projection is the default set.
type Projection struct {
	only, without map[*schema.Attribute]bool
	sent          map[*schema.Attribute]bool // returned on request; see including
}

// ParseProjection reads the parameters attributes and excludedAttributes, of
// which only one may be given. Names that no attribute has are ignored; what is
// no attribute path is 400 invalidValue.
func ParseProjection(rt *schema.ResourceType, p scim.Profile, attributes, excluded []string) (Projection, error) {
	if len(attributes) > 0 && len(excluded) > 0 {
		return Projection{}, scim.BadRequest(scim.InvalidValue, "attributes and excludedAttributes exclude each other; send only one of them")
	}
	only, err := attributeSet(rt, p, "attributes", attributes)
	if err != nil {
		return Projection{}, err
	}
	without, err := attributeSet(rt, p, "excludedAttributes", excluded)
	return Projection{only: only, without: without}, err
}

func attributeSet(rt *schema.ResourceType, p scim.Profile, parameter string, paths []string) (map[*schema.Attribute]bool, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	set := map[*schema.Attribute]bool{}
	for _, path := range paths {
		if a := rt.At(path); a != nil {
			set[a] = true
			continue
		}
		parsed, err := filter.ParseAttributePath(path)
		if err != nil {
			return nil, scim.BadRequest(scim.InvalidValue, "%s: %q is no attribute path", parameter, scim.Abbreviate(path))
		}
		if a, err := filter.FindAttribute(rt, parsed, p, scim.InvalidValue); err == nil {
			set[a] = true
		}
	}
	return set, nil
}

// IsDefault reports whether the client asked for nothing in particular.
func (p Projection) IsDefault() bool { return p.only == nil && p.without == nil }

// Wants reports whether a, or something in it, belongs to the answer.
func (p Projection) Wants(a *schema.Attribute) bool {
	switch {
	case a.Returned == schema.Never:
		return false
	case a.Returned == schema.Always:
		return true
	case a.IsExtension() && slices.ContainsFunc(a.Sub, func(sub *schema.Attribute) bool { return sub.Returned == schema.Always }):
		return true // its attributes are asked one by one
	case p.only == nil:
		return (a.Returned != schema.Request || p.sent[a]) && !p.without[a] && !(a.Parent.IsExtension() && p.without[a.Parent])
	case p.named(a):
		return true
	}
	for _, sub := range a.Sub {
		if p.only[sub] || p.wantsBelow(sub) {
			return true
		}
	}
	return false
}

func (p Projection) wantsBelow(a *schema.Attribute) bool {
	for _, sub := range a.Sub {
		if p.only[sub] || p.wantsBelow(sub) {
			return true
		}
	}
	return false
}

// named reports whether a or something that it is in was asked for; what is
// returned on request must be named itself.
func (p Projection) named(a *schema.Attribute) bool {
	if p.only[a] {
		return true
	}
	return a.Returned != schema.Request && a.Parent != nil && p.named(a.Parent)
}

// Apply returns the part of a resource that belongs to the answer.
func (p Projection) Apply(rt *schema.ResourceType, r scim.Resource) scim.Resource {
	return p.object(rt.Root, r)
}

func (p Projection) object(of *schema.Attribute, v scim.Value) scim.Value {
	members := make([]scim.Member, 0, v.Len())
	for name, member := range v.Members() {
		a := of.SubAttribute(name)
		if a == nil || !p.Wants(a) {
			continue
		}
		if kept := p.value(a, member); !kept.IsUnassigned() {
			members = append(members, scim.Member{Name: name, Value: kept})
		}
	}
	return scim.ObjectValue(members...)
}

func (p Projection) value(a *schema.Attribute, v scim.Value) scim.Value {
	switch {
	case !a.IsComplex():
		return v
	case !a.MultiValued:
		return p.object(a, v)
	}
	elements := make([]scim.Value, 0, v.Len())
	for _, e := range v.Elements() {
		if kept := p.object(a, e); !kept.IsUnassigned() {
			elements = append(elements, kept)
		}
	}
	return scim.ArrayValue(elements...)
}
