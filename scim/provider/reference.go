package provider

import (
	"net/url"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
)

// relative is where a resource is, seen from another one. Stored references are
// relative, as in the examples of RFC 7643 section 8, so that they stay right
// wherever the server is reached.
func (p *Provider) relative(typeName, id string) string {
	if rt := p.byName[typeName]; rt != nil {
		return ".." + rt.Endpoint + "/" + url.PathEscape(id)
	}
	return ""
}

// withReferences sets the readOnly `$ref` of complex values with one element,
// such as a manager, to where their `value` leads. Those of edges are made when
// they are answered.
func withReferences(a *schema.Attribute, v scim.Value, locate query.Locate) scim.Value {
	for _, sub := range a.Sub {
		member := v.Get(sub.Name)
		if !sub.IsComplex() || sub.MultiValued || member.IsNull() {
			continue
		}
		next := withReferences(sub, member, locate)
		if ref := sub.SubAttribute("$ref"); ref != nil && ref.Mutability == schema.ReadOnly {
			next = next.With(ref.Name, scim.Value{})
			if !next.Get("value").IsNull() {
				next = locate.WithReference(sub, next)
			}
		}
		v = v.With(sub.Name, next)
	}
	return v
}
