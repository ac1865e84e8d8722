package bolt

import (
	"context"
	"fmt"
	"iter"

	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

func (s *snapshot) Query(ctx context.Context, asked storage.Query) (storage.Page, error) {
	q, err := s.plan(ctx, &asked)
	if err != nil {
		return storage.Page{}, err
	}
	a := &answer{planned: q, offset: max(asked.Offset, 0), limit: max(asked.Limit, 0)}
	if err := a.gather(); err != nil {
		return storage.Page{}, err
	}
	return storage.Page{Documents: a.documents, Total: a.total(), Short: a.short, Checked: q.checked}, nil
}

// planned is a query with its sets built.
type planned struct {
	*query
	where *plan     // nil: every document
	by    *ordering // nil: in order of creation
	way   stretch   // in order of creation: all that comes behind the position
	equal *span     // the one range of entries that answers it, in order of creation
	known int       // all matches, -1 if they have to be counted
}

func (s *snapshot) plan(ctx context.Context, asked *storage.Query) (*planned, error) {
	q := &planned{query: &query{snapshot: s, ctx: ctx, asked: asked}, way: wayOf(asked), known: -1}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if asked.Where != nil {
		where, err := q.compile(asked.Where, false)
		if err != nil {
			return nil, err
		}
		q.where = where
	}
	if q.equal = q.single(); q.equal != nil {
		return q, nil
	}
	if q.where != nil {
		if err := q.prepare(q.where, true); err != nil {
			return nil, err
		}
	}
	if q.decided() {
		q.known = q.candidates()
	}
	if !byCreation(asked) {
		q.by = q.ordering(asked.Sort, q.upper())
	}
	return q, nil
}

func byCreation(asked *storage.Query) bool {
	return asked.Sort == nil || asked.Sort.Index == "" && asked.Sort.Key == nil
}

// wayOf is the stretch that is asked for in order of creation. An order by a
// value says nothing of ordinals.
func wayOf(asked *storage.Query) stretch {
	if !byCreation(asked) {
		return everyOrdinal(false)
	}
	all := everyOrdinal(asked.Sort != nil && asked.Sort.Descending)
	if asked.After == nil {
		return all
	}
	return all.behind(asked.After.Ordinal)
}

// single finds that equality in an index is all that is asked: its entries are
// in order of creation, and no set is needed unless very many have to be counted.
func (q *planned) single() *span {
	if q.where == nil || !byCreation(q.asked) || q.where.operator != one || q.where.negated {
		return nil
	}
	l, ok := q.where.leaf.(*indexLeaf)
	if !ok || l.leaf.Op != storage.Equal {
		return nil
	}
	within := l.reach().meets[0]
	if q.asked.Total {
		most := probes[len(probes)-1]
		n := l.count(most, within)
		if n == most {
			return nil
		}
		q.known = n
	}
	return &within
}

// upper is a set outside of which nothing matches, nil if there is none.
func (q *planned) upper() *roaring.Bitmap {
	if q.where == nil {
		return nil
	}
	return q.where.upper
}

func (q *planned) decided() bool { return q.where == nil || q.where.decided() }

// candidates is how many documents there are to look at.
func (q *planned) candidates() int {
	if upper := q.upper(); upper != nil {
		return int(upper.GetCardinality())
	}
	return q.countLive(q.asked.Type)
}

// matches decides on a candidate.
func (q *planned) matches(ordinal uint32, read func() (*storage.Document, error)) (bool, error) {
	if q.where == nil {
		return true, nil
	}
	return q.where.match(ordinal, read)
}

func (a *answer) gather() error {
	switch {
	case a.equal != nil:
		return a.fill(a.equalThrough(a.skip()))
	case a.by != nil && a.by.walk:
		return a.byIndex()
	case a.by != nil:
		return a.byKey()
	case a.decided():
		return a.fill(a.creation(a.way, a.skip()))
	default:
		return a.byLooking()
	}
}

// equalThrough iterates over the ordinals of the range, leaving out the first few.
func (q *planned) equalThrough(skip int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for k := range q.in(entries).steps(q.way.within(*q.equal), q.way.descending) {
			if skip > 0 {
				skip--
			} else if !yield(entryOrdinal(k)) {
				return
			}
		}
	}
}

// creation iterates over the candidates of a stretch, leaving out the first few.
func (q *planned) creation(within stretch, skip int) iter.Seq[uint32] {
	if upper := q.upper(); upper != nil {
		return within.through(upper, skip)
	}
	return q.liveThrough(q.asked.Type, within, skip)
}

// byLooking goes through the candidates in order of creation and reads those
// that no set decides; for a total also those before the position.
func (a *answer) byLooking() error {
	if err := a.refuse(); err != nil {
		return err
	}
	within := a.way
	if a.asked.Total {
		within = everyOrdinal(a.way.descending)
	}
	for ordinal := range a.creation(within, 0) {
		if a.full() {
			return nil
		}
		if err := a.consider(ordinal, a.way.contains(ordinal)); err != nil {
			return err
		}
	}
	return nil
}

// refuse tells beforehand that too many would have to be read, where each
// candidate must be.
func (q *planned) refuse() error {
	if q.where == nil || q.where.operator == anyOf || !q.asked.Total {
		return nil
	}
	if n := q.candidates(); q.asked.MaxChecks > 0 && n > q.asked.MaxChecks && q.where.looksAtEach() {
		return tooMany(q.asked)
	}
	return nil
}

// looksAtEach tells that no candidate can be decided without reading it.
func (p *plan) looksAtEach() bool {
	if p.operator == one {
		return p.how == byDocument
	}
	if p.operator == anyOf {
		return false
	}
	for _, part := range p.rest {
		if part.operator == one && part.looksAtEach() {
			return true
		}
	}
	return false
}

func tooMany(asked *storage.Query) error {
	return fmt.Errorf("query of %s: more than %d: %w", asked.Type, asked.MaxChecks, storage.ErrTooMany)
}

// look reads a document to decide something.
func (q *query) look(ordinal uint32) (*storage.Document, error) {
	if q.checked++; q.asked.MaxChecks > 0 && q.checked > q.asked.MaxChecks {
		return nil, tooMany(q.asked)
	}
	return q.at(q.asked.Type, ordinal)
}
