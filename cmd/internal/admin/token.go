package admin

import (
	"context"
	"fmt"

	"roster/auth"
	"roster/auth/registry"
)

// CreateToken makes a credential of an account.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (IssuedToken, error) {
	account, err := s.Registry.AccountByName(ctx, n.Account)
	if err != nil {
		return IssuedToken{}, err
	}
	if err := s.checkUser(ctx, account, n.User); err != nil {
		return IssuedToken{}, err
	}
	t, secret, err := s.Registry.CreateToken(ctx, registry.NewToken{
		Account: account.ID, Form: n.Form, Name: n.Name, Scopes: n.Scopes, User: n.User, Domain: n.Domain,
		Lifetime: n.Lifetime, Key: n.Key, Federated: n.Federated, Certificate: n.Certificate,
	})
	return issued(t, secret, account.Name), err
}

func (s *Service) checkUser(ctx context.Context, account registry.Account, user string) error {
	if user == "" {
		return nil
	}
	has, err := s.Registry.HasUser(ctx, account.ID, user)
	if err == nil && !has {
		return fmt.Errorf("account %s has no user %q: give the id that the server gave the user", account.Name, user)
	}
	return err
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

// RotateToken makes a credential in the place of one that works on for a while.
func (s *Service) RotateToken(ctx context.Context, r Rotation) (RotatedToken, error) {
	t, secret, err := s.Registry.RotateToken(ctx, r.ID, registry.Rotation{
		Overlap: r.Overlap, Lifetime: r.Lifetime, Key: r.Key, Federated: r.Federated, Certificate: r.Certificate,
	})
	if err != nil {
		return RotatedToken{}, err
	}
	previous, err := s.Registry.Token(ctx, t.Replaces)
	if err != nil {
		return RotatedToken{}, err
	}
	account, err := s.Registry.Account(ctx, t.Account)
	return RotatedToken{issued(t, secret, account.Name), previous.Expires}, err
}

// RevokeToken ends the token with that id for good.
func (s *Service) RevokeToken(ctx context.Context, id string) (nothing, error) {
	return nothing{}, s.Registry.RevokeToken(ctx, id)
}

func tokenOf(t registry.Token, account string) Token {
	return Token{
		ID: t.ID, Account: account, Form: t.Form, ClientID: t.Client, Name: t.Name, Scopes: t.Scopes, User: t.User, Domain: t.Domain,
		KeyID: t.KeyID, Federated: t.Federated, Certificate: t.Certificate, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked,
		LastUsed: t.LastUsed, Replaces: t.Replaces, ReplacedBy: t.ReplacedBy,
	}
}

func issued(t registry.Token, secret auth.Secret, account string) IssuedToken {
	i := IssuedToken{Token: tokenOf(t, account)}
	if t.Form == registry.FormBearer {
		i.Secret = secret.Reveal()
	} else {
		i.ClientSecret = secret.Reveal()
	}
	return i
}
