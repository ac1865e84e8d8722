package bolt

import (
	"bytes"

	"roster/storage"
)

// checkEdges compares both ends of each edge, and the numbers at each id.
func (c *inspection) checkEdges() error {
	if err := c.checkEnds(storage.Outbound); err != nil {
		return err
	}
	return c.checkEnds(storage.Inbound)
}

func (c *inspection) checkEnds(dir storage.Direction) error {
	var at []byte
	var expected, n uint64
	settle := func() {
		if expected != n {
			c.report("%d edges are noted at %x, %d are kept", expected, at, n)
		}
	}
	for key, value := range c.in(edgeSpace(dir)).ascend(span{}) {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		kind, id, other, ok := splitEdgeKey(key)
		switch {
		case !ok:
			c.report("an edge has the damaged key %x", key)
		case len(other) == 0:
			settle()
			at, expected, n = key, parseNumber(value), 0
		default:
			if !bytes.HasPrefix(key, at) || at == nil {
				c.report("the edge %s from %q is kept where none is noted", kind, id)
			}
			n++
			c.checkOtherEnd(dir, string(kind), string(id), string(other), decodeEdge(value))
		}
	}
	settle()
	return nil
}

func (c *inspection) checkOtherEnd(dir storage.Direction, kind, id, other string, e edge) {
	back := c.in(edgeSpace(!dir)).get(edgeKey(kind, other, id))
	if back == nil || decodeEdge(back).epoch != e.epoch {
		c.report("the edge %s between %q and %q differs by direction", kind, id, other)
	}
}
