package bolt

import (
	"encoding/binary"
	"time"

	"roster/storage"
)

// format is the version of everything below: buckets, keys and values. A file
// of another format is refused.
const format = "roster bolt 2"

// Top-level buckets: one of the file's own, and one for each account, which has
// the buckets of the table below.
const (
	fileBucket    = "roster"
	formatKey     = "format" // -> format
	indexesBucket = "indexes"
	erasedBucket  = "erased"   // number -> name of a bucket -> what it had
	accountPrefix = "account:" // followed by the account
)

// space is a bucket of an account.
type space uint8

const (
	documents space = iota
	ids
	live
	claims
	entries
	outbound
	inbound
	sweeps
	sides
	counters
	events
	marks
	histories
	messages
	dues
	batches
	spaceCount
)

// spaces is every kind of key. Text in a key has its length before it, except at
// the end, so no key is a prefix of one with other parts and the last part keeps
// its byte order. Ids are kept as text: packed UUIDs would halve them, but the
// order of mixed ids, and ranges over parts of an id, are those of the text.
//
// Buckets that grow at their end, as most do with ids and ordinals that follow
// time, are filled to more than the half that is good for insertions anywhere.
var spaces = [spaceCount]struct {
	name, key, value string
	fill             float64
}{
	documents: {"documents", "type ordinal", "header body; the sequence is the last ordinal", 0.9},
	ids:       {"ids", "id", "type ordinal", 0.9},
	live:      {"live", "type chunk", "bitmap of ordinals; without a chunk: how many", 0.5},
	claims:    {"claims", "attribute value", "id", 0.5},
	entries:   {"entries", "index section value ordinal", "", 0.5},
	outbound:  {"outbound", "kind from to", "epoch data; without to: how many", 0.5},
	inbound:   {"inbound", "kind to from", "epoch; without from: how many", 0.5},
	sweeps:    {"sweeps", "id", "epoch direction position; the sequence is the current epoch", 0.5},
	sides:     {"sides", "id name", "data", 0.5},
	counters:  {"counters", "name", "number", 0.5},
	events:    {"events", "sequence", "time hash type subject data", 0.9},
	marks:     {"marks", "name", "sequence hash", 0.5},
	histories: {"histories", "subject sequence", "", 0.5},
	messages:  {"messages", "queue due id", "body", 0.5},
	dues:      {"dues", "queue id", "due", 0.5},
	batches:   {"batches", "number", "batch id", 0.9},
}

func accountBucket(account storage.Account) []byte {
	return append([]byte(accountPrefix), account...)
}

// appendText appends a part that others may follow.
func appendText(key []byte, text string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(text))), text...)
}

// cutText takes a part off the front; ok is false if there is none.
func cutText(b []byte) (text, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	end := size + int(n)
	return b[size:end], b[end:], true
}

func documentKey(typ string, ordinal uint32) []byte {
	key := make([]byte, 0, len(typ)+6)
	return binary.BigEndian.AppendUint32(appendText(key, typ), ordinal)
}

func splitDocumentKey(key []byte) (typ []byte, ordinal uint32, ok bool) {
	typ, rest, ok := cutText(key)
	if !ok || len(rest) != 4 {
		return nil, 0, false
	}
	return typ, binary.BigEndian.Uint32(rest), true
}

// typeKey is the prefix of a type's documents and chunks, and the key of its
// count.
func typeKey(typ string) []byte { return appendText(nil, typ) }

// edgeSpace is the bucket that lists the edges at an id in that direction.
func edgeSpace(dir storage.Direction) space {
	if dir == storage.Inbound {
		return inbound
	}
	return outbound
}

// edgePrefix is the prefix of the edges of one kind at an id, and the key of
// their number; ids are not empty, so no edge has this key.
func edgePrefix(kind, id string) []byte {
	key := make([]byte, 0, len(kind)+2*len(id)+8)
	return appendText(appendText(key, kind), id)
}

func edgeKey(kind, id, other string) []byte { return append(edgePrefix(kind, id), other...) }

func splitEdgeKey(key []byte) (kind, id, other []byte, ok bool) {
	kind, rest, ok := cutText(key)
	if !ok {
		return nil, nil, nil, false
	}
	id, other, ok = cutText(rest)
	return kind, id, other, ok
}

func sideKey(id, name string) []byte { return append(appendText(nil, id), name...) }

func messageKey(queue string, due time.Time, id string) []byte {
	return append(appendTime(appendText(nil, queue), due), id...)
}

func dueKey(queue, id string) []byte { return append(appendText(nil, queue), id...) }

// historyKey is the prefix of the events about a subject, whose sequences follow.
func historyKey(subject string) []byte { return appendText(make([]byte, 0, len(subject)+9), subject) }

func sequenceKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// appendTime keeps milliseconds, in an order that holds before 1970 too.
func appendTime(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMilli())^1<<63)
}

func parseTime(b []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b) ^ 1<<63)).UTC()
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// parseNumber reads a missing number as 0.
func parseNumber(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
