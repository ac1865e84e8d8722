package bolt

import (
	"bytes"
	"context"

	"roster/storage"
)

// Bounds of one step that removes from the front of a bucket, in keys and in the
// bytes of their values.
const (
	removeKeys  = 1024
	removeBytes = 1 << 20
)

// Trim implements [storage.Store]. An event that cannot be read stays, with all
// behind it.
func (s *Store) Trim(ctx context.Context, name storage.Account, through uint64) error {
	if err := name.Validate(); err != nil {
		return err
	}
	for done := false; !done; {
		_, err := s.writer.do(ctx, removeBytes, func(w *writing) (err error) {
			done, err = w.account(name).trimSome(through)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// trimSome takes one step, in which the cut moves with what goes, and tells
// whether nothing is left to do. An error means that it wrote nothing.
func (a *account) trimSome(through uint64) (done bool, err error) {
	var gone []storage.Event
	size := 0
	for key, record := range a.in(events).ascend(span{}) {
		if parseNumber(key) > through {
			break
		}
		if len(gone) == removeKeys || size >= removeBytes {
			return false, a.forget(gone)
		}
		e, err := decodeEvent(parseNumber(key), record)
		if err != nil {
			return false, err
		}
		gone, size = append(gone, e), size+len(record)
	}
	return true, a.forget(gone)
}

func (a *account) forget(gone []storage.Event) error {
	if len(gone) == 0 {
		return nil
	}
	for i := range gone {
		key := sequenceKey(gone[i].Sequence)
		a.remove(events, key)
		if gone[i].Subject != "" {
			a.remove(histories, append(historyKey(gone[i].Subject), key...))
		}
	}
	last := gone[len(gone)-1]
	a.writeMark(lastCut, mark{last.Sequence, last.Hash})
	return nil
}

// frontKeys returns the first keys of a table, as many as one step removes.
func (t table) frontKeys() [][]byte {
	var keys [][]byte
	size := 0
	for k, v := range t.ascend(span{}) {
		keys, size = append(keys, bytes.Clone(k)), size+len(v)
		if len(keys) == removeKeys || size >= removeBytes {
			break
		}
	}
	return keys
}
