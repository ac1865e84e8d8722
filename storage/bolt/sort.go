package bolt

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

// ordering is the order that a query asks for, and how to get it: by walking an
// index, or by reading the matches and sorting them.
type ordering struct {
	*storage.Sort
	index *index // nil if none serves; also for IDIndex
	key   func(*storage.Document) []byte
	walk  bool
}

// ordering decides between the two by their cost: to read a document costs about
// as much as to walk over keysPerLook entries.
func (q *planned) ordering(s *storage.Sort, upper *roaring.Bitmap) *ordering {
	o := &ordering{Sort: s, key: s.Key}
	if x := q.indexes.byName[s.Index]; x != nil && x.Type == q.asked.Type {
		o.index = x
	}
	if o.key == nil {
		o.key = o.defaultKey()
	}
	o.walk = s.Index == storage.IDIndex || o.index != nil && o.index.ready(q.tx)
	if o.walk && upper != nil {
		o.walk = q.walkIsCheaper(int(upper.GetCardinality()))
	}
	return o
}

// defaultKey is what the index sorts by.
func (o *ordering) defaultKey() func(*storage.Document) []byte {
	switch {
	case o.Index == storage.IDIndex:
		return func(d *storage.Document) []byte { return []byte(d.ID) }
	case o.index == nil:
		return func(*storage.Document) []byte { return nil }
	}
	return func(d *storage.Document) []byte {
		values, sortBy := o.index.Extract(d)
		if !o.index.Multi && len(values) > 0 {
			return values[0]
		}
		return sortBy
	}
}

func (q *planned) walkIsCheaper(candidates int) bool {
	if candidates > maxLooks || q.asked.MaxChecks > 0 && candidates > q.asked.MaxChecks {
		return true
	}
	walked := q.countLive(q.asked.Type)
	if page := q.asked.Offset + q.asked.Limit; q.decided() && page < candidates {
		walked = walked / candidates * page
	}
	return walked < candidates*keysPerLook
}

// answerByIndex walks the entries of the index that gives the order.
func (q *planned) answerByIndex(a *answer) error {
	if q.decided() {
		a.known = q.candidates()
	}
	if a.full() {
		return nil
	}
	return q.walk(func(ordinal uint32) (bool, error) {
		if q.decided() {
			err := a.add(ordinal, nil)
			return a.full(), err
		}
		err := a.consider(q.where, ordinal)
		return a.full(), err
	})
}

// answerByKey reads all matches and sorts them.
func (q *planned) answerByKey(a *answer) error {
	if n := q.candidates(); q.decided() && q.asked.MaxChecks > 0 && n > q.asked.MaxChecks {
		return tooMany(q.asked)
	}
	if err := q.refuse(); err != nil {
		return err
	}
	var found []keyed
	for ordinal := range q.creationFrom(0) {
		k, matches, err := q.keyed(ordinal)
		if err != nil {
			return err
		}
		if matches {
			found = append(found, k)
		}
	}
	q.by.sort(found)
	a.known = len(found)
	for _, k := range found[min(a.offset, len(found)):] {
		if a.full() {
			break
		}
		a.matches = max(a.matches, a.offset)
		if err := a.add(k.ordinal, nil); err != nil {
			return err
		}
	}
	return nil
}

// keyed is a match and what it is sorted by.
type keyed struct {
	key     []byte
	ordinal uint32
}

// keyed decides on a candidate, and reads it for its key if it matches.
func (q *planned) keyed(ordinal uint32) (keyed, bool, error) {
	if err := q.interrupted(); err != nil {
		return keyed{}, false, err
	}
	var d *storage.Document
	read := q.reading(ordinal, &d)
	if q.where != nil {
		if matches, err := q.where.match(ordinal, read); err != nil || !matches {
			return keyed{}, false, err
		}
	}
	if _, err := read(); err != nil {
		return keyed{}, false, err
	}
	return keyed{q.by.key(d), ordinal}, true, nil
}

// sort orders by key, nil last, then by creation; descending is the reverse of
// that in every respect.
func (o *ordering) sort(found []keyed) {
	slices.SortFunc(found, func(a, b keyed) int {
		return cmp.Or(compareKeys(a.key, b.key), cmp.Compare(a.ordinal, b.ordinal))
	})
	if o.Descending {
		slices.Reverse(found)
	}
}

func compareKeys(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	default:
		return bytes.Compare(a, b)
	}
}
