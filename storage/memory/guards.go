package memory

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
		d := c.documents[g.ID]
		return d != nil && d.Revision == g.Revision, nil
	case storage.AtVersion:
		d := c.documents[g.ID]
		return d != nil && d.Version == g.Version, nil
	case storage.Exists:
		d := c.documents[g.ID]
		return d != nil && (len(g.Types) == 0 || slices.Contains(g.Types, d.Type)), nil
	case storage.Absent:
		return c.documents[g.ID] == nil, nil
	case storage.HasEdge:
		return c.hasEdge(g.Kind, g.From, g.To), nil
	case storage.NoEdge:
		return !c.hasEdge(g.Kind, g.From, g.To), nil
	case storage.Claim:
		return c.free(g), nil
	case storage.CounterWithin:
		return true, nil // see testCounters
	default:
		return false, fmt.Errorf("guard of unknown type %T", g)
	}
}

func (a *account) hasEdge(kind, from, to string) bool {
	_, has := a.edges[end{kind, storage.Outbound, from}][to]
	return has
}

// testCounters tests the bounds of counters, after all steps.
func (c *change) testCounters() error {
	for _, g := range c.batch.Guards {
		within, ok := g.(storage.CounterWithin)
		if !ok {
			continue
		}
		if n := c.counters[within.Name]; n < within.Min || n > within.Max {
			return &storage.ConflictError{Guard: within}
		}
	}
	return nil
}
