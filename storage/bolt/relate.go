package bolt

import (
	"bytes"
	"slices"

	"roster/storage"
)

// linkChange is an edge before and after the batch's edge changes; before them,
// the edges of what goes are gone.
type linkChange struct{ was, is linkState }

type linkState struct {
	there bool
	data  []byte
}

func (s linkState) same(t linkState) bool {
	return s.there == t.there && bytes.Equal(s.data, t.data)
}

func (c *change) lookAt(l link) *linkChange {
	if at := c.links[l]; at != nil {
		return at
	}
	at := &linkChange{}
	if !slices.Contains(c.dropped, l.from) && !slices.Contains(c.dropped, l.to) {
		if e, there := c.edge(l.kind, l.from, l.to); there {
			at.was = linkState{true, e.data}
		}
	}
	at.is = at.was
	c.links[l], c.linked = at, append(c.linked, l)
	return at
}

// relate removes and adds edges and tells whether any is other than before:
// removing an edge and adding it again as it was is no change.
func (c *change) relate(e *storage.EdgeChange) bool {
	before := make(map[link]linkState, len(e.Remove)+len(e.Add))
	step := func(l link, to linkState) {
		at := c.lookAt(l)
		if _, noted := before[l]; !noted {
			before[l] = at.is
		}
		at.is = to
	}
	for _, r := range e.Remove {
		step(link{r.Kind, r.From, r.To}, linkState{})
	}
	for _, a := range e.Add {
		step(link{a.Kind, a.From, a.To}, linkState{true, a.Data})
	}
	for l, state := range before {
		if !state.same(c.links[l].is) {
			return true
		}
	}
	return false
}

// writeLinks writes the edges that changed, in the current epoch.
func (c *change) writeLinks() {
	epoch := c.in(sweeps).sequence()
	for _, l := range c.linked {
		switch at := c.links[l]; {
		case at.is.same(at.was):
		case at.is.there:
			c.keepEdge(l.kind, l.from, l.to, edge{epoch, at.is.data})
		default:
			c.dropEdge(l.kind, l.from, l.to)
		}
	}
}

// keepEdge writes an edge at both ends.
func (a *account) keepEdge(kind, from, to string, e edge) {
	a.keepEnd(outbound, kind, from, to, e)
	a.keepEnd(inbound, kind, to, from, edge{epoch: e.epoch})
}

func (a *account) keepEnd(s space, kind, id, other string, e edge) {
	key := edgeKey(kind, id, other)
	if a.in(s).get(key) == nil {
		a.put(s, edgePrefix(kind, id), number(a.keptEdges(s, kind, id)+1))
	}
	a.put(s, key, e.encode())
}

// dropEdge removes an edge at both ends.
func (a *account) dropEdge(kind, from, to string) {
	a.dropEnd(outbound, kind, from, to)
	a.dropEnd(inbound, kind, to, from)
}

func (a *account) dropEnd(s space, kind, id, other string) {
	key := edgeKey(kind, id, other)
	if a.in(s).get(key) == nil {
		return
	}
	a.remove(s, key)
	if n := a.keptEdges(s, kind, id); n > 1 {
		a.put(s, edgePrefix(kind, id), number(n-1))
	} else {
		a.remove(s, edgePrefix(kind, id))
	}
}
