package bolt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"

	"roster/storage"
)

func (s *snapshot) Events(ctx context.Context, q storage.EventQuery) ([]storage.Event, error) {
	var found []storage.Event
	if q.Limit <= 0 {
		return nil, ctx.Err()
	}
	for sequence, record := range s.logged(q) {
		e, err := decodeEvent(sequence, record)
		if err != nil {
			return nil, err
		}
		if found = append(found, e); len(found) == q.Limit {
			break
		}
	}
	return found, ctx.Err()
}

// logged iterates over the records of the log, or of the part of it that is about
// a subject, without a look at the others.
func (s *snapshot) logged(q storage.EventQuery) iter.Seq2[uint64, []byte] {
	return func(yield func(sequence uint64, record []byte) bool) {
		if q.Subject == "" {
			for key, record := range s.in(events).steps(behindEvent(nil, q), q.Descending) {
				if !yield(parseNumber(key), record) {
					return
				}
			}
			return
		}
		of := historyKey(q.Subject)
		for key := range s.in(histories).steps(behindEvent(of, q), q.Descending) {
			sequence := key[len(of):]
			if !yield(parseNumber(sequence), s.in(events).get(sequence)) {
				return
			}
		}
	}
}

// behindEvent is the keys with a prefix whose sequence is behind the query's.
func behindEvent(prefix []byte, q storage.EventQuery) span {
	all := prefixed(prefix)
	at := append(bytes.Clone(prefix), sequenceKey(q.After)...)
	switch {
	case q.After == 0:
		return all
	case q.Descending:
		return span{all.from, at}
	default:
		return all.after(at)
	}
}

func encodeEvent(e *storage.Event) []byte {
	b := appendTime(make([]byte, 0, 16+len(e.Hash)+len(e.Type)+len(e.Subject)+len(e.Data)), e.Time)
	b = append(b, e.Hash...)
	return append(appendText(appendText(b, e.Type), e.Subject), e.Data...)
}

// decodeEvent reads a record. The event shares nothing with it.
func decodeEvent(sequence uint64, record []byte) (storage.Event, error) {
	const head = 8 + sha256.Size
	if len(record) < head {
		return storage.Event{}, fmt.Errorf("event %d is damaged", sequence)
	}
	typ, rest, ok := cutText(record[head:])
	subject, data, ok2 := cutText(rest)
	if !ok || !ok2 {
		return storage.Event{}, fmt.Errorf("event %d is damaged", sequence)
	}
	return storage.Event{
		Sequence: sequence,
		Time:     parseTime(record),
		Type:     string(typ),
		Subject:  string(subject),
		Data:     bytes.Clone(nonEmpty(data)),
		Hash:     bytes.Clone(record[8:head]),
	}, nil
}

// nonEmpty makes no bytes nil.
func nonEmpty(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
