package bolt

import (
	"bytes"

	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

// leaf finds what decides a condition on an attribute.
func (q *query) leaf(n *storage.Leaf) condition {
	if n.Index == storage.IDIndex {
		return &idLeaf{looked{q, n, ""}, nil}
	}
	x := q.indexes.byName[n.Index]
	if x == nil || x.Type != q.asked.Type {
		return &looked{q, n, ""}
	}
	if !x.ready(q.tx) {
		return &looked{q, n, ", its index is being built"}
	}
	return &indexLeaf{looked{q, n, ""}, x, q.in(entries), nil}
}

// looked is a condition that only a look at the document decides.
type looked struct {
	*query
	leaf *storage.Leaf
	why  string
}

func (l *looked) String() string { return l.leaf.Text + l.why }

func (l *looked) holds(d *storage.Document) (bool, error) { return l.leaf.Check(l.snapshot, d) }

// indexLeaf is a condition that the entries of an index decide. Only where a
// value was cut, and the condition goes beyond, the document is read.
type indexLeaf struct {
	looked
	index  *index
	table  table
	joined *span // of several leaves, see joinRanges
}

func (l *indexLeaf) source() string { return "index" }

func (l *indexLeaf) section(s section) span { return prefixed(sectionKey(l.index.number, s)) }

// reach is where the entries are that decide a condition.
type reach struct {
	meets    []span
	misses   []span // of all other documents, if that is known
	doubtful []span // may meet it: what was cut, and compared with something longer
}

// reach returns all entries with a value for conditions that are not a range.
func (l *indexLeaf) reach() reach {
	values := l.section(present)
	if within, ok := l.bounds(); ok {
		return l.within(within)
	}
	switch {
	case l.leaf.Op == storage.Present && !l.index.Sparse:
		return reach{meets: []span{values}, misses: []span{l.section(missing)}}
	case len(l.leaf.Value) > maxValue:
		return l.longReach(values)
	default:
		return reach{meets: []span{values}}
	}
}

// bounds returns the entries of a condition that is a range; not where an end is
// known only by its beginning.
func (l *indexLeaf) bounds() (span, bool) {
	if l.joined != nil {
		return *l.joined, true
	}
	values, v := l.section(present), l.leaf.Value
	if len(v) > maxValue && l.leaf.Op != storage.Equal {
		return span{}, false
	}
	at := prefixed(appendValue(bytes.Clone(values.from), v))
	switch l.leaf.Op {
	case storage.Equal:
		return at, true
	case storage.Prefix:
		return prefixed(appendEscaped(bytes.Clone(values.from), v)), true
	case storage.Less:
		return span{values.from, at.from}, true
	case storage.LessOrEqual:
		return span{values.from, at.to}, true
	case storage.Greater:
		return span{at.to, values.to}, true
	case storage.GreaterOrEqual:
		return span{at.from, values.to}, true
	default:
		return span{}, false
	}
}

// longReach compares with a value that is longer than those that are kept.
func (l *indexLeaf) longReach(values span) reach {
	alike := prefixed(append(appendEscaped(bytes.Clone(values.from), l.leaf.Value[:maxValue]), 0, endCut))
	switch l.leaf.Op {
	case storage.Less, storage.LessOrEqual:
		return reach{meets: []span{{values.from, alike.from}}, doubtful: []span{alike}}
	case storage.Greater, storage.GreaterOrEqual:
		return reach{meets: []span{{alike.to, values.to}}, doubtful: []span{alike}}
	case storage.Prefix:
		return reach{doubtful: []span{alike}}
	default:
		return reach{meets: []span{values}}
	}
}

// within is a range. A document without several values is on one side of it, if it
// has an entry at all.
func (l *indexLeaf) within(s span) reach {
	r := reach{meets: []span{s}}
	if !l.index.Multi && !l.index.Sparse {
		r.misses = []span{{l.section(present).from, s.from}, {s.to, l.section(missing).to}}
	}
	return r
}

func (l *indexLeaf) count(limit int, spans ...span) int {
	n := 0
	for _, s := range spans {
		n += l.table.count(s, limit-n)
		if n >= limit {
			break
		}
	}
	return n
}

func (l *indexLeaf) cost(limit int) int {
	r := l.reach()
	n := l.count(limit, append(r.doubtful, r.meets...)...)
	if r.misses != nil {
		n = l.count(n, r.misses...)
	}
	return n
}

func (l *indexLeaf) set() (*roaring.Bitmap, error) {
	switch l.leaf.Op {
	case storage.Suffix:
		return l.scan(bytes.HasSuffix, false)
	case storage.Contains:
		return l.scan(bytes.Contains, true)
	}
	r := l.reach()
	sure, err := l.collect(r.meets, r.misses)
	if err != nil || r.doubtful == nil {
		return sure, err
	}
	maybe, err := l.collect(r.doubtful, nil)
	if err != nil {
		return nil, err
	}
	return l.settle(sure, maybe)
}

// collect reads the entries of the documents that are asked for and those of all
// others, by turns and ever more, until one side is complete: of a condition
// that nearly all documents meet, the few others are read.
func (l *indexLeaf) collect(meets, misses []span) (*roaring.Bitmap, error) {
	these := &collection{indexLeaf: l, rest: meets}
	others := &collection{indexLeaf: l, rest: misses}
	for n := 256; ; n *= 2 {
		if done, err := these.read(n); done || err != nil {
			return these.found.set(), err
		}
		if misses == nil {
			continue
		}
		if done, err := others.read(n); err != nil {
			return nil, err
		} else if done {
			return roaring.AndNot(l.live(), others.found.set()), nil
		}
	}
}

// collection is a set of which a part was read.
type collection struct {
	*indexLeaf
	rest  []span
	found ordinals
}

// read takes about n entries and tells whether those were the last.
func (c *collection) read(n int) (bool, error) {
	for len(c.rest) > 0 {
		for k := range c.table.ascend(c.rest[0]) {
			if err := c.interrupted(); err != nil {
				return false, err
			}
			c.found.add(entryOrdinal(k))
			if n--; n == 0 {
				c.rest[0] = c.rest[0].after(k)
				return false, nil
			}
		}
		c.rest = c.rest[1:]
	}
	return true, nil
}

// scan tests all values. The test of a value that was cut holds for the whole
// value if it holds for its beginning and that is enough; otherwise the document
// decides.
func (l *indexLeaf) scan(test func(value, with []byte) bool, enough bool) (*roaring.Bitmap, error) {
	var sure, maybe ordinals
	for k := range l.table.ascend(l.section(present)) {
		if err := l.interrupted(); err != nil {
			return nil, err
		}
		value, ordinal, cut := splitEntry(k)
		switch holds := test(value, l.leaf.Value); {
		case cut && !(holds && enough):
			maybe.add(ordinal)
		case holds:
			sure.add(ordinal)
		}
	}
	return l.settle(sure.set(), maybe.set())
}

// settle adds those documents of maybe that meet the condition.
func (l *indexLeaf) settle(sure, maybe *roaring.Bitmap) (*roaring.Bitmap, error) {
	maybe.AndNot(sure)
	for it := maybe.Iterator(); it.HasNext(); {
		ordinal := it.Next()
		d, err := l.look(ordinal)
		if err != nil {
			return nil, err
		}
		holds, err := l.holds(d)
		if err != nil {
			return nil, err
		}
		if holds {
			sure.Add(ordinal)
		}
	}
	return sure, nil
}

// ordinals collects a set.
type ordinals struct {
	bitmap roaring.Bitmap
	buffer []uint32
}

func (o *ordinals) add(n uint32) {
	if o.buffer = append(o.buffer, n); len(o.buffer) == 4096 {
		o.flush()
	}
}

func (o *ordinals) flush() {
	o.bitmap.AddMany(o.buffer)
	o.buffer = o.buffer[:0]
}

func (o *ordinals) set() *roaring.Bitmap {
	o.flush()
	return &o.bitmap
}

// idLeaf is a condition on the id, which the ids decide.
type idLeaf struct {
	looked
	joined *span // of several leaves, see joinRanges
}

func (l *idLeaf) source() string { return "index" }

// bounds returns the ids of a condition that is a range.
func (l *idLeaf) bounds() (span, bool) {
	if l.joined != nil {
		return *l.joined, true
	}
	v := append([]byte{}, l.leaf.Value...)
	switch l.leaf.Op {
	case storage.Equal:
		return span{v, next(v)}, true
	case storage.Prefix:
		return prefixed(v), true
	case storage.Less:
		return span{nil, v}, true
	case storage.LessOrEqual:
		return span{nil, next(v)}, true
	case storage.Greater:
		return span{next(v), nil}, true
	case storage.GreaterOrEqual:
		return span{v, nil}, true
	default:
		return span{}, false
	}
}

// span is all ids for conditions that are not a range.
func (l *idLeaf) span() span {
	within, _ := l.bounds()
	return within
}

func (l *idLeaf) cost(limit int) int { return l.in(ids).count(l.span(), limit) }

func (l *idLeaf) set() (*roaring.Bitmap, error) {
	test := func([]byte) bool { return true }
	switch l.leaf.Op {
	case storage.Present:
		return l.live().Clone(), nil
	case storage.Suffix:
		test = func(id []byte) bool { return bytes.HasSuffix(id, l.leaf.Value) }
	case storage.Contains:
		test = func(id []byte) bool { return bytes.Contains(id, l.leaf.Value) }
	}
	var found ordinals
	for id, key := range l.in(ids).ascend(l.span()) {
		if err := l.interrupted(); err != nil {
			return nil, err
		}
		if ordinal, ok := l.ofType(key); ok && test(id) {
			found.add(ordinal)
		}
	}
	return found.set(), nil
}

// ofType returns the ordinal in the key of a document, if that is of the type of
// the query.
func (q *query) ofType(key []byte) (uint32, bool) {
	typ, ordinal, ok := splitDocumentKey(key)
	return ordinal, ok && string(typ) == q.asked.Type
}
