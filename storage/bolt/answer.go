package bolt

import (
	"iter"

	"roster/storage"
)

// answer is the page being filled.
type answer struct {
	*planned
	offset, limit int
	before        int // matches that the position leaves out, if they are counted
	found         int // matches behind it, so far
	documents     []*storage.Document
	size          int  // of their bodies
	short         bool // MaxBytes ended the page
}

// full tells that reading on would change nothing.
func (a *answer) full() bool {
	return len(a.documents) >= a.limit && (!a.asked.Total || a.known >= 0)
}

func (a *answer) total() int {
	switch {
	case !a.asked.Total:
		return -1
	case a.known >= 0:
		return a.known
	default:
		return a.before + a.found
	}
}

// skip says how many matches to leave out, where none has to be counted.
func (a *answer) skip() int {
	a.found = a.offset
	return a.offset
}

// fill takes matches until the answer is full.
func (a *answer) fill(matches iter.Seq[uint32]) error {
	if a.full() {
		return nil
	}
	for ordinal := range matches {
		if err := a.add(ordinal, nil); err != nil {
			return err
		}
		if a.full() {
			return nil
		}
	}
	return nil
}

// add takes one match; the document is read if it is on the page and was not read.
func (a *answer) add(ordinal uint32, d *storage.Document) error {
	if err := a.interrupted(); err != nil {
		return err
	}
	if a.found >= a.offset && len(a.documents) < a.limit {
		if d == nil {
			var err error
			if d, err = a.at(a.asked.Type, ordinal); err != nil {
				return err
			}
		}
		a.documents = append(a.documents, d)
		if a.size += len(d.Body); a.asked.MaxBytes > 0 && a.size >= a.asked.MaxBytes && len(a.documents) < a.limit {
			a.limit, a.short = len(a.documents), true
		}
	}
	a.found++
	return nil
}

// consider takes one candidate, behind the position or before it.
func (a *answer) consider(ordinal uint32, behind bool) error {
	var d *storage.Document
	matches, err := a.matches(ordinal, a.reading(ordinal, &d))
	switch {
	case err != nil:
		return err
	case !matches:
		return a.interrupted()
	case !behind:
		a.before++
		return a.interrupted()
	default:
		return a.add(ordinal, d)
	}
}

// reading reads a document once.
func (q *query) reading(ordinal uint32, d **storage.Document) func() (*storage.Document, error) {
	return func() (*storage.Document, error) {
		if *d != nil {
			return *d, nil
		}
		var err error
		*d, err = q.look(ordinal)
		return *d, err
	}
}
