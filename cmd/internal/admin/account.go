package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roster/auth/registry"
)

// CreateAccount makes an account and founds it. If the latter fails, the account
// is there; Found completes it.
func (s *Service) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	a, err := s.Registry.CreateAccount(ctx, registry.NewAccount{
		Name:     n.Name,
		Settings: registry.Settings{Profile: n.Profile},
	})
	if err != nil {
		return Account{}, err
	}
	// Whoever asked may be gone, but the account is made.
	if err := s.found(context.WithoutCancel(ctx), a); err != nil {
		return Account{}, fmt.Errorf("made account %s, but not all that is in it, which the server does when it starts: %w", a.Name, err)
	}
	return accountOf(a), nil
}

// Found calls Founded for every account: for those that somebody's failure or an
// earlier version left without what they begin with. A failure does not keep it
// from the others.
func (s *Service) Found(ctx context.Context) error {
	var failures []error
	err := all(s.accountsAfter(ctx), func(a registry.Account) string {
		if err := s.found(ctx, a); err != nil {
			failures = append(failures, fmt.Errorf("found account %s: %w", a.Name, err))
		}
		return a.Name
	})
	return errors.Join(append(failures, err)...)
}

func (s *Service) found(ctx context.Context, a registry.Account) error {
	if s.Founded == nil {
		return nil
	}
	return s.Founded(ctx, a.ID)
}

// SetAccount changes the settings of an account, which act when it returns.
func (s *Service) SetAccount(ctx context.Context, c AccountChange) (Account, error) {
	a, err := s.Registry.AccountByName(ctx, c.Account)
	if err != nil {
		return Account{}, err
	}
	a, err = s.Registry.UpdateAccount(ctx, a.ID, func(settings *registry.Settings) error {
		if !c.Merge {
			*settings = registry.Settings{}
		}
		return readSettings(c.Settings, settings)
	})
	return accountOf(a), err
}

// ShowAccount returns the account with that name.
func (s *Service) ShowAccount(ctx context.Context, name string) (Account, error) {
	a, err := s.Registry.AccountByName(ctx, name)
	return accountOf(a), err
}

// ListAccounts returns all accounts in the order of their names.
func (s *Service) ListAccounts(ctx context.Context, _ nothing) ([]Account, error) {
	list := []Account{}
	err := all(s.accountsAfter(ctx), func(a registry.Account) string {
		list = append(list, accountOf(a))
		return a.Name
	})
	return list, err
}

// SetAccountState disables or enables an account.
func (s *Service) SetAccountState(ctx context.Context, c AccountState) (Account, error) {
	a, err := s.Registry.AccountByName(ctx, c.Account)
	if err != nil {
		return Account{}, err
	}
	set := s.Registry.EnableAccount
	if c.Disabled {
		set = s.Registry.DisableAccount
	}
	a, err = set(ctx, a.ID)
	return accountOf(a), err
}

// DeleteAccount removes an account with everything in it but its audit.
func (s *Service) DeleteAccount(ctx context.Context, name string) (nothing, error) {
	a, err := s.Registry.AccountByName(ctx, name)
	if err != nil {
		return nothing{}, err
	}
	// Whoever asked may be gone, but the account is half gone then, too.
	return nothing{}, s.Registry.DeleteAccount(context.WithoutCancel(ctx), a.ID)
}

// ListDeletedAccounts returns the accounts that were deleted, oldest first.
func (s *Service) ListDeletedAccounts(ctx context.Context, _ nothing) ([]DeletedAccount, error) {
	list := []DeletedAccount{}
	page := func(after string) ([]registry.DeletedAccount, error) {
		return s.Registry.DeletedAccounts(ctx, after, pageSize)
	}
	err := all(page, func(a registry.DeletedAccount) string {
		list = append(list, DeletedAccount{ID: a.ID, Name: a.Name, Created: a.Created, Deleted: a.Deleted})
		return a.ID
	})
	return list, err
}

func accountOf(a registry.Account) Account {
	shown := a.Settings
	shown.Webhooks = slices.Clone(shown.Webhooks)
	for i := range shown.Webhooks {
		shown.Webhooks[i].Secret = registry.Kept
	}
	return Account{ID: a.ID, Name: a.Name, Created: a.Created, Disabled: a.Disabled, Settings: shown}
}
