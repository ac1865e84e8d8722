package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"roster/storage"
)

// An index entry is a key without a value:
//
//	index   2 bytes, the number that the catalogue gave the index
//	section 1 byte
//	value   escaped, so that it keeps its order and is no prefix of another one
//	ordinal 4 bytes
//
// A document has an entry in the sections present or missing of each index of
// its type, so that having no value is a range too. An index of several values
// orders by entries of their own, in sorted and unsorted. A sparse index has the
// section present only.
type section byte

const (
	present section = 1 + iota
	missing
	sorted
	unsorted
)

// maxValue is where values are cut; a hash of the whole value follows.
const maxValue = 1024

// A zero byte in a value is followed by escaped; one that is followed by less
// ends the value.
const (
	endWhole = 0x01
	endCut   = 0x02 // the SHA-256 of the whole value follows
	escaped  = 0xff
)

func sectionKey(index uint16, s section) []byte {
	return append(binary.BigEndian.AppendUint16(make([]byte, 0, 64), index), byte(s))
}

// appendValue appends a value with its end.
func appendValue(key, value []byte) []byte {
	if len(value) <= maxValue {
		return append(appendEscaped(key, value), 0, endWhole)
	}
	hash := sha256.Sum256(value)
	key = append(appendEscaped(key, value[:maxValue]), 0, endCut)
	return append(key, hash[:]...)
}

// appendEscaped appends a value that may go on.
func appendEscaped(key, value []byte) []byte {
	for {
		i := bytes.IndexByte(value, 0)
		if i < 0 {
			return append(key, value...)
		}
		key = append(append(key, value[:i+1]...), escaped)
		value = value[i+1:]
	}
}

// splitEntry reads the key of an entry in present or sorted. The value of one
// that was cut is its beginning.
func splitEntry(key []byte) (value []byte, ordinal uint32, cut bool) {
	value, cut = unescape(key[3 : len(key)-4])
	return value, entryOrdinal(key), cut
}

// unescape takes the value off the front. It copies only what was escaped.
func unescape(b []byte) (value []byte, cut bool) {
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 || i+1 == len(b) {
			return append(value, b...), false
		}
		if b[i+1] != escaped {
			return whole(value, b[:i]), b[i+1] == endCut
		}
		value = append(value, b[:i+1]...)
		b = b[i+2:]
	}
}

func whole(value, rest []byte) []byte {
	if value == nil {
		return rest
	}
	return append(value, rest...)
}

func entryOrdinal(key []byte) uint32 { return binary.BigEndian.Uint32(key[len(key)-4:]) }

// appendEntries makes the document's entries in one index, without the ordinal.
// They may be shared.
func (x *index) appendEntries(keys [][]byte, d *storage.Document) [][]byte {
	values, sortBy := x.Extract(d)
	if !x.Multi && len(values) > 1 {
		values = values[:1]
	}
	for _, v := range values {
		keys = append(keys, appendValue(sectionKey(x.number, present), v))
	}
	if x.Sparse {
		return keys
	}
	if len(values) == 0 {
		keys = append(keys, x.missing)
	}
	switch {
	case x.Multi && sortBy != nil:
		keys = append(keys, appendValue(sectionKey(x.number, sorted), sortBy))
	case x.Multi:
		keys = append(keys, x.unsorted)
	}
	return keys
}

// entriesOf makes the document's entries in all indexes of its type, without the
// ordinal, in order and each once.
func (c *catalogue) entriesOf(d *storage.Document) [][]byte {
	indexes := c.byType[d.Type]
	keys := make([][]byte, 0, 2*len(indexes))
	for _, x := range indexes {
		keys = x.appendEntries(keys, d)
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

// difference tells which of two ordered lists of keys are only in the first and
// only in the second.
func difference(old, new [][]byte) (gone, fresh [][]byte) {
	for len(old) > 0 && len(new) > 0 {
		switch bytes.Compare(old[0], new[0]) {
		case 0:
			old, new = old[1:], new[1:]
		case -1:
			gone, old = append(gone, old[0]), old[1:]
		default:
			fresh, new = append(fresh, new[0]), new[1:]
		}
	}
	return append(gone, old...), append(fresh, new...)
}

// entryKey adds the ordinal to an entry.
func entryKey(entry []byte, ordinal uint32) []byte {
	return binary.BigEndian.AppendUint32(slices.Clip(entry), ordinal)
}
