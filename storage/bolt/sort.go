package bolt

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"roster/storage"
)

// maxSortBytes bounds the values that are held to sort by where no index does.
const maxSortBytes = 64 << 20

// ordering is the order that a query asks for, and how to get it: by walking an
// index, or by reading the matches and sorting them.
type ordering struct {
	*storage.Sort
	index *index // nil if none serves; also for IDIndex
	key   func(*storage.Document) []byte
	after *keyed // the position, nil for the beginning
	walk  bool
}

// ordering decides between the two by their cost: to read a document costs about
// as much as to walk over keysPerLook entries.
func (q *planned) ordering(s *storage.Sort, upper *roaring.Bitmap) *ordering {
	o := &ordering{Sort: s, key: s.Key}
	if at := q.asked.After; at != nil {
		o.after = &keyed{at.Key, uint32(min(at.Ordinal, math.MaxUint32))}
	}
	if x := q.indexes.byName[s.Index]; x != nil && x.Type == q.asked.Type && !x.Sparse {
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

// byIndex walks the entries of the index that gives the order.
func (a *answer) byIndex() error {
	if a.full() {
		return nil
	}
	return a.walk(func(ordinal uint32, behind bool) (bool, error) {
		err := a.consider(ordinal, behind)
		return a.full(), err
	})
}

// byKey reads all matches and sorts them.
func (a *answer) byKey() error {
	if a.asked.MaxChecks > 0 && a.known > a.asked.MaxChecks {
		return tooMany(a.asked)
	}
	if err := a.refuse(); err != nil {
		return err
	}
	var found []keyed
	size := 0
	for ordinal := range a.creation(a.way, 0) {
		k, matches, err := a.keyed(ordinal)
		if err != nil {
			return err
		}
		if matches {
			found = append(found, k)
			if size += len(k.key); size > maxSortBytes {
				return tooMany(a.asked)
			}
		}
	}
	a.known = len(found)
	a.by.sort(found)
	found = a.by.behind(found)
	return a.fill(ordinalsOf(found[min(a.skip(), len(found)):]))
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
	if matches, err := q.matches(ordinal, read); err != nil || !matches {
		return keyed{}, false, err
	}
	if _, err := read(); err != nil {
		return keyed{}, false, err
	}
	return keyed{q.by.key(d), ordinal}, true, nil
}

func ordinalsOf(found []keyed) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, k := range found {
			if !yield(k.ordinal) {
				return
			}
		}
	}
}

// compare orders by key, nil last, then by creation; descending is the reverse
// of that in every respect.
func (o *ordering) compare(a, b keyed) int {
	order := cmp.Or(storage.CompareKeys(a.key, b.key), cmp.Compare(a.ordinal, b.ordinal))
	if o.Descending {
		return -order
	}
	return order
}

func (o *ordering) sort(found []keyed) { slices.SortFunc(found, o.compare) }

// isBehind tells that something comes behind the position.
func (o *ordering) isBehind(k keyed) bool { return o.after == nil || o.compare(k, *o.after) > 0 }

// behind is the part of what is sorted that comes behind the position.
func (o *ordering) behind(found []keyed) []keyed {
	n, _ := slices.BinarySearchFunc(found, true, func(k keyed, _ bool) int {
		if o.isBehind(k) {
			return 1
		}
		return -1
	})
	return found[n:]
}
