package memory

import (
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
	documents, before := sc.ordered()
	if !q.Total && sc.sorted() {
		documents, before = documents[before:], 0
	}
	for i, d := range documents {
		if sc.full() {
			break
		}
		if err := sc.visit(d, i >= before); err != nil {
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
	behind  int // of them, behind the position
	size    int // of the bodies on the page
}

// full tells that reading on would change nothing.
func (s *scan) full() bool {
	return !s.query.Total && s.sorted() && len(s.page.Documents) >= s.query.Limit
}

// sorted tells that the order is known without reading documents.
func (s *scan) sorted() bool {
	return s.byCreation() || s.catalogued(s.query.Sort.Index) && !s.indexes[s.query.Sort.Index].Sparse
}

func (s *scan) byCreation() bool {
	by := s.query.Sort
	return by == nil || by.Index == "" && by.Key == nil
}

// catalogued tells that an index of the query's type has that name.
func (s *scan) catalogued(index string) bool {
	return index == storage.IDIndex || index != "" && s.indexes[index].Type == s.query.Type
}

// visit takes one document, in the order of the result, behind the position or
// before it.
func (s *scan) visit(d *storage.Document, behind bool) error {
	matches, err := s.decide(d)
	if err != nil || !matches {
		return err
	}
	s.matches++
	if !behind {
		return nil
	}
	if s.behind >= s.query.Offset && len(s.page.Documents) < s.query.Limit {
		s.page.Documents = append(s.page.Documents, d)
		if s.size += len(d.Body); s.query.MaxBytes > 0 && s.size >= s.query.MaxBytes && len(s.page.Documents) < s.query.Limit {
			s.query.Limit, s.page.Short = len(s.page.Documents), true
		}
	}
	s.behind++
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

// ordered returns copies of all documents of the type, and how many of them the
// position leaves out. Descending order is the reverse of ascending order in
// every respect.
func (s *scan) ordered() (documents []*storage.Document, before int) {
	for _, d := range s.documents {
		if d.Type == s.query.Type {
			documents = append(documents, copyOf(d))
		}
	}
	positions := s.positions(documents)
	slices.SortFunc(documents, func(a, b *storage.Document) int {
		return s.compare(positions[a.ID], positions[b.ID])
	})
	if s.query.After == nil {
		return documents, 0
	}
	after := *s.query.After
	if s.byCreation() {
		after.Key = nil
	}
	for _, d := range documents {
		if s.compare(positions[d.ID], after) <= 0 {
			before++
		}
	}
	return documents, before
}

func (s *scan) positions(documents []*storage.Document) map[string]storage.Position {
	key := s.key()
	positions := make(map[string]storage.Position, len(documents))
	for _, d := range documents {
		positions[d.ID] = storage.Position{Key: key(d), Ordinal: d.Ordinal}
	}
	return positions
}

func (s *scan) compare(a, b storage.Position) int {
	if s.query.Sort != nil && s.query.Sort.Descending {
		a, b = b, a
	}
	return cmp.Or(storage.CompareKeys(a.Key, b.Key), cmp.Compare(a.Ordinal, b.Ordinal))
}

// key is the sort's own, or where it has none what its index sorts by; none in
// order of creation.
func (s *scan) key() func(*storage.Document) []byte {
	switch {
	case s.byCreation():
		return func(*storage.Document) []byte { return nil }
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
