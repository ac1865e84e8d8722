package memory

import (
	"bytes"
	"context"
	"fmt"

	"roster/storage"
)

// Check implements [storage.Checker]: what is kept twice must agree.
func (s *Store) Check(ctx context.Context, found func(problem string)) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	for name, a := range s.accounts {
		a.check(func(format string, args ...any) {
			found(fmt.Sprintf("account %q: ", name) + fmt.Sprintf(format, args...))
		})
	}
	return nil
}

func (a *account) check(found func(format string, args ...any)) {
	a.checkDocuments(found)
	a.checkClaims(found)
	a.checkEdges(found)
	a.checkLog(found)
	for id := range a.sides {
		if len(a.sides[id]) > 0 && a.documents[id] == nil {
			found("side records of %q, which is not there", id)
		}
	}
}

func (a *account) checkDocuments(found func(format string, args ...any)) {
	ordinals := make(map[uint64]string)
	for id, d := range a.documents {
		if d.ID != id {
			found("document %q is kept as %q", d.ID, id)
		}
		if other, twice := ordinals[d.Ordinal]; twice || d.Ordinal == 0 || d.Ordinal > a.ordinal {
			found("document %q has ordinal %d, as has %q; the last given is %d", id, d.Ordinal, other, a.ordinal)
		}
		ordinals[d.Ordinal] = id
	}
}

func (a *account) checkClaims(found func(format string, args ...any)) {
	held := make(map[claim]string)
	for id, d := range a.documents {
		for _, c := range d.Claims {
			held[claimOf(c)] = id
			if owner := a.owners[claimOf(c)]; owner != id {
				found("claim of %s by %q is owned by %q", c.Attribute, id, owner)
			}
		}
	}
	for c, owner := range a.owners {
		if held[c] != owner {
			found("claim of %s is owned by %q, which does not hold it", c.attribute, owner)
		}
	}
}

func (a *account) checkEdges(found func(format string, args ...any)) {
	for at, others := range a.edges {
		for other, data := range others {
			back, there := a.edges[end{at.kind, !at.direction, other}][at.id]
			if !there || !bytes.Equal(data, back) {
				found("edge %s between %q and %q differs by direction", at.kind, at.id, other)
			}
		}
	}
}

// The further abilities of the engine.
var (
	_ storage.Store     = (*Store)(nil)
	_ storage.Explainer = (*Store)(nil)
	_ storage.Checker   = (*Store)(nil)
)
