package query

import (
	"context"
	"errors"
	"time"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
	"roster/storage"
)

func idBound(ms int64) []byte { return []byte(storage.IDPrefix(time.UnixMilli(ms))) }

// EdgeElement returns the element of an edge attribute that an edge stands for:
// its `value`, and what the edge keeps beside it.
func EdgeElement(e *storage.Edge) scim.Value {
	element := scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(e.To)})
	kept, err := scim.ParseJSON(e.Data)
	if err != nil {
		return element
	}
	for name, v := range kept.Members() {
		element = element.With(name, v)
	}
	return element
}

// Locate returns the URL of the resource of that type with that id, "" if there
// is no such type.
type Locate func(typeName, id string) string

// WithReference adds `$ref` to an element whose `value` is the id of a resource:
// of the type that the element or else the attribute names.
func (l Locate) WithReference(a *schema.Attribute, element scim.Value) scim.Value {
	ref := a.SubAttribute("$ref")
	if ref == nil || l == nil {
		return element
	}
	typeName := element.Get("type").Text()
	if len(ref.ReferenceTypes) == 1 {
		typeName = ref.ReferenceTypes[0]
	}
	if url := l(typeName, element.Get("value").Text()); url != "" {
		element = element.With(ref.Name, scim.StringValue(url))
	}
	return element
}

// edges is a condition on the elements of an edge attribute: n is a comparison
// or a value path below list.
func (c compiler) edges(list *schema.Attribute, n filter.Node) storage.Node {
	related := &storage.Related{Kind: list.Edge, Direction: storage.Outbound, Text: c.rt.Name + ":" + text(n)}
	cmp, isCompare := n.(*filter.Compare)
	switch {
	case isCompare && cmp.Op == filter.Present && cmp.Attribute == list:
		return related
	case isCompare && cmp.Op == filter.NotEqual:
		// A value differs, or no element has one.
		present := &filter.Compare{Attribute: cmp.Attribute, Op: filter.Present}
		related.Match = c.matcher(list, filter.And{present, n})
		some := &storage.Related{Kind: list.Edge, Match: c.matcher(list, present), Text: c.rt.Name + ":" + text(present)}
		return storage.Or{storage.Not{Node: some}, related}
	}
	related.ID = otherEnd(list, n)
	if !isCompare || related.ID == "" {
		related.Match = c.matcher(list, n)
	}
	return related
}

// matcher evaluates a condition on one element.
func (c compiler) matcher(list *schema.Attribute, n filter.Node) func(*storage.Edge) bool {
	if vp, ok := n.(*filter.ValuePath); ok {
		n = vp.Where
	}
	return func(e *storage.Edge) bool {
		return filter.MatchElement(n, list, c.locate.WithReference(list, EdgeElement(e)))
	}
}

// otherEnd returns the id that a condition asks for by an equality of `value`,
// or "".
func otherEnd(list *schema.Attribute, n filter.Node) string {
	if vp, ok := n.(*filter.ValuePath); ok {
		n = vp.Where
	}
	for _, term := range conjunction(n) {
		if cmp, ok := term.(*filter.Compare); ok && cmp.Op == filter.Equal && cmp.Attribute == list.SubAttribute("value") {
			return cmp.Value
		}
	}
	return ""
}

// derived is a condition on the elements of a derived attribute: the closure
// from the other end where an id is asked for, and the elements themselves where
// that does not decide.
func (c compiler) derived(list *schema.Attribute, n filter.Node) storage.Node {
	cmp, isCompare := n.(*filter.Compare)
	if isCompare && cmp.Op == filter.Present {
		return &storage.Related{Kind: list.Derived, Direction: storage.Inbound, Text: c.rt.Name + ":" + text(n)}
	}
	check := &storage.Leaf{Text: c.rt.Name + ":" + text(n), Check: func(s storage.Snapshot, d *storage.Document) (bool, error) {
		elements, err := c.derivation.of(s, list, d.ID)
		if err != nil {
			return false, err
		}
		r := scim.ObjectValue(scim.Member{Name: list.Name, Value: elements})
		return filter.Match(n, r), nil
	}}
	id := otherEnd(list, n)
	if id == "" {
		return check
	}
	related := &storage.Related{Kind: list.Derived, Direction: storage.Inbound, ID: id, Transitive: true, Text: c.rt.Name + ":" + text(n)}
	if isCompare {
		return related
	}
	return storage.And{related, check}
}

// derivation computes derived attributes while one query is answered: once for
// each document, however many conditions ask, and within a budget, because the
// engine counts documents and not what a condition reads.
type derivation struct {
	ctx       context.Context
	closure   int
	locate    Locate
	attribute *schema.Attribute
	id        string
	elements  scim.Value
	left      int
}

func (d *derivation) of(s storage.Snapshot, a *schema.Attribute, id string) (scim.Value, error) {
	if d.attribute == a && d.id == id {
		return d.elements, nil
	}
	elements, err := Derived(d.ctx, s, a, id, d.closure)
	if err != nil {
		return scim.Value{}, err
	}
	if d.left -= 1 + len(elements); d.left < 0 {
		return scim.Value{}, storage.ErrTooMany
	}
	for i, e := range elements {
		elements[i] = d.locate.WithReference(a, e)
	}
	d.attribute, d.id, d.elements = a, id, scim.ArrayValue(elements...)
	return d.elements, nil
}

// Derived returns the elements of a derived attribute of the document with that
// id: `value`, `display` and `type`, direct ones first. `$ref` is the renderer's.
// If there are more sources than limit, only direct ones are, at most limit: a
// resource must be readable whatever others made of its surroundings.
func Derived(ctx context.Context, s storage.Snapshot, list *schema.Attribute, id string, limit int) ([]scim.Value, error) {
	reached, err := Sources(ctx, s, list.Derived, id, limit)
	if err != nil || len(reached) == 0 {
		return nil, err
	}
	ids := make([]string, len(reached))
	depth := make(map[string]int, len(reached))
	for i, r := range reached {
		ids[i], depth[r.ID] = r.ID, r.Depth
	}
	sources, err := s.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	elements := make([]scim.Value, 0, len(sources))
	for _, d := range sources {
		kind := "direct"
		if depth[d.ID] > 1 {
			kind = "indirect"
		}
		elements = append(elements, scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(d.ID)},
			scim.Member{Name: "display", Value: Resource(d).Get("displayName")},
			scim.Member{Name: "type", Value: scim.StringValue(kind)},
		))
	}
	return elements, nil
}

// Sources lists the resources from which edges of a kind lead to one, directly or
// through others of them, nearest first. If there are more than limit, it lists
// only direct ones, at most limit.
func Sources(ctx context.Context, s storage.Snapshot, kind, id string, limit int) ([]storage.Reached, error) {
	reached, err := s.Reach(ctx, kind, storage.Inbound, id, limit)
	if !errors.Is(err, storage.ErrTooMany) {
		return reached, err
	}
	edges, err := s.Edges(ctx, kind, storage.Inbound, id, "", limit)
	reached = make([]storage.Reached, len(edges))
	for i, e := range edges {
		reached[i] = storage.Reached{ID: e.From, Depth: 1}
	}
	return reached, err
}
