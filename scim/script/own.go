package script

import (
	"strings"

	"roster/scim"
)

// withoutExtension takes an extension out of every resource in a body: what is
// under its URN, and the URN in `schemas`.
func withoutExtension(v scim.Value, urn string) scim.Value {
	switch v.Kind() {
	case scim.Array:
		elements := make([]scim.Value, 0, v.Len())
		for _, e := range v.Elements() {
			elements = append(elements, withoutExtension(e, urn))
		}
		return scim.ArrayValue(elements...)
	case scim.Object:
		members := make([]scim.Member, 0, v.Len())
		for name, member := range v.Members() {
			switch {
			case strings.EqualFold(name, urn):
				continue
			case name == "schemas":
				member = withoutText(member, urn)
			default:
				member = withoutExtension(member, urn)
			}
			members = append(members, scim.Member{Name: name, Value: member})
		}
		return scim.ObjectValue(members...)
	}
	return v
}

func withoutText(list scim.Value, text string) scim.Value {
	if list.Kind() != scim.Array {
		return list
	}
	kept := make([]scim.Value, 0, list.Len())
	for _, e := range list.Elements() {
		if !strings.EqualFold(e.Text(), text) {
			kept = append(kept, e)
		}
	}
	return scim.ArrayValue(kept...)
}
