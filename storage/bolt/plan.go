package bolt

import (
	"context"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

// query is a query being planned and answered on a snapshot.
type query struct {
	*snapshot
	ctx     context.Context
	asked   *storage.Query
	checked int
	steps   int
	all     *roaring.Bitmap // see live
}

// condition is a leaf of a query's condition.
type condition interface {
	// holds decides on one document.
	holds(d *storage.Document) (bool, error)
	// String is how a plan prints it.
	String() string
}

// selector is a condition that an index or the edges decide without the
// documents.
type selector interface {
	condition
	// cost is about how many keys set reads, at most limit.
	cost(limit int) int
	// set returns the documents that meet the condition. It belongs to the caller.
	set() (*roaring.Bitmap, error)
	// source names what decides, for a plan.
	source() string
}

// plan is the tree of a query's conditions, with negations only at its leaves
// and no two of the same operator under one another. It is prepared by building
// sets; what is left to rest is decided document by document.
type plan struct {
	operator operator
	parts    []*plan   // of allOf and anyOf
	leaf     condition // of one
	selector selector  // of one: the leaf, nil if only documents decide it
	negated  bool      // of one

	// Once prepared:
	how   how
	upper *roaring.Bitmap // no other documents match; nil: any may
	sure  *roaring.Bitmap // of anyOf: these match
	rest  []*plan         // of allOf and anyOf: what upper and sure leave open
	count int             // of one: documents in its set, before negation
}

// how a plan takes part in the answer.
type how uint8

const (
	byDocument how = iota // by looking at each document that is left
	bySet
	skipped // nothing was left to decide
)

type operator uint8

const (
	one operator = iota
	allOf
	anyOf
)

// errEmptyNode: nil means "all" only as Query.Where.
var errEmptyNode = errors.New("condition has an empty node")

// compile pushes negations down to the leaves and joins equal operators.
func (q *query) compile(n storage.Node, negated bool) (*plan, error) {
	switch n := n.(type) {
	case nil:
		return nil, errEmptyNode
	case storage.Not:
		return q.compile(n.Node, !negated)
	case storage.And:
		return q.join(allOf, n, negated)
	case storage.Or:
		return q.join(anyOf, n, negated)
	case *storage.Leaf:
		return newLeaf(q.leaf(n), negated), nil
	case *storage.Related:
		if n.Transitive && (n.ID == "" || n.Match != nil) {
			return nil, fmt.Errorf("transitive condition on %s: it needs an id and no match", n.Kind)
		}
		return newLeaf(q.related(n), negated), nil
	default:
		return nil, fmt.Errorf("condition of unknown type %T", n)
	}
}

func newLeaf(c condition, negated bool) *plan {
	s, _ := c.(selector)
	return &plan{leaf: c, selector: s, negated: negated}
}

func (q *query) join(op operator, nodes []storage.Node, negated bool) (*plan, error) {
	if negated {
		op = allOf + anyOf - op // de Morgan
	}
	p := &plan{operator: op}
	for _, n := range nodes {
		part, err := q.compile(n, negated)
		if err != nil {
			return nil, err
		}
		if part.operator == op {
			p.parts = append(p.parts, part.parts...)
		} else {
			p.parts = append(p.parts, part)
		}
	}
	if op == allOf {
		p.parts = joinRanges(p.parts)
	}
	if len(p.parts) == 1 {
		return p.parts[0], nil
	}
	return p, nil
}

// exact tells that sets alone decide the plan.
func (p *plan) exact() bool {
	if p.operator == one {
		return p.selector != nil
	}
	for _, part := range p.parts {
		if !part.exact() {
			return false
		}
	}
	return true
}

// cost is about how many keys the sets of an exact plan read, at most limit.
func (p *plan) cost(limit int) int {
	if p.operator == one {
		return p.selector.cost(limit)
	}
	sum := 0
	for _, part := range p.parts {
		if sum += part.cost(limit - sum); sum >= limit {
			return limit
		}
	}
	return sum
}

// decided tells that upper is exactly what matches; nil is every document.
func (p *plan) decided() bool { return p.how == bySet && len(p.rest) == 0 }

// match decides on a document. It reads it only where no set does.
func (p *plan) match(ordinal uint32, read func() (*storage.Document, error)) (bool, error) {
	switch {
	case p.upper != nil && !p.upper.Contains(ordinal):
		return false, nil
	case p.decided(), p.sure != nil && p.sure.Contains(ordinal):
		return true, nil
	case p.operator != one:
		return p.matchParts(ordinal, read)
	}
	d, err := read()
	if err != nil {
		return false, err
	}
	holds, err := p.leaf.holds(d)
	return holds != p.negated, err
}

// matchParts looks at what the sets leave open, or at everything if there are
// none.
func (p *plan) matchParts(ordinal uint32, read func() (*storage.Document, error)) (bool, error) {
	open := p.rest
	if p.how == byDocument {
		open = p.parts
	}
	for _, part := range open {
		matches, err := part.match(ordinal, read)
		if err != nil || matches == (p.operator == anyOf) {
			return matches, err
		}
	}
	return p.operator == allOf, nil
}

// live returns the ordinals of all documents of the type. It is not to be
// altered.
func (q *query) live() *roaring.Bitmap {
	if q.all == nil {
		q.all = q.liveSet(q.asked.Type)
	}
	return q.all
}

// interrupted is asked in loops; it looks at the context now and then.
func (q *query) interrupted() error {
	if q.steps++; q.steps%1024 != 0 {
		return nil
	}
	return q.ctx.Err()
}
