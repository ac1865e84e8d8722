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
	} else if g.chance(50) {
		q.Sort = &storage.Sort{Descending: g.chance(70)}
	}
	q.Limit = pick(g, []int{0, 1, 3, 10, everything, everything})
	q.Offset = pick(g, []int{0, 0, 0, 1, 5, 30})
	return q
}

// place is somewhere in the order of a query: with the value of one document and
// the ordinal of another one, which engines number on their own.
type place struct {
	valueOf string // "" for no value
	value   []byte // instead, if it is not nil
	beside  string
}

// place returns one of documents that are there, nil if there is none.
func (g *generator) place(model *opened) *place {
	var there []string
	for _, id := range g.names().ids {
		if model.has(id) {
			there = append(there, id)
		}
	}
	if len(there) == 0 {
		return nil
	}
	p := &place{valueOf: pick(g, there), beside: pick(g, there)}
	switch {
	case g.chance(50):
		p.beside = p.valueOf
	case g.chance(20):
		p.valueOf = ""
	case g.chance(30):
		p.value = []byte(pick(g, probes()))
	}
	return p
}

// position is the place as a store numbers it.
func (p *place) position(o *opened, by *storage.Sort) *storage.Position {
	at := storage.Position{Key: p.value, Ordinal: o.get(p.beside).Ordinal}
	if at.Key == nil && p.valueOf != "" && by != nil && by.Key != nil {
		at.Key = by.Key(o.get(p.valueOf))
	}
	return &at
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
