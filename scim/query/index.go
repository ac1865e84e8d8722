package query

import (
	"fmt"
	"slices"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Indexes lists the indexes that the definitions of the resource types ask for.
func Indexes(types []*schema.ResourceType) []storage.Index {
	var indexes []storage.Index
	for _, rt := range types {
		for _, a := range rt.All {
			if a.Index {
				indexes = append(indexes, indexOf(rt, a))
			}
		}
	}
	return indexes
}

func indexOf(rt *schema.ResourceType, a *schema.Attribute) storage.Index {
	return storage.Index{
		Type:  rt.Name,
		Name:  rt.IndexName(a),
		Form:  fmt.Sprintf("1 %s caseExact=%t multi=%t", a.Type, a.CaseExact, a.ElementOf() != nil),
		Multi: a.ElementOf() != nil,
		Extract: func(d *storage.Document) (values [][]byte, sort []byte) {
			r := Resource(d)
			a.Values(rt.Root, r, func(v scim.Value) bool {
				if n, ok := a.Normal(v); ok && !containsBytes(values, n) {
					values = append(values, []byte(n))
				}
				return true
			})
			return values, SortKey(rt, a, r)
		},
	}
}

func containsBytes(values [][]byte, n string) bool {
	return slices.ContainsFunc(values, func(v []byte) bool { return string(v) == n })
}

// SortKey returns the normal form of the value that a resource sorts by: that of
// the primary element of a multi-valued attribute, else of its first one (RFC
// 7644 section 3.4.2.3). It is nil if there is no value.
func SortKey(rt *schema.ResourceType, a *schema.Attribute, r scim.Resource) []byte {
	first, primary := scim.Value{}, scim.Value{}
	list := a.ElementOf()
	if list == nil {
		list = rt.Root
	}
	list.Values(rt.Root, r, func(element scim.Value) bool {
		a.Values(list, element, func(v scim.Value) bool {
			if first.IsNull() {
				first = v
			}
			if element.Get("primary").Bool() {
				primary = v
			}
			return false
		})
		return primary.IsNull()
	})
	if primary.IsNull() {
		primary = first
	}
	if n, ok := a.Normal(primary); ok {
		return []byte(n)
	}
	return nil
}
