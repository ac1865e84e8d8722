package admin

import (
	"context"
	"time"

	"roster/extensions/notify"
	"roster/storage"
)

// LetterQuery names letters of an account's outbox, or of its dead letters.
type LetterQuery struct {
	Account string `json:"account"`
	Dead    bool   `json:"dead,omitempty"`
	ID      string `json:"id,omitempty"`    // to show, retry or drop
	Limit   int    `json:"limit,omitempty"` // to list
}

func (q LetterQuery) box(s storage.Store) notify.Box {
	if q.Dead {
		return notify.Box{Store: s, Queue: notify.DeadLetters}
	}
	return notify.Box{Store: s, Queue: notify.Outbox}
}

// ListLetters returns the newest letters, newest first.
func (s *Service) ListLetters(ctx context.Context, q LetterQuery) ([]notify.Letter, error) {
	a, err := s.Registry.AccountByName(ctx, q.Account)
	if err != nil {
		return nil, err
	}
	return q.box(s.Store).List(ctx, storage.Account(a.ID), q.Limit)
}

// ShowLetter returns a letter with its text.
func (s *Service) ShowLetter(ctx context.Context, q LetterQuery) (notify.Letter, error) {
	a, err := s.Registry.AccountByName(ctx, q.Account)
	if err != nil {
		return notify.Letter{}, err
	}
	return q.box(s.Store).Show(ctx, storage.Account(a.ID), q.ID)
}

// RetryLetter puts a letter back into the queue that it came from, and has it
// sent at once where something runs that sends.
func (s *Service) RetryLetter(ctx context.Context, q LetterQuery) (nothing, error) {
	a, err := s.Registry.AccountByName(ctx, q.Account)
	if err != nil {
		return nothing{}, err
	}
	err = q.box(s.Store).Retry(ctx, storage.Account(a.ID), q.ID, time.Now())
	if err == nil && s.Enqueued != nil {
		s.Enqueued(storage.Account(a.ID))
	}
	return nothing{}, err
}

// DropLetter removes a letter for good.
func (s *Service) DropLetter(ctx context.Context, q LetterQuery) (nothing, error) {
	a, err := s.Registry.AccountByName(ctx, q.Account)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, q.box(s.Store).Drop(ctx, storage.Account(a.ID), q.ID)
}
