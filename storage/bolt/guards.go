package bolt

import (
	"fmt"
	"slices"

	"roster/storage"
)

// testGuards tests all but the bounds of counters, against the state before the
// batch.
func (c *change) testGuards() error {
	for _, g := range c.batch.Guards {
		holds, err := c.holds(g)
		if err != nil {
			return err
		}
		if !holds {
			return &storage.ConflictError{Guard: g}
		}
	}
	return nil
}

func (c *change) holds(g storage.Guard) (bool, error) {
	switch g := g.(type) {
	case storage.AtRevision:
		return c.isThere(g.ID, func(d *storage.Document) bool { return d.Revision == g.Revision })
	case storage.AtVersion:
		return c.isThere(g.ID, func(d *storage.Document) bool { return d.Version == g.Version })
	case storage.Exists:
		return c.isOf(g.ID, g.Types), nil
	case storage.Absent:
		return c.locate(g.ID) == nil, nil
	case storage.HasEdge:
		_, has := c.edge(g.Kind, g.From, g.To)
		return has, nil
	case storage.NoEdge:
		_, has := c.edge(g.Kind, g.From, g.To)
		return !has, nil
	case storage.Claim:
		owner := c.owner(claimKey(g.Attribute, g.Value))
		return owner == "" || owner == g.ID, nil
	case storage.CounterWithin:
		return true, nil // see testCounters
	default:
		return false, fmt.Errorf("guard of unknown type %T", g)
	}
}

func (c *change) isThere(id string, as func(*storage.Document) bool) (bool, error) {
	v, err := c.look(id)
	return err == nil && v.old != nil && as(v.old), err
}

func (c *change) isOf(id string, types []string) bool {
	typ, _, ok := splitDocumentKey(c.locate(id))
	return ok && (len(types) == 0 || slices.Contains(types, string(typ)))
}

// testCounters tests the bounds of counters, after all steps.
func (c *change) testCounters() error {
	for _, g := range c.batch.Guards {
		within, ok := g.(storage.CounterWithin)
		if !ok {
			continue
		}
		if n := c.count(within.Name); n < within.Min || n > within.Max {
			return &storage.ConflictError{Guard: within}
		}
	}
	return nil
}
