package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"roster/storage"
)

// Query reads every document of the type. It counts as checked those that an
// engine with the catalogued indexes would have had to read.
func (s *snapshot) Query(ctx context.Context, q storage.Query) (storage.Page, error) {
	sc := &scan{snapshot: s, ctx: ctx, query: &q, page: storage.Page{Total: -1}}
	for _, d := range sc.ordered() {
		if sc.full() {
			break
		}
		if err := sc.visit(d); err != nil {
			return storage.Page{}, err
		}
	}
	if q.Total {
		sc.page.Total = sc.matches
	}
	return sc.page, nil
}

// scan is a query being answered.
type scan struct {
	*snapshot
	ctx     context.Context
	query   *storage.Query
	page    storage.Page
	matches int // so far
}

// full tells that reading on would change nothing.
func (s *scan) full() bool {
	return !s.query.Total && s.sorted() && len(s.page.Documents) >= s.query.Limit
}

// sorted tells that the order is known without reading documents.
func (s *scan) sorted() bool {
	return s.query.Sort == nil || s.catalogued(s.query.Sort.Index)
}

// catalogued tells that an index of the query's type has that name.
func (s *scan) catalogued(index string) bool {
	return index == storage.IDIndex || index != "" && s.indexes[index].Type == s.query.Type
}

// visit takes one document, in the order of the result.
func (s *scan) visit(d *storage.Document) error {
	matches, err := s.decide(d)
	if err != nil || !matches {
		return err
	}
	if s.matches >= s.query.Offset && len(s.page.Documents) < s.query.Limit {
		s.page.Documents = append(s.page.Documents, d)
	}
	s.matches++
	return nil
}

// decide tells whether the document matches, and counts it if that, or its
// place, took reading it.
func (s *scan) decide(d *storage.Document) (bool, error) {
	if err := s.ctx.Err(); err != nil {
		return false, err
	}
	found, err := s.judge(s.query.Where, d, false)
	if err != nil || found == no || found == yes && s.sorted() {
		return found == yes, err
	}
	s.page.Checked++
	if s.query.MaxChecks > 0 && s.page.Checked > s.query.MaxChecks {
		return false, fmt.Errorf("query of %s: more than %d: %w", s.query.Type, s.query.MaxChecks, storage.ErrTooMany)
	}
	found, err = s.judge(s.query.Where, d, true)
	return found == yes, err
}

// ordered returns copies of all documents of the type. Descending order is the
// reverse of ascending order in every respect.
func (s *scan) ordered() []*storage.Document {
	var documents []*storage.Document
	for _, d := range s.documents {
		if d.Type == s.query.Type {
			documents = append(documents, copyOf(d))
		}
	}
	if s.query.Sort == nil {
		slices.SortFunc(documents, byOrdinal)
		return documents
	}
	s.sort(documents)
	if s.query.Sort.Descending {
		slices.Reverse(documents)
	}
	return documents
}

func byOrdinal(a, b *storage.Document) int { return cmp.Compare(a.Ordinal, b.Ordinal) }

func (s *scan) sort(documents []*storage.Document) {
	key := s.key()
	keys := make(map[string][]byte, len(documents))
	for _, d := range documents {
		keys[d.ID] = key(d)
	}
	slices.SortFunc(documents, func(a, b *storage.Document) int {
		return cmp.Or(compareKeys(keys[a.ID], keys[b.ID]), byOrdinal(a, b))
	})
}

// key is the sort's own, or where it has none what its index sorts by.
func (s *scan) key() func(*storage.Document) []byte {
	switch {
	case s.query.Sort.Key != nil:
		return s.query.Sort.Key
	case s.query.Sort.Index == storage.IDIndex:
		return func(d *storage.Document) []byte { return []byte(d.ID) }
	case s.sorted():
		return func(d *storage.Document) []byte {
			_, key := s.indexes[s.query.Sort.Index].Extract(d)
			return key
		}
	default:
		return func(*storage.Document) []byte { return nil }
	}
}

// compareKeys puts nil, which is no value, last.
func compareKeys(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	default:
		return bytes.Compare(a, b)
	}
}
