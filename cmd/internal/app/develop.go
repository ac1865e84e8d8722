package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/auth/registry"
)

// DevelopmentAccount is the name of the account that Develop makes.
const DevelopmentAccount = "dev"

// Develop makes the account for development, unless it is there, and a token for
// it with all of an account's scopes: with that secret, or a random one if it is
// empty. Release ends a random one; call it before Close.
func (a *App) Develop(ctx context.Context, secret auth.Secret) (_ auth.Secret, release func(context.Context) error, err error) {
	account, err := a.registry.AccountByName(ctx, DevelopmentAccount)
	if errors.Is(err, registry.ErrNotFound) {
		if account, err = a.registry.CreateAccount(ctx, registry.NewAccount{Name: DevelopmentAccount}); err == nil {
			err = a.found(ctx, account.ID)
		}
	}
	if err != nil {
		return "", nil, err
	}
	wanted := registry.NewToken{
		Account: account.ID,
		Name:    "development",
		Scopes:  auth.AccountScopes(),
		// Longer than a server for development runs, not much longer than a token
		// of one that was killed should open anything.
		Lifetime: 30 * 24 * time.Hour,
	}
	if secret != "" {
		if _, err := a.registry.AddToken(ctx, wanted, secret); err != nil {
			return "", nil, fmt.Errorf("development token: %w", err)
		}
		return secret, func(context.Context) error { return nil }, nil
	}
	t, secret, err := a.registry.CreateToken(ctx, wanted)
	release = func(ctx context.Context) error { return a.registry.RevokeToken(ctx, t.ID) }
	return secret, release, err
}
