package bolt

import (
	"bytes"
	"crypto/sha256"
)

// visitor takes an ordinal, behind the position or before it, and tells whether
// that was enough.
type visitor func(ordinal uint32, behind bool) (enough bool, err error)

// walk visits the documents in the order of an index. Those before the position
// come first and in any order, and only if they have to be counted.
func (q *planned) walk(visit visitor) error {
	w := &walker{planned: q, visit: visit, counts: q.asked.Total && q.known < 0}
	if q.by.index == nil {
		return w.byID()
	}
	return w.byIndex()
}

type walker struct {
	*planned
	visit  visitor
	counts bool
	// Entries whose values begin alike and were cut: their order is not known,
	// nor on which side of a position they are that begins alike as well.
	run      []uint32
	alike    []byte
	doubtful []byte // how the position begins, if its value was cut
}

func (w *walker) byID() error {
	for id, key := range w.in(ids).steps(w.idSpan(), w.by.Descending) {
		ordinal, ok := w.ofType(key)
		if !ok {
			if err := w.interrupted(); err != nil {
				return err
			}
			continue
		}
		if enough, err := w.visit(ordinal, w.by.isBehind(keyed{id, ordinal})); enough || err != nil {
			return err
		}
	}
	return nil
}

// idSpan is the ids to go through: from that of the position on, whose document may
// have been created anew. A position without a key is behind all ids.
func (w *walker) idSpan() span {
	at := w.by.after
	switch {
	case w.counts || at == nil || at.key == nil && w.by.Descending:
		return span{}
	case at.key == nil:
		return span{[]byte{}, []byte{}}
	case w.by.Descending:
		return span{nil, next(at.key)}
	default:
		return span{at.key, nil}
	}
}

func (w *walker) byIndex() error {
	before, behind := w.parted()
	if w.counts {
		for key := range w.in(entries).ascend(before) {
			if enough, err := w.visit(entryOrdinal(key), false); enough || err != nil {
				return err
			}
		}
	}
	for key := range w.in(entries).steps(behind, w.by.Descending) {
		if enough, err := w.entry(key); enough || err != nil {
			return err
		}
	}
	_, err := w.flush()
	return err
}

// sections are those with the entries of the order: of a value, and of none.
func (w *walker) sections() (value, none []byte) {
	if w.by.index.Multi {
		return sectionKey(w.by.index.number, sorted), sectionKey(w.by.index.number, unsorted)
	}
	return sectionKey(w.by.index.number, present), sectionKey(w.by.index.number, missing)
}

// parted is the entries before the position and those behind it.
func (w *walker) parted() (before, behind span) {
	first, last := w.sections()
	all := span{first, successor(last)}
	if w.by.after == nil {
		return span{all.from, all.from}, all
	}
	at := w.edge()
	before, behind = span{all.from, at}, span{at, all.to}
	if w.by.Descending {
		return behind, before
	}
	return before, behind
}

// edge is the key that parts the entries. Those that begin like a position whose
// value was cut are all behind it, for the documents to tell.
func (w *walker) edge() []byte {
	value, key := w.sections()
	if w.by.after.key != nil {
		key = appendValue(value, w.by.after.key)
	}
	entry := entryKey(key, w.by.after.ordinal)
	w.doubtful = cutBeginning(entry)
	switch {
	case w.doubtful != nil && w.by.Descending:
		return successor(w.doubtful)
	case w.doubtful != nil:
		return w.doubtful
	case w.by.Descending:
		return entry
	default:
		return next(entry)
	}
}

func (w *walker) entry(key []byte) (bool, error) {
	beginning := cutBeginning(key)
	if len(w.run) > 0 && !bytes.Equal(beginning, w.alike) {
		if enough, err := w.flush(); enough || err != nil {
			return enough, err
		}
	}
	if beginning == nil {
		return w.visit(entryOrdinal(key), true)
	}
	w.alike = beginning
	if upper := w.upper(); upper == nil || upper.Contains(entryOrdinal(key)) {
		w.run = append(w.run, entryOrdinal(key))
	}
	return false, w.interrupted()
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

// flush visits the run. The documents tell its order, if it is longer than one,
// and where the position is, if that may be within it.
func (w *walker) flush() (bool, error) {
	run := make([]keyed, len(w.run))
	parted := w.doubtful != nil && bytes.Equal(w.alike, w.doubtful)
	for i, ordinal := range w.run {
		run[i].ordinal = ordinal
		if len(w.run) == 1 && !parted {
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
		if enough, err := w.visit(k.ordinal, !parted || w.by.isBehind(k)); enough || err != nil {
			return enough, err
		}
	}
	return false, nil
}
