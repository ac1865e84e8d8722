package bolt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"roster/storage"
)

// The ends of a log are kept beside it: where it was cut off, which the chain of
// what is left begins with, and the last event that was written, which goes on
// when nothing is left, and tells when events are missing at the end.
var (
	lastCut  = []byte("cut")
	lastHead = []byte("head")
)

// erasedMark stands beside them, without a value, if the account was erased.
var erasedMark = []byte("erased")

// mark is a place in the log: an event's sequence and hash, none before the first.
type mark struct {
	sequence uint64
	hash     []byte
}

func (a *account) readMark(which []byte) (mark, error) {
	record := a.in(marks).get(which)
	switch len(record) {
	case 0:
		return mark{}, nil
	case 8 + sha256.Size:
		return mark{parseNumber(record[:8]), record[8:]}, nil
	default:
		return mark{}, fmt.Errorf("the %s of the log is damaged", which)
	}
}

func (a *account) writeMark(which []byte, at mark) {
	a.put(marks, which, append(number(at.sequence), at.hash...))
}

// readLog reads both ends.
func (a *account) readLog() (cut, head mark, err error) {
	if cut, err = a.readMark(lastCut); err == nil {
		head, err = a.readMark(lastHead)
	}
	return cut, head, err
}

func (s *snapshot) Head(ctx context.Context) (uint64, []byte, error) {
	head, err := s.readMark(lastHead)
	if err != nil {
		return 0, nil, err
	}
	return head.sequence, bytes.Clone(head.hash), ctx.Err()
}

// writeEvents appends to the log.
func (c *change) writeEvents() {
	if len(c.happened) == 0 {
		return
	}
	for _, e := range c.happened {
		logged := *e
		logged.Sequence = c.head.sequence + 1
		logged.Hash = storage.Chain(c.head.hash, &logged)
		c.head = mark{logged.Sequence, logged.Hash}
		key := sequenceKey(logged.Sequence)
		c.put(events, key, encodeEvent(&logged))
		if logged.Subject != "" {
			c.put(histories, append(historyKey(logged.Subject), key...), nil)
		}
	}
	c.writeMark(lastHead, c.head)
	c.receipt.Sequence = c.head.sequence
}
