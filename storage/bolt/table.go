package bolt

import (
	"bytes"
	"iter"

	"go.etcd.io/bbolt"
)

// table is a bucket of an account to read from; one that was never written to
// is empty. Keys and values are valid until the end of the transaction and must
// not be kept or altered. Writing during an iteration is not allowed.
type table struct {
	bucket *bbolt.Bucket
	cursor *bbolt.Cursor // of get, which would otherwise make one for each key
}

func newTable(b *bbolt.Bucket) table {
	if b == nil {
		return table{}
	}
	return table{b, b.Cursor()}
}

// get returns nil if there is no such key.
func (t table) get(key []byte) []byte {
	if t.bucket == nil {
		return nil
	}
	if k, v := t.cursor.Seek(key); bytes.Equal(k, key) {
		return v
	}
	return nil
}

func (t table) sequence() uint64 {
	if t.bucket == nil {
		return 0
	}
	return t.bucket.Sequence()
}

// span is a range of keys: from the first up to, and without, the second. A nil
// end is the end of the table.
type span struct{ from, to []byte }

func prefixed(prefix []byte) span { return span{prefix, successor(prefix)} }

func (s span) isEmpty() bool { return s.to != nil && bytes.Compare(s.from, s.to) >= 0 }

// after is the part of a span behind a key.
func (s span) after(key []byte) span { return span{next(key), s.to} }

// and is the part that is in both.
func (s span) and(other span) span {
	if bytes.Compare(s.from, other.from) < 0 {
		s.from = other.from
	}
	if s.to == nil || other.to != nil && bytes.Compare(other.to, s.to) < 0 {
		s.to = other.to
	}
	return s
}

// next is the least key above one.
func next(key []byte) []byte {
	return append(append(make([]byte, 0, len(key)+1), key...), 0)
}

// successor is the least key above all that have the prefix.
func successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			s := bytes.Clone(prefix[:i+1])
			s[i]++
			return s
		}
	}
	return nil
}

// steps iterates over a span in either direction.
func (t table) steps(s span, descending bool) iter.Seq2[[]byte, []byte] {
	if descending {
		return t.descend(s)
	}
	return t.ascend(s)
}

// ascend iterates over a span in order.
func (t table) ascend(s span) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		if t.bucket == nil {
			return
		}
		c := t.bucket.Cursor()
		for k, v := c.Seek(s.from); k != nil; k, v = c.Next() {
			if s.to != nil && bytes.Compare(k, s.to) >= 0 || !yield(k, v) {
				return
			}
		}
	}
}

// descend iterates over a span in reverse order.
func (t table) descend(s span) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		if t.bucket == nil {
			return
		}
		c := t.bucket.Cursor()
		for k, v := before(c, s.to); k != nil; k, v = c.Prev() {
			if bytes.Compare(k, s.from) < 0 || !yield(k, v) {
				return
			}
		}
	}
}

// before moves to the last key below one.
func before(c *bbolt.Cursor, key []byte) ([]byte, []byte) {
	if key == nil {
		return c.Last()
	}
	if k, _ := c.Seek(key); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// count counts the keys of a span, but not further than limit.
func (t table) count(s span, limit int) int {
	n := 0
	if limit <= 0 || s.isEmpty() {
		return 0
	}
	for range t.ascend(s) {
		if n++; n >= limit {
			break
		}
	}
	return n
}

// first returns the first key of a span, nil if it is empty.
func (t table) first(s span) []byte {
	for k := range t.ascend(s) {
		return k
	}
	return nil
}
