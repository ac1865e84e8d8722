package audit

import (
	"context"
	"crypto/sha256"
	"sort"
	"time"

	"roster/storage"
)

// source reads a part of one log, in one order, some records at a time. Each is a
// snapshot of its own, so that nothing is pinned between them.
type source struct {
	store   storage.Store
	log     string
	account storage.Account // whose log it is
	query   storage.EventQuery
	after   uint64 // sequence of the last record that was taken, or where to begin
	end     uint64 // sequence behind the last record, in the order of the query
	ready   []Record
	through bool // nothing follows what is ready
}

// chunk is how many records are read at a time.
const chunk = 256

func sourcesOf(store storage.Store, q Query) []*source {
	system := &source{store: store, log: SystemLog, account: storage.System, query: storage.EventQuery{Descending: q.Descending}}
	if q.Account == storage.System {
		return []*source{system}
	}
	system.query.Subject = string(q.Account)
	own := &source{store: store, log: AccountLog, account: q.Account, query: storage.EventQuery{Descending: q.Descending}}
	return []*source{system, own}
}

// bound finds the part of the log that is asked for, as it is now.
func (s *source) bound(ctx context.Context, q Query) error {
	return s.store.View(ctx, s.account, func(v storage.Snapshot) error {
		first, err := passing(ctx, v, q.From, 1)
		if err != nil {
			return err
		}
		last, _, err := v.Head(ctx)
		if err != nil {
			return err
		}
		behind, err := passing(ctx, v, q.To, last+1)
		if err != nil {
			return err
		}
		s.after, s.end = first-1, behind
		if q.Descending {
			s.after, s.end = behind, first-1
		}
		return nil
	})
}

// passing is the sequence of the first event of the log that is not before that
// time, one behind the last if all are, and otherwise for the zero time.
func passing(ctx context.Context, v storage.Snapshot, t time.Time, otherwise uint64) (uint64, error) {
	if t.IsZero() {
		return otherwise, nil
	}
	first, err := v.Events(ctx, storage.EventQuery{Limit: 1})
	if err != nil {
		return 0, err
	}
	last, _, err := v.Head(ctx)
	if err != nil || len(first) == 0 {
		return last + 1, err
	}
	begin := first[0].Sequence
	n := sort.Search(int(last+1-begin), func(i int) bool {
		var e []storage.Event
		if err == nil {
			e, err = v.Events(ctx, storage.EventQuery{After: begin + uint64(i) - 1, Limit: 1})
		}
		return len(e) > 0 && !e[0].Time.Before(t)
	})
	return begin + uint64(n), err
}

// peek returns the next record, nil at the end.
func (s *source) peek(ctx context.Context) (*Record, error) {
	if len(s.ready) == 0 && !s.through {
		if err := s.store.View(ctx, s.account, func(v storage.Snapshot) error { return s.read(ctx, v) }); err != nil {
			return nil, err
		}
	}
	if len(s.ready) == 0 {
		return nil, nil
	}
	return &s.ready[0], nil
}

// take returns the next record, which is there, and goes behind it.
func (s *source) take() Record {
	r := s.ready[0]
	s.ready, s.after = s.ready[1:], r.Sequence
	return r
}

func (s *source) read(ctx context.Context, v storage.Snapshot) error {
	q := s.query
	q.After, q.Limit = s.after, chunk
	events, err := v.Events(ctx, q)
	if err != nil {
		return err
	}
	s.through = len(events) < q.Limit
	for i, e := range events {
		if s.isBehind(e.Sequence) {
			s.through = true
			return nil
		}
		previous, err := previousOf(ctx, v, events, i)
		if err != nil {
			return err
		}
		s.ready = append(s.ready, recordOf(s.log, s.account, e, previous))
	}
	return nil
}

func (s *source) isBehind(sequence uint64) bool {
	if s.query.Descending {
		return sequence <= s.end
	}
	return sequence >= s.end
}

// previousOf is the hash of the log before one of these events, nil if that was
// forgotten. Most often its neighbour has it.
func previousOf(ctx context.Context, v storage.Snapshot, events []storage.Event, i int) ([]byte, error) {
	sequence := events[i].Sequence
	if sequence == 1 {
		return make([]byte, sha256.Size), nil
	}
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(events) && events[j].Sequence == sequence-1 {
			return events[j].Hash, nil
		}
	}
	before, err := v.Events(ctx, storage.EventQuery{After: sequence - 2, Limit: 1})
	if err != nil || len(before) == 0 || before[0].Sequence != sequence-1 {
		return nil, err
	}
	return before[0].Hash, nil
}
