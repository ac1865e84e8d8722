package memory

import (
	"bytes"
	"fmt"

	"roster/storage"
)

// edgeKey is what makes an edge one edge.
type edgeKey struct{ kind, from, to string }

func keyOf(e *storage.Edge) edgeKey { return edgeKey{e.Kind, e.From, e.To} }

// changeEdges does the edges of the batch and the effects of all of it, the
// unconditional ones first.
func (c *change) changeEdges() error {
	if err := c.affect(&c.batch.Effects); err != nil {
		return err
	}
	for i := range c.batch.Edges {
		e := &c.batch.Edges[i]
		changed := c.relate(e)
		c.receipt.Changed = append(c.receipt.Changed, changed)
		if !changed {
			continue
		}
		if err := c.affect(&e.IfChanged); err != nil {
			return err
		}
	}
	return nil
}

// relate removes and adds edges and tells whether any is other than before:
// removing an edge and adding it again as it was is no change.
func (c *change) relate(e *storage.EdgeChange) bool {
	before := make(map[edgeKey]func() bool)
	for _, edges := range [][]storage.Edge{e.Remove, e.Add} {
		for i := range edges {
			if k := keyOf(&edges[i]); before[k] == nil {
				before[k] = c.same(k)
			}
		}
	}
	for i := range e.Remove {
		c.unlink(keyOf(&e.Remove[i]))
	}
	for i := range e.Add {
		c.link(&e.Add[i])
	}
	for _, same := range before {
		if !same() {
			return true
		}
	}
	return false
}

// same returns a question that is true while the edge is as it is now.
func (c *change) same(k edgeKey) func() bool {
	at := func() ([]byte, bool) {
		data, there := c.edges[end{k.kind, storage.Outbound, k.from}][k.to]
		return data, there
	}
	data, there := at()
	return func() bool {
		now, has := at()
		return there == has && bytes.Equal(data, now)
	}
}

func (c *change) link(e *storage.Edge) {
	data := bytes.Clone(e.Data)
	set(&c.journal, c.kinds, e.Kind, true)
	set(&c.journal, c.at(end{e.Kind, storage.Outbound, e.From}), e.To, data)
	set(&c.journal, c.at(end{e.Kind, storage.Inbound, e.To}), e.From, data)
}

func (c *change) unlink(k edgeKey) {
	if !c.hasEdge(k.kind, k.from, k.to) {
		return
	}
	remove(&c.journal, c.at(end{k.kind, storage.Outbound, k.from}), k.to)
	remove(&c.journal, c.at(end{k.kind, storage.Inbound, k.to}), k.from)
}

// at returns the edges at that end, to be changed.
func (c *change) at(e end) map[string][]byte {
	if c.edges[e] == nil {
		set(&c.journal, c.edges, e, make(map[string][]byte))
	}
	return c.edges[e]
}

// dropEdges removes the edges of all kinds from and to the id.
func (c *change) dropEdges(id string) {
	for kind := range c.kinds {
		for to := range c.edges[end{kind, storage.Outbound, id}] {
			c.unlink(edgeKey{kind, id, to})
		}
		for from := range c.edges[end{kind, storage.Inbound, id}] {
			c.unlink(edgeKey{kind, from, id})
		}
	}
}

func (c *change) affect(e *storage.Effects) error {
	for _, t := range e.Touches {
		if err := c.touch(t); err != nil {
			return err
		}
	}
	for _, s := range e.Counters {
		set(&c.journal, c.counters, s.Name, c.counters[s.Name]+s.Delta)
	}
	for _, v := range e.Events {
		c.log(v)
	}
	return nil
}

func (c *change) touch(t storage.Touch) error {
	if c.written[t.ID] {
		return nil
	}
	d := c.documents[t.ID]
	if d == nil {
		return fmt.Errorf("touch %q: %w", t.ID, storage.ErrNotFound)
	}
	c.stamp(d, t.Stamp)
	return nil
}

func (c *change) stamp(d *storage.Document, s storage.Stamp) {
	touched := copyOf(d)
	touched.Version, touched.Modified = s.Version, precise(s.Modified)
	set(&c.journal, c.documents, d.ID, touched)
}
