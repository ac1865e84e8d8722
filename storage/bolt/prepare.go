package bolt

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// Looking at a document costs about as much as reading 64 keys of an index. With
// few candidates left, that is cheaper than building a large set.
const (
	keysPerLook = 64
	maxLooks    = 512
)

// Parts are compared by counting their keys up to the first bound, then the
// next, until one of them has less.
var probes = [...]int{256, 4096}

// prepare builds the sets of a plan.
func (q *query) prepare(p *plan, top bool) error {
	switch p.operator {
	case allOf:
		return q.prepareAll(p, top)
	case anyOf:
		return q.prepareAny(p)
	}
	if p.selector == nil {
		return nil
	}
	set, err := q.draw(p)
	if err != nil {
		return err
	}
	if p.upper = set; p.negated {
		p.upper = roaring.AndNot(q.live(), set)
	}
	return nil
}

// draw builds the set of a leaf, before negation.
func (q *query) draw(p *plan) (*roaring.Bitmap, error) {
	set, err := p.selector.set()
	if err == nil {
		p.how, p.count = bySet, int(set.GetCardinality())
	}
	return set, err
}

// prepareAll intersects, the most selective part first. At the top, where each
// candidate is looked at once at most, a part may be left to be decided by
// looking at the few that remain.
func (q *query) prepareAll(p *plan, top bool) error {
	p.how = bySet
	exact, open := split(p.parts)
	order(exact)
	p.parts = append(exact, open...)
	for _, part := range p.parts {
		if p.upper != nil && p.upper.IsEmpty() {
			part.how = skipped
			continue
		}
		if top && part.exact() && q.looksCheaper(p.upper, part) {
			p.rest = append(p.rest, part)
			continue
		}
		if err := q.restrict(p, part); err != nil {
			return err
		}
	}
	if p.upper != nil && p.upper.IsEmpty() {
		p.rest = nil
	}
	return nil
}

// restrict takes one part of an intersection into account.
func (q *query) restrict(p, part *plan) error {
	if part.negated && part.selector != nil {
		set, err := q.draw(part)
		if err != nil {
			return err
		}
		if p.upper == nil {
			p.upper = q.live()
		}
		p.upper = roaring.AndNot(p.upper, set)
		return nil
	}
	if err := q.prepare(part, false); err != nil {
		return err
	}
	switch {
	case p.upper == nil:
		p.upper = part.upper
	case part.upper != nil:
		p.upper = roaring.And(p.upper, part.upper)
	}
	if !part.decided() {
		p.rest = append(p.rest, part)
	}
	return nil
}

func (q *query) prepareAny(p *plan) error {
	p.how, p.sure, p.upper = bySet, roaring.New(), roaring.New()
	unbounded := false
	for _, part := range p.parts {
		if err := q.prepare(part, false); err != nil {
			return err
		}
		if part.upper == nil {
			unbounded = true
		} else {
			p.upper.Or(part.upper)
		}
		switch {
		case !part.decided():
			p.rest = append(p.rest, part)
		case part.upper == nil: // every document
			p.sure, p.upper, p.rest = nil, nil, nil
			return nil
		default:
			p.sure.Or(part.upper)
		}
	}
	if unbounded {
		p.upper = nil
	}
	return nil
}

func (q *query) looksCheaper(candidates *roaring.Bitmap, part *plan) bool {
	if candidates == nil {
		return false
	}
	n := int(candidates.GetCardinality())
	if n > maxLooks || q.asked.MaxChecks > 0 && n > q.asked.MaxChecks {
		return false
	}
	return part.cost(n*keysPerLook) >= n*keysPerLook
}

// split parts those that sets decide from the others.
func split(parts []*plan) (exact, open []*plan) {
	for _, p := range parts {
		if p.exact() {
			exact = append(exact, p)
		} else {
			open = append(open, p)
		}
	}
	return exact, open
}

// order puts the cheapest first, negated leaves behind: those need something to
// be taken from.
func order(parts []*plan) {
	if len(parts) < 2 {
		return
	}
	costs := make(map[*plan]int, len(parts))
	for _, limit := range probes {
		least := limit
		for _, p := range parts {
			costs[p] = p.cost(limit)
			least = min(least, costs[p])
		}
		if least < limit {
			break
		}
	}
	slices.SortStableFunc(parts, func(a, b *plan) int {
		if a.negated != b.negated {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Compare(costs[a], costs[b])
	})
}

func rank(p *plan) int {
	if p.negated {
		return 1
	}
	return 0
}
