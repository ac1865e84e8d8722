package bolt

import (
	"bytes"
	"crypto/sha256"
)

// visitor takes an ordinal and tells whether that was enough.
type visitor func(ordinal uint32) (enough bool, err error)

// walk visits the candidates in the order of an index.
func (q *planned) walk(visit visitor) error {
	upper := q.upper()
	w := &walker{planned: q, visit: func(ordinal uint32) (bool, error) {
		if upper != nil && !upper.Contains(ordinal) {
			return false, q.interrupted()
		}
		return visit(ordinal)
	}}
	if q.by.index == nil {
		return w.byID()
	}
	return w.byIndex()
}

type walker struct {
	*planned
	visit visitor
	// Entries whose values begin alike and were cut: their order is not known.
	run   []uint32
	alike []byte
}

// steps iterates over a span in the asked direction.
func (w *walker) steps(t table, s span) func(yield func(key, value []byte) bool) {
	if w.by.Descending {
		return t.descend(s)
	}
	return t.ascend(s)
}

func (w *walker) byID() error {
	for _, key := range w.steps(w.in(ids), span{}) {
		ordinal, ok := w.ofType(key)
		if !ok {
			continue
		}
		if enough, err := w.visit(ordinal); enough || err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) byIndex() error {
	first, last := present, missing
	if w.by.index.Multi {
		first, last = sorted, unsorted
	}
	within := span{sectionKey(w.by.index.number, first), successor(sectionKey(w.by.index.number, last))}
	for key := range w.steps(w.in(entries), within) {
		if enough, err := w.entry(key); enough || err != nil {
			return err
		}
	}
	_, err := w.flush()
	return err
}

func (w *walker) entry(key []byte) (bool, error) {
	beginning := cutBeginning(key)
	if len(w.run) > 0 && !bytes.Equal(beginning, w.alike) {
		if enough, err := w.flush(); enough || err != nil {
			return enough, err
		}
	}
	if beginning == nil {
		return w.visit(entryOrdinal(key))
	}
	w.alike = beginning
	if upper := w.upper(); upper == nil || upper.Contains(entryOrdinal(key)) {
		w.run = append(w.run, entryOrdinal(key))
	}
	return false, nil
}

// cutBeginning returns the key up to the hash if its value was cut, else nil.
func cutBeginning(key []byte) []byte {
	if len(key) <= maxValue {
		return nil
	}
	if _, _, cut := splitEntry(key); !cut {
		return nil
	}
	return key[:len(key)-4-sha256.Size]
}

// flush visits the run. If it is longer than one, the documents tell its order.
func (w *walker) flush() (bool, error) {
	run := make([]keyed, len(w.run))
	for i, ordinal := range w.run {
		run[i].ordinal = ordinal
		if len(w.run) == 1 {
			break
		}
		d, err := w.look(ordinal)
		if err != nil {
			return false, err
		}
		run[i].key = w.by.key(d)
	}
	w.run = w.run[:0]
	w.by.sort(run)
	for _, k := range run {
		if enough, err := w.visit(k.ordinal); enough || err != nil {
			return enough, err
		}
	}
	return false, nil
}
