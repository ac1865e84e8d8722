package grants

import (
	_ "embed"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

//go:embed okta.json
var oktaDefinition string

// Representations are the forms of roles and entitlements that clients of some
// accounts read instead of that of the draft. Okta Identity Governance imports what
// has schemas of its own, and takes `id` for what it writes into users' roles and
// entitlements, so that is the value.
func (g *Grants) Representations() ([]provider.Representation, error) {
	definitions, err := schema.Define(nil, schema.Source{Name: "okta.json", Text: oktaDefinition})
	if err != nil {
		return nil, err
	}
	var list []provider.Representation
	for _, rt := range definitions.Types {
		if rt.Name == model.Role || rt.Name == model.Entitlement {
			list = append(list, provider.Representation{
				Type: rt,
				For:  func(p scim.Profile) bool { return p.OktaGrants },
				ID:   "value",
				Show: func(r scim.Resource) scim.Resource { return oktaGrant(rt, r) },
			})
		}
	}
	return list, nil
}

// oktaGrant is a role or entitlement as Okta reads it: it has a name in any case.
func oktaGrant(rt *schema.ResourceType, r scim.Resource) scim.Resource {
	name := r.Get("display")
	if name.IsNull() {
		name = r.Get("value")
	}
	return scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(rt.Schema.ID))},
		scim.Member{Name: "displayName", Value: name},
	).With("type", r.Get("type"))
}
