package query

import (
	"slices"
	"strconv"
	"strings"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
	"roster/storage"
)

// A client sees and sets the `externalId` of its provisioning domain (RFC 7643
// section 3.1). A document keeps that of the account's own domain as such, and
// those of all others in the hidden list `externalIds`, in the order of their
// domains. A resource that only the account's own clients know is stored as it is
// served.
const (
	externalID  = "externalId"
	externalIDs = "externalIds"
)

// InDomain returns a stored resource as clients of a domain see it: with their
// externalId, if they gave it one, and without all others.
func InDomain(domain string, stored scim.Resource) scim.Resource {
	others := stored.Get(externalIDs)
	if others.IsNull() && (domain == "" || stored.Get(externalID).IsNull()) {
		return stored
	}
	members := make([]scim.Member, 0, stored.Len())
	for name, v := range stored.Members() {
		switch {
		case name == externalIDs:
			if id := inDomain(others, domain); !id.IsNull() {
				members = append(members, scim.Member{Name: externalID, Value: id})
			}
		case name != externalID || domain == "":
			members = append(members, scim.Member{Name: name, Value: v})
		}
	}
	return scim.ObjectValue(members...)
}

// inDomain returns the external id of a domain, null if there is none.
func inDomain(list scim.Value, domain string) scim.Value {
	for _, e := range list.Elements() {
		if e.Get("domain").Text() == domain {
			return e.Get("value")
		}
	}
	return scim.Value{}
}

// FromDomain returns a resource, as clients of a domain want it, in the form in
// which it is stored: with the external ids that stored has of all other domains.
// stored is null for a resource that was not there.
func FromDomain(domain string, stored, wanted scim.Resource) scim.Resource {
	list := stored.Get(externalIDs)
	if domain == "" {
		return wanted.With(externalIDs, list)
	}
	list = withDomain(list, domain, wanted.Get(externalID))
	return wanted.With(externalID, stored.Get(externalID)).With(externalIDs, list)
}

// withDomain returns the list with the external id of a domain, or without one if
// that is null.
func withDomain(list scim.Value, domain string, id scim.Value) scim.Value {
	var elements []scim.Value
	for _, e := range list.Elements() {
		if e.Get("domain").Text() != domain {
			elements = append(elements, e)
		}
	}
	if !id.IsNull() {
		elements = append(elements, scim.ObjectValue(
			scim.Member{Name: "domain", Value: scim.StringValue(domain)},
			scim.Member{Name: "value", Value: id},
		))
	}
	if len(elements) == 0 {
		return scim.Value{}
	}
	slices.SortFunc(elements, func(a, b scim.Value) int {
		return strings.Compare(a.Get("domain").Text(), b.Get("domain").Text())
	})
	return scim.ArrayValue(elements...)
}

func isExternalID(a *schema.Attribute) bool { return a.Path() == externalID }

func isAboutExternalID(n filter.Node) bool {
	cmp, ok := n.(*filter.Compare)
	return ok && isExternalID(cmp.Attribute)
}

// domainIndexName is the name of the index over the external ids of provisioning
// domains.
func domainIndexName(rt *schema.ResourceType) string { return rt.Name + ":" + externalIDs }

// domainIndex finds the resources of a type by domain and external id. It is sparse:
// few resources have such ids, and it is none to sort by, because a resource has one
// order in each domain.
func domainIndex(rt *schema.ResourceType) storage.Index {
	return storage.Index{
		Type: rt.Name, Name: domainIndexName(rt), Form: "1", Multi: true, Sparse: true,
		Extract: func(d *storage.Document) (values [][]byte, sort []byte) {
			for _, e := range Resource(d).Get(externalIDs).Elements() {
				values = append(values, domainValue(e.Get("domain").Text(), e.Get("value").Text()))
			}
			return values, nil
		},
	}
}

// domainValue is what the index keeps: the domain with its length in front, so that
// it ends where no other one does, and the external id.
func domainValue(domain, id string) []byte {
	return []byte(strconv.Itoa(len(domain)) + ":" + domain + id)
}

// externalID is a condition on the external ids of the domain. The index decides
// what is a value or the beginning of one. For other conditions, those resources
// are looked at that have an external id there.
func (c compiler) externalID(n *filter.Compare) storage.Node {
	leaf := c.check(n)
	switch n.Op {
	case filter.Present, filter.StartsWith:
		leaf.Op = storage.Prefix
	case filter.Equal:
		leaf.Op = storage.Equal
	default:
		return storage.And{c.externalID(&filter.Compare{Attribute: n.Attribute, Op: filter.Present}), leaf}
	}
	leaf.Index, leaf.Value = domainIndexName(c.rt), domainValue(c.domain, n.Value)
	leaf.Text = c.rt.Name + ":" + text(n) + " in the domain"
	return leaf
}
