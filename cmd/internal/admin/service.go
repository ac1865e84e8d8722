package admin

import (
	"context"
	"errors"
	"fmt"

	"roster/auth/registry"
	"roster/storage"
)

// Service carries the operations out, on a store that this process has opened.
// It may be used concurrently.
type Service struct {
	Registry *registry.Registry // required
	Store    storage.Store      // required
	// Founded, if set, puts into a new account what it begins with. It is called
	// once more for accounts that have that already, and then changes nothing.
	Founded func(ctx context.Context, accountID string) error
	// Enqueued, if set, is told of an account that has a message to send.
	Enqueued func(account storage.Account)
}

// CreateToken mints a token for an account.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (IssuedToken, error) {
	account, err := s.Registry.AccountByName(ctx, n.Account)
	if err != nil {
		return IssuedToken{}, err
	}
	if n.User != "" {
		err := s.Store.View(ctx, storage.Account(account.ID), func(v storage.Snapshot) error {
			_, err := v.Get(ctx, n.User)
			return err
		})
		if errors.Is(err, storage.ErrNotFound) {
			return IssuedToken{}, fmt.Errorf("account %s has no user %q: give the id that the server gave the user", account.Name, n.User)
		}
		if err != nil {
			return IssuedToken{}, err
		}
	}
	t, secret, err := s.Registry.CreateToken(ctx, registry.NewToken{
		Account: account.ID, Name: n.Name, Scopes: n.Scopes, User: n.User, Lifetime: n.Lifetime,
	})
	return IssuedToken{Token: tokenOf(t, account.Name), Secret: secret.Reveal()}, err
}

// ListTokens returns the tokens of an account, oldest first, also the expired
// and revoked ones.
func (s *Service) ListTokens(ctx context.Context, account string) ([]Token, error) {
	a, err := s.Registry.AccountByName(ctx, account)
	if err != nil {
		return nil, err
	}
	list := []Token{}
	err = all(s.tokensAfter(ctx, a.ID), func(t registry.Token) string {
		list = append(list, tokenOf(t, a.Name))
		return t.ID
	})
	return list, err
}

// RevokeToken ends the token with that id for good.
func (s *Service) RevokeToken(ctx context.Context, id string) (nothing, error) {
	return nothing{}, s.Registry.RevokeToken(ctx, id)
}

const pageSize = 1000

func (s *Service) accountsAfter(ctx context.Context) func(after string) ([]registry.Account, error) {
	return func(after string) ([]registry.Account, error) {
		return s.Registry.ListAccounts(ctx, after, pageSize)
	}
}

func (s *Service) tokensAfter(ctx context.Context, account string) func(after string) ([]registry.Token, error) {
	return func(after string) ([]registry.Token, error) {
		return s.Registry.ListTokens(ctx, account, after, pageSize)
	}
}

// all gives every element of a list that is read in pages to take, which returns
// the key that the next page starts after.
func all[T any](page func(after string) ([]T, error), take func(T) string) error {
	for after := ""; ; {
		elements, err := page(after)
		if err != nil {
			return err
		}
		for _, e := range elements {
			after = take(e)
		}
		if len(elements) < pageSize {
			return nil
		}
	}
}

func tokenOf(t registry.Token, account string) Token {
	return Token{
		ID: t.ID, Account: account, Name: t.Name, Scopes: t.Scopes, Created: t.Created,
		Expires: t.Expires, Revoked: t.Revoked, LastUsed: t.LastUsed,
	}
}
