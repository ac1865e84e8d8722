package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roster/storage"
)

// Limits of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// maxLooked bounds the records that one page looks at for those that are asked for.
const maxLooked = 10 * MaxLimit

// ErrInvalid: the query breaks a rule that the message states.
var ErrInvalid = errors.New("not valid")

// Log reads the audit of accounts, also of those that were deleted.
type Log struct {
	Store storage.Store // required
}

// Query asks for a part of an audit.
type Query struct {
	// Account is the id of an account: its own log and what the system's log has
	// about it. storage.System is all of the system's log. Required.
	Account storage.Account
	Types   []string // only records of these types; none: of any
	Actor   string   // only what that token or user did, by id; "": anybody
	// From and To bound the time, From included, To not; zero: they do not. A
	// log is in the order in which it was written, and its times, which are those
	// of the writers, may be out of order by moments: the part between the places
	// where they pass From and To is taken whole.
	From, To   time.Time
	After      string // the Next of the page before; "" begins
	Descending bool   // latest first; else oldest first
	Limit      int    // 1 to MaxLimit; 0: DefaultLimit
}

// Page is a part of an audit.
type Page struct {
	Records []Record `json:"records"`
	// Next is the After of what follows, "" at the end. A page may have fewer
	// records than the limit, or none, and still not be the last.
	Next string `json:"next,omitempty"`
}

// Read answers a query. Each record that is there when a walk through the pages
// begins, and is not trimmed meanwhile, is in exactly one page; one that is written
// meanwhile is in one of an ascending walk, unless that has ended, and in none of a
// descending one. A query that breaks a rule fails with ErrInvalid.
func (l Log) Read(ctx context.Context, q Query) (Page, error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return Page{}, fmt.Errorf("limit must be from 1 to %d: %w", MaxLimit, ErrInvalid)
	}
	if q.Account == "" {
		return Page{}, fmt.Errorf("the query names no account: %w", ErrInvalid)
	}
	m := &merge{query: q, sources: sourcesOf(l.Store, q)}
	if err := m.start(ctx); err != nil {
		return Page{}, err
	}
	return m.page(ctx)
}

// merge makes one sequence of records of those of several logs.
type merge struct {
	query   Query
	sources []*source
}

// start puts each source where the page begins.
func (m *merge) start(ctx context.Context) error {
	at, err := parseCursor(m.query.After, m.query.Descending, len(m.sources))
	if err != nil {
		return err
	}
	for i, s := range m.sources {
		if err := s.bound(ctx, m.query); err != nil {
			return err
		}
		if at != nil {
			s.after = at[i]
		}
	}
	return nil
}

// page takes the records that are asked for until there are enough of them, or
// enough were looked at.
func (m *merge) page(ctx context.Context) (Page, error) {
	p := Page{Records: []Record{}}
	for range maxLooked {
		s, err := m.next(ctx)
		if s == nil || err != nil {
			return p, err
		}
		if len(p.Records) == m.query.Limit {
			break
		}
		if r := s.take(); m.query.wants(&r) {
			p.Records = append(p.Records, r)
		}
	}
	p.Next = m.cursor()
	return p, nil
}

// next is the source whose record comes next, nil at the end. Of two records of the
// same time, the one of the source that is listed first comes first, and last if
// the order is descending.
func (m *merge) next(ctx context.Context) (next *source, err error) {
	for _, s := range m.sources {
		head, err := s.peek(ctx)
		switch {
		case err != nil:
			return nil, err
		case head == nil:
		case next == nil, !m.query.Descending && head.At.Before(next.ready[0].At),
			m.query.Descending && !head.At.Before(next.ready[0].At):
			next = s
		}
	}
	return next, nil
}

func (m *merge) cursor() string {
	at := make([]uint64, len(m.sources))
	for i, s := range m.sources {
		at[i] = s.after
	}
	return cursorText(m.query.Descending, at)
}

// wants reports whether a record is one of those that are asked for.
func (q *Query) wants(r *Record) bool {
	return (len(q.Types) == 0 || slices.Contains(q.Types, r.Type)) && (q.Actor == "" || r.Data.Actor.ID == q.Actor)
}
