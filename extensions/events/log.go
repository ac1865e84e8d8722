package events

import (
	"context"

	"roster/scim"
	"roster/storage"
)

// Limits of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// maxLooked bounds the events that one page looks at for those of a type.
const maxLooked = 10 * MaxLimit

// Log reads histories.
type Log struct {
	Store storage.Store // required
}

// Query asks for a part of a history.
type Query struct {
	Subject string // id of a resource, there or not; "": all of the account
	Type    string // only events of that type; "": of any
	// After goes on behind the event with that sequence, which need not be there;
	// 0 begins.
	After      uint64
	Descending bool // latest first; else oldest first
	Limit      int  // 1 to MaxLimit; 0: DefaultLimit
}

// Page is a part of a history.
type Page struct {
	Events []Event
	// Next is the After of what follows, 0 at the end. A page that was asked for
	// one type may have fewer events than the limit, or none, and still not be the
	// last.
	Next uint64
}

// Read answers a query. A limit out of bounds is a *scim.Error.
func (l Log) Read(ctx context.Context, account storage.Account, q Query) (Page, error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return Page{}, scim.BadRequest(scim.InvalidValue, "limit must be from 1 to %d", MaxLimit)
	}
	r := reader{account: account, query: q, page: Page{Events: []Event{}}}
	err := l.Store.View(ctx, account, func(s storage.Snapshot) error { return r.read(ctx, s) })
	if err != nil {
		return Page{}, err
	}
	return r.page, nil
}

// reader makes a page.
type reader struct {
	account storage.Account
	query   Query
	page    Page
}

// read looks at one event more than the page can take, because that one tells
// whether anything follows; and at many at a time, if it passes over some.
func (r *reader) read(ctx context.Context, s storage.Snapshot) error {
	step := r.query.Limit + 1
	if r.query.Type != "" {
		step = MaxLimit
	}
	for looked := 0; looked < maxLooked; looked += step {
		found, err := s.Events(ctx, storage.EventQuery{
			Subject: r.query.Subject, After: r.query.After, Descending: r.query.Descending, Limit: step,
		})
		if err != nil {
			return err
		}
		if full, err := r.take(found); full || err != nil {
			return err
		}
		if len(found) < step {
			return nil
		}
	}
	r.page.Next = r.query.After
	return nil
}

// take adds events to the page and tells whether it is full.
func (r *reader) take(found []storage.Event) (full bool, err error) {
	for _, e := range found {
		if len(r.page.Events) == r.query.Limit {
			r.page.Next = r.query.After
			return true, nil
		}
		r.query.After = e.Sequence
		if r.query.Type != "" && e.Type != r.query.Type {
			continue
		}
		event, err := decode(r.account, e)
		if err != nil {
			return false, err
		}
		r.page.Events = append(r.page.Events, event)
	}
	return false, nil
}
