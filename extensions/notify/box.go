package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roster/storage"
)

// Box is a queue whose letters stay until somebody decides: Outbox or DeadLetters.
// A running worker keeps the newest Config.Keep of each account, and drops older
// ones soon after they are too many. A Box may be used concurrently, also with a
// worker; it needs none to read.
type Box struct {
	Store storage.Store // required
	Queue string        // Outbox or DeadLetters
}

// List returns the newest letters of an account, newest first, at most limit.
func (b Box) List(ctx context.Context, account storage.Account, limit int) (letters []Letter, err error) {
	err = b.Store.View(ctx, account, func(s storage.Snapshot) error {
		letters, err = b.letters(ctx, s)
		return err
	})
	slices.Reverse(letters)
	return letters[:min(len(letters), max(limit, 0))], err
}

// Show returns a letter, or ErrNotFound.
func (b Box) Show(ctx context.Context, account storage.Account, id string) (l Letter, err error) {
	err = b.Store.View(ctx, account, func(s storage.Snapshot) error {
		l, err = b.find(ctx, s, id)
		return err
	})
	return l, err
}

// Retry puts a letter back into the queue that it came from, due now and as if it
// had never been tried; ErrNotFound if it is not there. Call Worker.Wake after it.
func (b Box) Retry(ctx context.Context, account storage.Account, id string, now time.Time) error {
	return b.take(ctx, account, id, func(l Letter) ([]storage.Message, error) {
		l.Attempts = 0
		m, err := l.message(l.Queue, now)
		return []storage.Message{m}, err
	})
}

// Drop removes a letter, or fails with ErrNotFound.
func (b Box) Drop(ctx context.Context, account storage.Account, id string) error {
	return b.take(ctx, account, id, func(Letter) ([]storage.Message, error) { return nil, nil })
}

// take removes a letter and enqueues what becomes of it. A counter of takings
// makes sure that no two of them take the same letter.
func (b Box) take(ctx context.Context, account storage.Account, id string, become func(Letter) ([]storage.Message, error)) error {
	for {
		batch, err := b.taking(ctx, account, id, become)
		if err != nil {
			return err
		}
		_, err = b.Store.Apply(ctx, account, batch)
		if errors.Is(err, storage.ErrErased) {
			return fmt.Errorf("letter %.64q: %w", id, ErrNotFound)
		}
		if !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
}

func (b Box) taking(ctx context.Context, account storage.Account, id string, become func(Letter) ([]storage.Message, error)) (batch storage.Batch, err error) {
	err = b.Store.View(ctx, account, func(s storage.Snapshot) error {
		l, err := b.find(ctx, s, id)
		if err != nil {
			return err
		}
		taken, err := s.Counter(ctx, b.Queue)
		if err != nil {
			return err
		}
		batch.Guards = []storage.Guard{storage.CounterWithin{Name: b.Queue, Min: taken + 1, Max: taken + 1}}
		batch.Counters = []storage.CounterStep{{Name: b.Queue, Delta: 1}}
		batch.Dequeue = []storage.MessageID{{Queue: b.Queue, ID: id}}
		batch.Enqueue, err = become(l)
		return err
	})
	return batch, err
}

func (b Box) find(ctx context.Context, s storage.Snapshot, id string) (Letter, error) {
	letters, err := b.letters(ctx, s)
	i := slices.IndexFunc(letters, func(l Letter) bool { return l.ID == id })
	if err == nil && i < 0 {
		return Letter{}, fmt.Errorf("letter %.64q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Letter{}, err
	}
	return letters[i], nil
}

// letters reads the whole box, oldest first. One that cannot be read is shown as
// what it is.
func (b Box) letters(ctx context.Context, s storage.Snapshot) ([]Letter, error) {
	messages, err := s.Messages(ctx, b.Queue, ever, all)
	letters := make([]Letter, len(messages))
	for i, m := range messages {
		letters[i], _ = read(m)
	}
	return letters, err
}

// What a box is asked for: it is bounded by the worker.
const all = 1 << 30

var ever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
