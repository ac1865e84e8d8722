package bolt

import (
	"bytes"
	"context"
	"fmt"

	"roster/storage"
)

func (s *snapshot) Events(ctx context.Context, after uint64, limit int) ([]storage.Event, error) {
	var found []storage.Event
	if limit <= 0 {
		return nil, ctx.Err()
	}
	for k, v := range s.in(events).ascend(span{from: next(sequenceKey(after))}) {
		e, err := decodeEvent(parseNumber(k), v)
		if err != nil {
			return nil, err
		}
		if found = append(found, e); len(found) == limit {
			break
		}
	}
	return found, ctx.Err()
}

func encodeEvent(e *storage.Event) []byte {
	b := appendTime(make([]byte, 0, 16+len(e.Type)+len(e.Subject)+len(e.Data)), e.Time)
	return append(appendText(appendText(b, e.Type), e.Subject), e.Data...)
}

func decodeEvent(sequence uint64, b []byte) (storage.Event, error) {
	if len(b) < 8 {
		return storage.Event{}, fmt.Errorf("event %d is damaged", sequence)
	}
	typ, rest, ok := cutText(b[8:])
	subject, data, ok2 := cutText(rest)
	if !ok || !ok2 {
		return storage.Event{}, fmt.Errorf("event %d is damaged", sequence)
	}
	return storage.Event{
		Sequence: sequence,
		Time:     parseTime(b),
		Type:     string(typ),
		Subject:  string(subject),
		Data:     bytes.Clone(nonEmpty(data)),
	}, nil
}

// nonEmpty makes no bytes nil.
func nonEmpty(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
