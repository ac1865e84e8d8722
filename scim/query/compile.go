package query

import (
	"context"
	"fmt"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
	"roster/storage"
)

// Request is what a client asks for, with everything bound.
type Request struct {
	Filter     filter.Node       // nil: all
	SortBy     *schema.Attribute // nil: in order of creation
	Descending bool
	StartIndex int // from 1
	Count      int
	Locate     Locate // for conditions on URLs that are made when they are answered
	// Domain is the provisioning domain whose external ids are meant, "" for the
	// account's own.
	Domain string
	// Complete returns the resource of a document with these computed attributes.
	// Required if the type has some.
	Complete func(ctx context.Context, s storage.Snapshot, d *storage.Document, r scim.Resource, computed []*schema.Attribute) (scim.Resource, error)
}

// Compile states a request as a query on documents of the type. ctx is that of
// the reads that conditions on derived attributes need.
func Compile(ctx context.Context, rt *schema.ResourceType, req Request, l scim.Limits) storage.Query {
	q := storage.Query{
		Type:      rt.Name,
		Offset:    max(req.StartIndex, 1) - 1,
		Limit:     min(max(req.Count, 0), l.MaxPageSize),
		Total:     true,
		MaxChecks: l.Checks,
	}
	if req.Filter != nil {
		d := &derivation{ctx: ctx, closure: l.GroupClosure, locate: req.Locate, left: l.Checks}
		q.Where = compiler{rt: rt, domain: req.Domain, locate: req.Locate, derivation: d, complete: func(s storage.Snapshot, d *storage.Document, r scim.Resource, computed []*schema.Attribute) (scim.Resource, error) {
			return req.Complete(ctx, s, d, r, computed)
		}}.node(req.Filter)
	}
	if req.SortBy != nil {
		q.Sort = sortOf(rt, req)
	}
	return q
}

func sortOf(rt *schema.ResourceType, req Request) *storage.Sort {
	a := req.SortBy
	s := &storage.Sort{Descending: req.Descending, Key: func(d *storage.Document) []byte {
		return SortKey(rt, a, Resource(d))
	}}
	switch {
	case req.Domain != "" && isExternalID(a):
		s.Key = func(d *storage.Document) []byte { return SortKey(rt, a, InDomain(req.Domain, Resource(d))) }
	case a.Path() == "id", a.Path() == "meta.created":
		s.Index = storage.IDIndex
		s.Key = func(d *storage.Document) []byte { return []byte(d.ID) }
	case a.Index:
		s.Index = rt.IndexName(a)
	}
	return s
}

// SortAttribute finds the attribute that results are to be ordered by: that of
// the path, or the `value` of a complex one. The error is a *scim.Error.
func SortAttribute(rt *schema.ResourceType, path string, p scim.Profile) (*schema.Attribute, error) {
	parsed, err := filter.ParseAttributePath(path)
	if err != nil {
		return nil, err
	}
	a, err := filter.FindAttribute(rt, parsed, p, scim.InvalidValue)
	if err != nil {
		return nil, err
	}
	if a.IsComplex() {
		value := a.SubAttribute("value")
		if value == nil {
			return nil, scim.BadRequest(scim.InvalidValue, "sortBy: %s is complex; name one of its sub-attributes", a.Path())
		}
		a = value
	}
	if computed := computedIn(&filter.Compare{Attribute: a}); computed != nil && !a.Index {
		return nil, scim.BadRequest(scim.InvalidValue, "sortBy: results cannot be ordered by %s, which is computed for each of them", a.Path())
	}
	if list := a.ElementOf(); a.Returned == schema.Never || list != nil && (list.Edge != "" || list.Derived != "") {
		return nil, scim.BadRequest(scim.InvalidValue, "sortBy: results cannot be ordered by %s", a.Path())
	}
	return a, nil
}

// compiler turns nodes of a filter into conditions on documents.
type compiler struct {
	rt         *schema.ResourceType
	domain     string
	locate     Locate
	derivation *derivation
	complete   func(storage.Snapshot, *storage.Document, scim.Resource, []*schema.Attribute) (scim.Resource, error)
}

func (c compiler) node(n filter.Node) storage.Node {
	switch n := n.(type) {
	case filter.And:
		return storage.And(c.nodes(n))
	case filter.Or:
		return storage.Or(c.nodes(n))
	case filter.Not:
		return storage.Not{Node: c.node(n.Node)}
	case *filter.Compare:
		return c.compare(n)
	case *filter.ValuePath:
		return c.valuePath(n)
	}
	panic(fmt.Sprintf("filter node %T", n)) // a fault of the program: the nodes are a closed set
}

func (c compiler) nodes(list []filter.Node) []storage.Node {
	nodes := make([]storage.Node, len(list))
	for i, n := range list {
		nodes[i] = c.node(n)
	}
	return nodes
}

func (c compiler) compare(n *filter.Compare) storage.Node {
	a := n.Attribute
	list := a.ElementOf()
	switch {
	case !c.rt.Has(a):
		return c.check(n)
	case a.Path() == "meta.resourceType" && n.Op == filter.Equal:
		if n.Value == c.rt.Name {
			return storage.And{}
		}
		return storage.Or{}
	case list != nil && list.Edge != "":
		return c.edges(list, n)
	case list != nil && list.Derived != "":
		return c.derived(list, n)
	case a.Path() == "meta.created":
		return c.created(n)
	case n.Op == filter.NotEqual && list == nil:
		equal := *n
		equal.Op = filter.Equal
		return storage.Not{Node: c.compare(&equal)}
	case c.domain != "" && isExternalID(a):
		return c.externalID(n)
	case a.Path() == "id" && n.Op != filter.NotEqual:
		return c.leaf(storage.IDIndex, n)
	case a.Index && n.Op != filter.NotEqual:
		return c.leaf(c.rt.IndexName(a), n)
	}
	return c.check(n)
}

