package registry

import (
	"bytes"
	"context"
	"slices"
	"time"

	"roster/storage"
)

// UpdateAccount changes an account's settings. change gets the present ones, may
// be called several times, and its error is returned. What it leaves is kept as
// Normalised returns it, with the present secrets in the place of Kept. It fails
// with ErrInvalid, ErrNotFound, and ErrTaken if another account has one of the
// issuers; the new settings act when it returns.
func (r *Registry) UpdateAccount(ctx context.Context, id string, change func(*Settings) error) (Account, error) {
	return r.changeAccount(ctx, id, "account.changed", func(b *accountBody) error {
		settings := b.Settings
		if err := change(&settings); err != nil {
			return err
		}
		return b.set(settings)
	})
}

// DisableAccount keeps everybody out of an account, whatever they show, until
// EnableAccount: those who ask who calls are to ask Account as well. Nothing in it
// changes. One that is disabled stays as it is. It fails with ErrNotFound.
func (r *Registry) DisableAccount(ctx context.Context, id string) (Account, error) {
	return r.changeAccount(ctx, id, "account.disabled", func(b *accountBody) error {
		if b.Disabled.IsZero() {
			b.Disabled = r.clock()
		}
		return nil
	})
}

// EnableAccount undoes DisableAccount. It fails with ErrNotFound, also for an
// account whose deletion has begun.
func (r *Registry) EnableAccount(ctx context.Context, id string) (Account, error) {
	return r.changeAccount(ctx, id, "account.enabled", func(b *accountBody) error {
		b.Disabled = time.Time{}
		return nil
	})
}

// changeAccount repeats the change as long as somebody else is faster.
func (r *Registry) changeAccount(ctx context.Context, id, event string, change func(*accountBody) error) (a Account, err error) {
	// Also after an error: it may be about the answer, not the change.
	defer r.accounts.drop(id)
	err = retry(ctx, func() error {
		a, err = r.tryChange(ctx, id, event, change)
		return err
	})
	return a, err
}

func (r *Registry) tryChange(ctx context.Context, id, event string, change func(*accountBody) error) (Account, error) {
	old, err := r.document(ctx, accountType, id)
	if err != nil {
		return Account{}, err
	}
	before, err := accountBodyOf(old)
	if err != nil {
		return Account{}, err
	}
	after, _ := accountBodyOf(old) // shares nothing with the other one
	if err := change(&after); err != nil {
		return Account{}, err
	}
	d, err := accountDocument(id, after, r.clock())
	switch {
	case err != nil:
		return Account{}, err
	case bytes.Equal(d.Body, old.Body):
		return accountOf(old)
	}
	d.Created = old.Created
	batch, err := r.share(ctx, before.Settings.Issuers, after.Settings.Issuers)
	if err != nil {
		return Account{}, err
	}
	changed := changedSettings(before, after)
	if slices.Contains(changed, "issuers") {
		defer r.forgetTrusts(before.Settings.Issuers, after.Settings.Issuers)
	}
	batch.Effects = r.event(ctx, event, id, accountDetail{after.Name, changed})
	err = r.replace(ctx, old, d, batch)
	if claim, _ := failedGuard(err).(storage.Claim); claim.Attribute == issuerClaim {
		return Account{}, errTrustTaken
	}
	if err != nil {
		return Account{}, err
	}
	return accountOf(d)
}
