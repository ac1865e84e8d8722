package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"roster/storage"
)

// Retention is what is needed to forget records that are too old.
type Retention struct {
	Store storage.Store // required
	// Accounts lists the accounts whose logs are trimmed: those that are there and
	// those that were deleted. Required.
	Accounts func(context.Context) ([]storage.Account, error)
	// Keep is for how long an account's records are kept, also of one that was
	// deleted; 0: for ever. Required.
	Keep func(context.Context, storage.Account) (time.Duration, error)
	// System is for how long those of the system's log are kept. Default, and at
	// least: as long as those of any account.
	System time.Duration
	Every  time.Duration    // how often Run looks; default one hour
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default()
}

// Run retains at once and then regularly, until ctx ends. What fails is logged, and
// tried again the next time.
func (r Retention) Run(ctx context.Context) error {
	r = r.withDefaults()
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		if err := r.Retain(ctx); err != nil && ctx.Err() == nil {
			r.Logger.Warn("old audit records were not all trimmed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (r Retention) withDefaults() Retention {
	if r.Every <= 0 {
		r.Every = time.Hour
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Logger == nil {
		r.Logger = slog.Default()
	}
	return r
}

// Retain trims every log once. One that cannot be trimmed does not keep the others
// from it; the system's log is trimmed only if it is known how long all accounts
// keep theirs.
func (r Retention) Retain(ctx context.Context) error {
	r = r.withDefaults()
	accounts, err := r.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("list the accounts: %w", err)
	}
	longest, known, problems := r.System, true, []error{}
	for _, account := range accounts {
		keep, err := r.Keep(ctx, account)
		if err != nil {
			known = false
			problems = append(problems, fmt.Errorf("retention of account %s: %w", account, err))
			continue
		}
		longest, known = max(longest, keep), known && keep > 0
		problems = append(problems, r.trim(ctx, account, keep))
	}
	if known {
		problems = append(problems, r.trim(ctx, storage.System, longest))
	}
	return errors.Join(problems...)
}

// trim forgets the records of a log that are older than that, chunk by chunk, each
// read and trimmed for itself.
func (r Retention) trim(ctx context.Context, account storage.Account, keep time.Duration) error {
	if keep <= 0 {
		return nil
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var oldest []storage.Event
		err := r.Store.View(ctx, account, func(s storage.Snapshot) (err error) {
			oldest, err = s.Events(ctx, storage.EventQuery{Limit: chunk})
			return err
		})
		var through uint64
		if through, more = expired(oldest, r.Now().Add(-keep)); err == nil && through > 0 {
			err = r.Store.Trim(ctx, account, through)
		}
		if err != nil {
			return fmt.Errorf("trim the log of account %s: %w", account, err)
		}
	}
	return nil
}

// expired is the sequence of the last of the events at the beginning of a log that
// are all from before that time, 0 if the first is not; and whether more may be. An
// event that is kept keeps those behind it, whatever their time is.
func expired(oldest []storage.Event, before time.Time) (through uint64, more bool) {
	for _, e := range oldest {
		if !e.Time.Before(before) {
			return through, false
		}
		through = e.Sequence
	}
	return through, len(oldest) == chunk
}
