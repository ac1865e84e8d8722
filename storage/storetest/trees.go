package storetest

import (
	"strings"

	"roster/storage"
)

// query returns a random query.
func (g *generator) query() storage.Query {
	q := storage.Query{Type: pick(g, []string{Person, Person, Team}), Total: g.chance(50)}
	if g.chance(90) {
		q.Where = g.node(q.Type, 3)
	}
	if g.chance(60) {
		q.Sort = g.sort(q.Type)
	}
	q.Limit = pick(g, []int{0, 1, 3, 10, everything, everything})
	q.Offset = pick(g, []int{0, 0, 0, 1, 5, 30})
	return q
}

// of returns the attributes of a type, as declared.
func (g *generator) of(typ string) []Attribute {
	var own []Attribute
	for _, a := range g.attributes {
		if a.Type == typ {
			own = append(own, a)
		}
	}
	return own
}

func (g *generator) sort(typ string) *storage.Sort {
	s := pick(g, g.of(typ)).Sort(g.chance(50))
	if g.chance(10) {
		s.Index = ""
	}
	return s
}

// node returns a condition of at most that depth.
func (g *generator) node(typ string, depth int) storage.Node {
	switch n := g.IntN(10); {
	case depth == 0 || n < 4:
		return g.leaf(typ)
	case n == 4:
		return g.related()
	case n == 5:
		return storage.Not{Node: g.node(typ, depth-1)}
	case n < 8:
		return storage.And(g.nodes(typ, depth-1))
	default:
		return storage.Or(g.nodes(typ, depth-1))
	}
}

func (g *generator) nodes(typ string, depth int) []storage.Node {
	var nodes []storage.Node
	for range pick(g, []int{0, 1, 2, 2, 2, 3, 3}) {
		nodes = append(nodes, g.node(typ, depth))
	}
	return nodes
}

func (g *generator) leaf(typ string) *storage.Leaf {
	a := pick(g, g.of(typ))
	if g.chance(12) {
		return a.Present()
	}
	leaf := a.Leaf(pick(g, operators()), g.value(a))
	if g.chance(10) {
		leaf.Index = ""
	}
	return leaf
}

// value returns one that the attribute may well have, whole or in part.
func (g *generator) value(a Attribute) []byte {
	var v []byte
	switch a.Name {
	case "age":
		return Number(int64(g.IntN(7)) - 3)
	case storage.IDIndex:
		v = []byte(pick(g, g.names().ids))
	default:
		v = []byte(pick(g, append(probes(), g.values...)))
	}
	if a.Form == FoldedName("").Form && a.Name == "name" {
		v = folded(v)
	}
	if g.chance(20) {
		from := g.IntN(len(v) + 1)
		v = v[from : from+g.IntN(len(v)-from+1)]
	}
	return v
}

// related returns a condition on edges. Whether an id in a cycle is related to
// itself is left open, so that one is left out.
func (g *generator) related() storage.Node {
	r := &storage.Related{
		Kind:      pick(g, []string{"member", "member", "manager", "members"}),
		Direction: storage.Direction(g.chance(50)),
		Text:      "related",
	}
	if g.chance(70) {
		r.ID = pick(g, g.names().ids)
	}
	switch {
	case r.ID != "" && g.chance(40):
		r.Transitive, r.Text = true, "related+"
		return storage.And{r, storage.Not{Node: ID("").Is(r.ID)}}
	case g.chance(20):
		r.Text = "related with data"
		r.Match = func(e *storage.Edge) bool { return strings.Contains(string(e.Data), "a") }
	}
	return r
}
