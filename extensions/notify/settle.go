package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"roster/storage"
)

// Outcome is what became of an attempt to deliver.
type Outcome string

const (
	Delivered Outcome = "delivered" // the receiver has it
	Postponed Outcome = "postponed" // it failed, and is tried again
	Dead      Outcome = "dead"      // it failed for good: it is in DeadLetters
	Kept      Outcome = "kept"      // there is no way to deliver it: it is in Outbox
)

// Attempt is one attempt to deliver a message. It names no person.
type Attempt struct {
	Account  storage.Account
	ID       string // of the message
	Channel  Channel
	Kind     Kind
	Attempts int // including this one
	Outcome  Outcome
	Reason   string    // why it failed, "" if it did not
	Due      time.Time // of the next attempt, if it is postponed
}

// settler stores what became of attempts.
type settler struct {
	*WorkerConfig
	keeper *keeper
}

// settle stores the outcome of an attempt that ended with err. It does not give
// up before ctx ends: the message would be delivered again.
func (s *settler) settle(ctx context.Context, account storage.Account, m storage.Message, l Letter, err error) {
	now := s.Now()
	outcome, due := s.judge(&l, err, now)
	batch, encoding := change(outcome, m, l, now, due)
	if encoding != nil {
		s.Logger.Error("the outcome of a message cannot be stored", "account", account, "message", m.ID, "error", encoding)
		return
	}
	if s.apply(ctx, account, batch) != nil {
		return
	}
	if outcome == Dead || outcome == Kept {
		s.keeper.agenda.add(line{account, boxes[outcome]})
	}
	s.tell(Attempt{
		Account: account, ID: m.ID, Channel: l.Channel, Kind: l.Kind, Attempts: l.Attempts,
		Outcome: outcome, Reason: reasonOf(err), Due: due,
	})
}

// judge says what becomes of a letter, and notes the attempt in it.
func (s *settler) judge(l *Letter, err error, now time.Time) (outcome Outcome, due time.Time) {
	if errors.Is(err, errUnconfigured) {
		return Kept, time.Time{}
	}
	l.Attempts++
	l.Tried = now.UTC()
	if err == nil {
		return Delivered, time.Time{}
	}
	l.Error = brief(err.Error())
	due = now.Add(s.pause(l.Attempts))
	late := !l.Expires.IsZero() && due.After(l.Expires)
	if isPermanent(err) || l.Attempts >= s.MaxAttempts || late {
		return Dead, time.Time{}
	}
	return Postponed, due
}

// pause returns how long to wait after that many failures.
func (s *settler) pause(failures int) time.Duration {
	pause := s.FirstRetry
	for ; failures > 1 && pause < s.MaxRetry; failures-- {
		pause *= 2
	}
	pause = min(pause, s.MaxRetry)
	return pause - time.Duration(s.Random()*float64(pause/2))
}

// boxes says where letters end.
var boxes = map[Outcome]string{Dead: DeadLetters, Kept: Outbox}

// change states an outcome: the message goes, stays until due, or moves to a box.
func change(outcome Outcome, m storage.Message, l Letter, now, due time.Time) (storage.Batch, error) {
	gone := []storage.MessageID{{Queue: m.Queue, ID: m.ID}}
	queue := boxes[outcome]
	switch outcome {
	case Delivered:
		return storage.Batch{Dequeue: gone}, nil
	case Postponed:
		queue, now = m.Queue, due
	}
	again, err := l.message(queue, now)
	return storage.Batch{Dequeue: gone, Enqueue: []storage.Message{again}}, err
}

// apply stores a change, and tries again while the store cannot. What became of the
// messages of an account that was deleted meanwhile is nobody's business any more.
func (s *settler) apply(ctx context.Context, account storage.Account, batch storage.Batch) error {
	for {
		// Also when told to stop: what was delivered is noted if that can be done.
		_, err := s.Store.Apply(context.WithoutCancel(ctx), account, batch)
		if err == nil || errors.Is(err, storage.ErrClosed) || errors.Is(err, storage.ErrErased) {
			return err
		}
		s.Logger.Error("the outcome of a message cannot be stored; it is tried again", "account", account, "error", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *settler) tell(a Attempt) {
	level := slog.LevelInfo
	if a.Outcome == Postponed || a.Outcome == Dead {
		level = slog.LevelWarn
	}
	s.Logger.Log(context.Background(), level, "message "+string(a.Outcome), "account", a.Account, "message", a.ID,
		"channel", a.Channel, "kind", a.Kind, "attempts", a.Attempts, "reason", a.Reason)
	s.Observe(a)
}
