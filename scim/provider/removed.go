package provider

import (
	"context"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// SearchRemoved is Search among the resources that were removed and kept. No
// index knows them, so it reads every one that the account keeps, within its
// limits.
func (p *Provider) SearchRemoved(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (found []scim.Resource, total int, err error) {
	w, err := p.newWalk(ctx, c, []*schema.ResourceType{rt}, req)
	if err != nil {
		return nil, 0, err
	}
	q := &w.parts[0].query
	q.Type, q.Where = Removed(rt.Name), withoutIndex(q.Where)
	if q.Sort != nil {
		q.Sort.Index = own(q.Sort.Index)
	}
	return p.search(ctx, w)
}

// withoutIndex is the condition as it is decided by looking at a document, but
// for the indexes that documents of all types are in.
func withoutIndex(n storage.Node) storage.Node {
	switch n := n.(type) {
	case storage.And:
		return storage.And(eachWithoutIndex(n))
	case storage.Or:
		return storage.Or(eachWithoutIndex(n))
	case storage.Not:
		return storage.Not{Node: withoutIndex(n.Node)}
	case *storage.Leaf:
		leaf := *n
		leaf.Index = own(leaf.Index)
		return &leaf
	}
	return n
}

func eachWithoutIndex(list []storage.Node) []storage.Node {
	nodes := make([]storage.Node, len(list))
	for i, n := range list {
		nodes[i] = withoutIndex(n)
	}
	return nodes
}

// own is the name of an index that removed resources are in too, else "".
func own(index string) string {
	if index == storage.IDIndex {
		return index
	}
	return ""
}
