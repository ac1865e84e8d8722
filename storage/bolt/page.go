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
	a := &answer{query: q.query, offset: max(asked.Offset, 0), limit: max(asked.Limit, 0), known: -1}
	if err := q.answer(a); err != nil {
		return storage.Page{}, err
	}
	return storage.Page{Documents: a.documents, Total: a.total(), Checked: q.checked}, nil
}

// planned is a query with its sets built.
type planned struct {
	*query
	where *plan     // nil: every document
	by    *ordering // nil: in order of creation
	equal *span     // the one range of entries that answers it, in order of creation
}

func (s *snapshot) plan(ctx context.Context, asked *storage.Query) (*planned, error) {
	q := &planned{query: &query{snapshot: s, ctx: ctx, asked: asked}}
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
	if asked.Sort != nil {
		q.by = q.ordering(asked.Sort, q.upper())
	}
	return q, nil
}

// single finds that equality in an index is all that is asked: its entries are
// in order of creation, and no set is needed unless very many have to be counted.
func (q *planned) single() *span {
	if q.where == nil || q.asked.Sort != nil || q.where.operator != one || q.where.negated {
		return nil
	}
	l, ok := q.where.leaf.(*indexLeaf)
	if !ok || l.leaf.Op != storage.Equal {
		return nil
	}
	within := l.reach().meets[0]
	if most := probes[len(probes)-1]; q.asked.Total && l.count(most, within) == most {
		return nil
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

func (q *planned) answer(a *answer) error {
	switch {
	case q.equal != nil:
		return a.fill(q.equalFrom(a.skip(-1)))
	case q.by != nil && q.by.walk:
		return q.answerByIndex(a)
	case q.by != nil:
		return q.answerByKey(a)
	case q.decided():
		return a.fill(q.creationFrom(a.skip(q.candidates())))
	default:
		return q.answerByLooking(a)
	}
}

// equalFrom iterates over the ordinals of the range, leaving out the first few.
func (q *planned) equalFrom(skip int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for k := range q.in(entries).ascend(*q.equal) {
			if skip > 0 {
				skip--
			} else if !yield(entryOrdinal(k)) {
				return
			}
		}
	}
}

// creationFrom iterates over the candidates in order of creation, leaving out
// the first few.
func (q *planned) creationFrom(skip int) iter.Seq[uint32] {
	upper := q.upper()
	if upper == nil {
		return q.liveFrom(q.asked.Type, skip)
	}
	return func(yield func(uint32) bool) {
		if uint64(skip) >= upper.GetCardinality() {
			return
		}
		it := upper.Iterator()
		if first, err := upper.Select(uint32(skip)); err == nil {
			it.AdvanceIfNeeded(first)
		}
		for it.HasNext() && yield(it.Next()) {
		}
	}
}

// answerByLooking goes through the candidates in order of creation and reads
// those that no set decides.
func (q *planned) answerByLooking(a *answer) error {
	if err := q.refuse(); err != nil {
		return err
	}
	for ordinal := range q.creationFrom(0) {
		if a.full() {
			return nil
		}
		if err := a.consider(q.where, ordinal); err != nil {
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
