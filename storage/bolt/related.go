package bolt

import (
	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

// related finds what decides a condition on edges.
func (q *query) related(n *storage.Related) condition {
	switch {
	case n.Transitive:
		return &closure{edges: edges{q, n}}
	case n.ID != "":
		return &neighbours{edges{q, n}}
	default:
		return &ends{edges{q, n}}
	}
}

// edges is a condition on the edges of a document.
type edges struct {
	*query
	related *storage.Related
}

func (e *edges) source() string { return "edges" }
func (e *edges) String() string { return e.related.Text }

func (e *edges) holds(d *storage.Document) (bool, error) { return e.hasAny(d.ID) }

// hasAny tells whether there is an edge at the id that meets the condition.
func (e *edges) hasAny(id string) (bool, error) {
	r := e.related
	for other, kept := range e.edgesAt(r.Kind, r.Direction, id, "") {
		if err := e.interrupted(); err != nil {
			return false, err
		}
		if r.Match == nil {
			return true, nil
		}
		full := e.complete(r.Kind, r.Direction, id, string(other), kept)
		if r.Match(&full) {
			return true, nil
		}
	}
	return false, nil
}

// add adds the document with that id, if there is one of the type.
func (e *edges) add(found *ordinals, id []byte) {
	if ordinal, ok := e.ofType(e.in(ids).get(id)); ok {
		found.add(ordinal)
	}
}

// neighbours is the condition of an edge to or from a given id.
type neighbours struct{ edges }

func (n *neighbours) cost(limit int) int {
	return min(limit, int(n.keptEdges(edgeSpace(!n.related.Direction), n.related.Kind, n.related.ID)))
}

func (n *neighbours) set() (*roaring.Bitmap, error) {
	var found ordinals
	r := n.related
	for other, kept := range n.edgesAt(r.Kind, !r.Direction, r.ID, "") {
		if err := n.interrupted(); err != nil {
			return nil, err
		}
		if r.Match != nil {
			full := n.complete(r.Kind, !r.Direction, r.ID, string(other), kept)
			if !r.Match(&full) {
				continue
			}
		}
		n.add(&found, other)
	}
	return found.set(), nil
}

func (n *neighbours) holds(d *storage.Document) (bool, error) {
	r := n.related
	from, to := d.ID, r.ID
	if r.Direction == storage.Inbound {
		from, to = to, from
	}
	e, there := n.edge(r.Kind, from, to)
	if !there || r.Match == nil {
		return there, nil
	}
	full := n.complete(r.Kind, storage.Outbound, from, to, e)
	return r.Match(&full), nil
}

// ends is the condition of any edge.
type ends struct{ edges }

func (e *ends) cost(limit int) int {
	n := 0
	for range e.owners() {
		if n++; n >= limit {
			break
		}
	}
	return n
}

func (e *ends) set() (*roaring.Bitmap, error) {
	var found ordinals
	for id := range e.owners() {
		if err := e.interrupted(); err != nil {
			return nil, err
		}
		if e.related.Match != nil || e.sweeping() {
			has, err := e.hasAny(string(id))
			if err != nil {
				return nil, err
			}
			if !has {
				continue
			}
		}
		e.add(&found, id)
	}
	return found.set(), nil
}

// owners iterates over the ids at which edges of the kind are kept.
func (e *ends) owners() func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		kept := e.in(edgeSpace(e.related.Direction))
		within := prefixed(appendText(nil, e.related.Kind))
		for key := kept.first(within); key != nil; key = kept.first(within) {
			_, id, _, ok := splitEdgeKey(key)
			if !ok || !yield(id) {
				return
			}
			within.from = successor(edgePrefix(e.related.Kind, string(id)))
		}
	}
}

// closure is the condition of a path to or from a given id.
type closure struct {
	edges
	reached *roaring.Bitmap
}

func (c *closure) source() string { return "closure" }

func (c *closure) cost(limit int) int { return limit }

func (c *closure) set() (*roaring.Bitmap, error) {
	var found ordinals
	r := c.related
	reached, err := c.Reach(c.ctx, r.Kind, !r.Direction, r.ID, 0)
	if err != nil {
		return nil, err
	}
	for _, at := range reached {
		c.add(&found, []byte(at.ID))
	}
	c.reached = found.set()
	return c.reached, nil
}

func (c *closure) holds(d *storage.Document) (bool, error) {
	if c.reached == nil {
		if _, err := c.set(); err != nil {
			return false, err
		}
	}
	return c.reached.Contains(uint32(d.Ordinal)), nil
}
