package query

import (
	"bytes"
	"fmt"
	"slices"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Indexes lists the indexes that the definitions of the resource types ask for, and
// for each type one over the external ids of provisioning domains.
func Indexes(types []*schema.ResourceType) []storage.Index {
	var indexes []storage.Index
	for _, rt := range types {
		indexes = append(indexes, domainIndex(rt))
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
			return distinct(a, rt.Root, r), SortKey(rt, a, r)
		},
	}
}

// distinct lists the normal forms of an attribute's values, each once.
func distinct(a, root *schema.Attribute, r scim.Resource) [][]byte {
	var values [][]byte
	a.Values(root, r, func(v scim.Value) bool {
		if n, ok := a.Normal(v); ok {
			values = append(values, []byte(n))
		}
		return true
	})
	if len(values) > 1 {
		slices.SortFunc(values, bytes.Compare)
		values = slices.CompactFunc(values, bytes.Equal)
	}
	return values
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
