package app

import (
	"context"
	"errors"
	"time"

	"roster/auth/audit"
	"roster/auth/registry"
	"roster/storage"
)

// retain forgets, until ctx ends, what is older than the audit of each account is
// kept.
func (a *App) retain(ctx context.Context) error {
	return audit.Retention{Store: a.store, Accounts: a.logs, Keep: a.keepAudit, Logger: a.config.Logger}.Run(ctx)
}

// logs lists whose logs there are: of accounts, and of those that were deleted.
func (a *App) logs(ctx context.Context) (all []storage.Account, err error) {
	if all, err = a.accounts(ctx); err != nil {
		return nil, err
	}
	err = a.eachDeleted(ctx, func(d registry.DeletedAccount) { all = append(all, storage.Account(d.ID)) })
	return all, err
}

// keepAudit is how long the audit of an account is kept, which may be deleted.
func (a *App) keepAudit(ctx context.Context, id storage.Account) (keep time.Duration, err error) {
	account, err := a.registry.Account(ctx, string(id))
	if !errors.Is(err, registry.ErrNotFound) {
		return time.Duration(account.Policy.RetainAudit), err
	}
	found := false
	err = a.eachDeleted(ctx, func(d registry.DeletedAccount) {
		if d.ID == string(id) {
			keep, found = d.RetainAudit, true
		}
	})
	if err == nil && !found {
		err = registry.ErrNotFound
	}
	return keep, err
}

func (a *App) eachDeleted(ctx context.Context, take func(registry.DeletedAccount)) error {
	const page = 1000
	for after := ""; ; {
		deleted, err := a.registry.DeletedAccounts(ctx, after, page)
		if err != nil {
			return err
		}
		for _, d := range deleted {
			take(d)
			after = d.ID
		}
		if len(deleted) < page {
			return nil
		}
	}
}
