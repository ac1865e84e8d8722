package registry

import (
	"context"
	"fmt"

	"roster/auth"
	"roster/storage"
)

// CreateToken makes a credential and returns its secret, which cannot be had again:
// "" for a form that has none. It fails with ErrInvalid, with ErrNotFound if there
// is no such account, and with ErrTaken if another credential has the certificate.
// After any other error the credential may exist, but nobody knows its secret.
func (r *Registry) CreateToken(ctx context.Context, n NewToken) (Token, auth.Secret, error) {
	body, err := r.newBody(ctx, n)
	if err != nil {
		return Token{}, "", err
	}
	secret := r.mint(&body)
	defer r.forget(body) // a certificate may have been another credential's by its names
	t, err := r.putToken(ctx, body)
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// newBody is that of a new credential, as the account's policy allows it.
func (r *Registry) newBody(ctx context.Context, n NewToken) (tokenBody, error) {
	account, err := r.Account(ctx, n.Account)
	if err != nil {
		return tokenBody{}, err
	}
	return n.body(r.clock(), account.Tokens)
}

// mint makes the secret of a credential, "" if its form has none, and keeps the
// hash.
func (r *Registry) mint(b *tokenBody) (secret auth.Secret) {
	switch b.Form {
	case FormBearer:
		secret = r.tokens.Mint()
	case FormSecret:
		secret = r.tokens.MintSecret()
	default:
		return ""
	}
	hash := r.tokens.Hash(secret)
	b.Hash = hash[:]
	return secret
}

// putToken makes the first credential of a row.
func (r *Registry) putToken(ctx context.Context, b tokenBody) (Token, error) {
	id := storage.NewID()
	b.Client = id
	d, err := tokenDocument(id, b, r.clock())
	if err != nil {
		return Token{}, err
	}
	_, err = r.store.Apply(ctx, storage.System, storage.Batch{
		Guards:  []storage.Guard{isAccount(b.Account), storage.Absent{ID: id}},
		Puts:    []storage.Put{{Document: *d}},
		Effects: r.event(ctx, "token.created", b.Account, b.detail(id)),
	})
	if err != nil {
		return Token{}, b.refusal("create", err)
	}
	return tokenOf(d)
}

// isAccount: it is there, and is not being deleted.
func isAccount(id string) storage.Guard {
	return storage.Exists{ID: id, Types: []string{accountType}}
}

// refusal says why a batch with a new credential was not applied.
func (b *tokenBody) refusal(doing string, err error) error {
	switch g := failedGuard(err).(type) {
	case storage.Exists:
		return fmt.Errorf("account %q: %w", b.Account, ErrNotFound)
	case storage.Claim:
		switch g.Attribute {
		case hashClaim:
			return fmt.Errorf("the secret is %w: another token has it", ErrTaken)
		case certificateClaim:
			return fmt.Errorf("the certificate is %w: another credential has it; revoke that one first", ErrTaken)
		case clientKeyClaim:
			return fmt.Errorf("the key id %q is %w: another key of the client has it; use a new key, with an id of its own", b.KeyID, ErrTaken)
		}
	}
	return fmt.Errorf("%s credential: %w", doing, err)
}
