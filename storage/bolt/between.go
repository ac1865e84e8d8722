package bolt

import (
	"slices"

	"roster/storage"
)

// interval is a condition that may be a range of an index.
type interval interface {
	condition
	// and returns the conjunction with another one, if both are ranges of the same
	// index and no document has several values in it.
	and(other condition) (condition, bool)
}

// joinRanges makes one of the ranges of an index that must hold together. What is
// between two values is few documents, what is on one side of either may be all.
func joinRanges(parts []*plan) []*plan {
	var joined []*plan
	for _, p := range parts {
		if !slices.ContainsFunc(joined, func(earlier *plan) bool { return earlier.join(p) }) {
			joined = append(joined, p)
		}
	}
	return joined
}

// join makes a leaf the conjunction with another one, if that is one range.
func (p *plan) join(other *plan) bool {
	leaf, ok := p.leaf.(interval)
	if !ok || p.negated || other.negated {
		return false
	}
	both, ok := leaf.and(other.leaf)
	if ok {
		*p = *newLeaf(both, false)
	}
	return ok
}

func (l *indexLeaf) and(other condition) (condition, bool) {
	m, ok := other.(*indexLeaf)
	if !ok || m.index != l.index || l.index.Multi {
		return nil, false
	}
	a, isRange := l.bounds()
	b, isToo := m.bounds()
	both := a.and(b)
	return &indexLeaf{l.looked.with(m.looked), l.index, l.table, &both}, isRange && isToo
}

func (l *idLeaf) and(other condition) (condition, bool) {
	m, ok := other.(*idLeaf)
	if !ok {
		return nil, false
	}
	a, isRange := l.bounds()
	b, isToo := m.bounds()
	both := a.and(b)
	return &idLeaf{l.looked.with(m.looked), &both}, isRange && isToo
}

// with is the condition that both hold, for when documents decide.
func (l looked) with(other looked) looked {
	return looked{l.query, &storage.Leaf{
		Index: l.leaf.Index,
		Op:    storage.GreaterOrEqual, // a range
		Text:  l.leaf.Text + " and " + other.leaf.Text,
		Check: func(s storage.Snapshot, d *storage.Document) (bool, error) {
			holds, err := l.leaf.Check(s, d)
			if err != nil || !holds {
				return false, err
			}
			return other.leaf.Check(s, d)
		},
	}, ""}
}
