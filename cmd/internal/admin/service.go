package admin

import (
	"context"

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
	// Keys are those that sign access tokens. Required for the operations on them.
	Keys SigningKeys
	// Enqueued, if set, is told of an account that has a message to send.
	Enqueued func(account storage.Account)
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