var ops = map[filter.Op]storage.Op{
	filter.Present: storage.Present, filter.Equal: storage.Equal,
	filter.Contains: storage.Contains, filter.StartsWith: storage.Prefix, filter.EndsWith: storage.Suffix,
	filter.Greater: storage.Greater, filter.GreaterOrEqual: storage.GreaterOrEqual,
	filter.Less: storage.Less, filter.LessOrEqual: storage.LessOrEqual,
}

func (c compiler) leaf(index string, n *filter.Compare) *storage.Leaf {
	leaf := c.check(n)
	leaf.Index, leaf.Op, leaf.Value = index, ops[n.Op], []byte(n.Value)
	leaf.Text = fmt.Sprintf("%s:%s %s", c.rt.Name, n.Attribute.Path(), leaf.Op)
	return leaf
}

// check is decided by looking at the resource.
func (c compiler) check(n filter.Node) *storage.Leaf {
	located := c.locate != nil && mentionsLocation(n)
	computed := computedIn(n)
	own := c.domain != "" && isAboutExternalID(n)
	return &storage.Leaf{
		Text: c.rt.Name + ":" + text(n),
		Check: func(s storage.Snapshot, d *storage.Document) (_ bool, err error) {
			r := Resource(d)
			if len(computed) > 0 {
				if r, err = c.complete(s, d, r, computed); err != nil {
					return false, err
				}
			}
			if own {
				r = InDomain(c.domain, r)
			}
			if located {
				r = r.With("meta", Meta(d).With("location", scim.StringValue(c.locate(d.Type, d.ID))))
			}
			return filter.Match(n, r), nil
		},
	}
}

// computedIn lists the computed attribute that a comparison or value path is
// about, and none if it is about no such attribute.
func computedIn(n filter.Node) []*schema.Attribute {
	var about *schema.Attribute
	switch n := n.(type) {
	case *filter.Compare:
		about = n.Attribute
	case *filter.ValuePath:
		about = n.Attribute
	}
	for a := about; a != nil; a = a.Parent {
		if a.Computed {
			return []*schema.Attribute{a}
		}
	}
	return nil
}

// mentionsLocation reports whether a condition is about meta.location, which is
// no part of a document.
func mentionsLocation(n filter.Node) bool {
	switch n := n.(type) {
	case *filter.Compare:
		return n.Attribute.Path() == "meta.location"
	case *filter.ValuePath:
		return n.Attribute.Path() == "meta"
	}
	return false
}

// text names a condition in a plan, without its values.
func text(n filter.Node) string {
	switch n := n.(type) {
	case *filter.Compare:
		return n.Attribute.Path() + " " + n.Op.String()
	case *filter.ValuePath:
		return n.Attribute.Path() + "[…]"
	}
	return "…"
}

// valuePath holds the whole condition against the resource, beside what indexes
// know of its parts: a value path implies each equality in its conjunction.
func (c compiler) valuePath(n *filter.ValuePath) storage.Node {
	switch {
	case !c.rt.Has(n.Attribute):
		return c.check(n)
	case n.Attribute.Edge != "":
		return c.edges(n.Attribute, n)
	case n.Attribute.Derived != "":
		return c.derived(n.Attribute, n)
	}
	all := storage.And{}
	for _, term := range conjunction(n.Where) {
		if cmp, ok := term.(*filter.Compare); ok && cmp.Attribute.Index && cmp.Op != filter.NotEqual {
			all = append(all, c.leaf(c.rt.IndexName(cmp.Attribute), cmp))
		}
	}
	return append(all, c.check(n))
}

func conjunction(n filter.Node) []filter.Node {
	and, ok := n.(filter.And)
	if !ok {
		return []filter.Node{n}
	}
	var terms []filter.Node
	for _, part := range and {
		terms = append(terms, conjunction(part)...)
	}
	return terms
}

// created turns a comparison with meta.created into a range of ids, which are
// minted at that time (storage.NewID).
func (c compiler) created(n *filter.Compare) storage.Node {
	leaf := c.check(n)
	t, ok := schema.ParseDateTime(n.Literal)
	if !ok || n.Op == filter.Present || n.Op == filter.NotEqual {
		return leaf
	}
	leaf.Index = storage.IDIndex
	leaf.Text = c.rt.Name + ":id range for " + text(n)
	whole := t.UnixMilli()
	exact := t.Nanosecond()%1_000_000 == 0
	switch n.Op {
	case filter.GreaterOrEqual, filter.Less:
		if !exact {
			whole++
		}
	case filter.Greater, filter.LessOrEqual:
		whole++
	case filter.Equal:
		if !exact {
			return storage.Or{}
		}
		leaf.Op, leaf.Value = storage.Prefix, idBound(whole)
		return leaf
	}
	leaf.Op, leaf.Value = storage.GreaterOrEqual, idBound(whole)
	if n.Op == filter.Less || n.Op == filter.LessOrEqual {
		leaf.Op = storage.Less
	}
	return leaf
}
