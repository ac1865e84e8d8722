package provider

import (
	"roster/scim"
	"roster/scim/patch"
	"roster/scim/schema"
)

// including adds what is returned on request and was sent by the client to the
// answer of a change (RFC 7643 section 7, "returned").
func (p Projection) including(rt *schema.ResourceType, sent func(*schema.Attribute) bool) Projection {
	p.sent = map[*schema.Attribute]bool{}
	for _, a := range rt.All {
		if a.Returned == schema.Request && sent(a) {
			p.sent[a] = true
		}
	}
	return p
}

// inBody tells which attributes a whole resource has.
func inBody(accepted scim.Resource) func(*schema.Attribute) bool {
	return func(a *schema.Attribute) bool { return mentions(accepted, a.Chain()) }
}

// inOperations tells which attributes the operations of a PATCH name.
func inOperations(ops []patch.Op) func(*schema.Attribute) bool {
	return func(a *schema.Attribute) bool {
		for _, op := range ops {
			target := op.Path.Attribute
			if op.Path.Sub != nil {
				target = op.Path.Sub
			}
			above, own := target.Chain(), a.Chain()
			if len(above) >= len(own) && above[len(own)-1] == a ||
				len(above) < len(own) && (len(above) == 0 || own[len(above)-1] == target) && mentions(op.Value, own[len(above):]) {
				return true
			}
		}
		return false
	}
}

// mentions reports whether a value, or an element of it, has the member that the
// chain leads to.
func mentions(v scim.Value, chain []*schema.Attribute) bool {
	if v.Kind() == scim.Array {
		for _, e := range v.Elements() {
			if mentions(e, chain) {
				return true
			}
		}
		return false
	}
	member, ok := v.Lookup(chain[0].Name)
	return ok && (len(chain) == 1 || mentions(member, chain[1:]))
}
