package memory

import (
	"bytes"
	"context"
	"slices"

	"roster/storage"
)

// last returns the last event that was logged, of which Sequence and Hash are
// kept when it is forgotten.
func (a *account) last() *storage.Event {
	if n := len(a.events); n > 0 {
		return &a.events[n-1]
	}
	return &a.trimmed
}

func (c *change) log(e storage.Event) {
	last := c.last()
	e.Sequence = last.Sequence + 1
	e.Time, e.Data = precise(e.Time), bytes.Clone(e.Data)
	e.Hash = storage.Chain(last.Hash, &e)
	assign(&c.journal, &c.events, append(c.events, e))
	c.receipt.Sequence = e.Sequence
}

func (s *snapshot) Events(ctx context.Context, q storage.EventQuery) ([]storage.Event, error) {
	events := slices.Clone(s.events)
	if q.Descending {
		slices.Reverse(events)
	}
	events = slices.DeleteFunc(events, func(e storage.Event) bool {
		behind := e.Sequence > q.After
		if q.Descending {
			behind = e.Sequence < q.After || q.After == 0
		}
		return !behind || q.Subject != "" && e.Subject != q.Subject
	})
	events = events[:min(len(events), max(q.Limit, 0))]
	for i := range events {
		events[i].Data, events[i].Hash = bytes.Clone(events[i].Data), bytes.Clone(events[i].Hash)
	}
	return events, ctx.Err()
}

func (s *snapshot) Head(ctx context.Context) (uint64, []byte, error) {
	last := s.last()
	return last.Sequence, bytes.Clone(last.Hash), ctx.Err()
}

// Trim implements [storage.Store], in one step.
func (s *Store) Trim(ctx context.Context, name storage.Account, through uint64) error {
	return s.alter(ctx, name, func(a *account) {
		n := 0
		for n < len(a.events) && a.events[n].Sequence <= through {
			a.trimmed = storage.Event{Sequence: a.events[n].Sequence, Hash: a.events[n].Hash}
			n++
		}
		a.events = slices.Clone(a.events[n:])
	})
}

// Erase implements [storage.Store].
func (s *Store) Erase(ctx context.Context, name storage.Account) error {
	if name == storage.System {
		return storage.ErrSystem
	}
	return s.alter(ctx, name, func(a *account) {
		log, trimmed := a.events, a.trimmed
		*a = *newAccount()
		a.events, a.trimmed, a.erased = log, trimmed, true
		s.accounts[name] = a
	})
}

// alter changes an account. One that was never written to is not kept for that.
func (s *Store) alter(ctx context.Context, name storage.Account, change func(*account)) error {
	if err := name.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	change(s.account(name))
	return nil
}

// checkLog follows the chain of the events that are left.
func (a *account) checkLog(found func(format string, args ...any)) {
	last := &a.trimmed
	for i := range a.events {
		e := &a.events[i]
		if e.Sequence != last.Sequence+1 || !bytes.Equal(e.Hash, storage.Chain(last.Hash, e)) {
			found("event %d does not continue the chain of event %d", e.Sequence, last.Sequence)
		}
		last = e
	}
}
