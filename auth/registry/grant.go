package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

// CreateToken mints a token and returns its secret, which cannot be had again.
// It fails with ErrInvalid, and with ErrNotFound if there is no such account.
// After any other error the token may exist, but nobody knows its secret.
func (r *Registry) CreateToken(ctx context.Context, n NewToken) (Token, auth.Secret, error) {
	body, err := n.body(r.clock())
	if err != nil {
		return Token{}, "", err
	}
	secret := r.tokens.Mint()
	t, err := r.putToken(ctx, body, secret)
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// AddToken is CreateToken with a secret of the caller's choice, for development
// and tests: 8 to 512 characters that a bearer token may have. If the account
// has a token with that secret already, that one gets the new name, scopes and
// expiry, so that a program may call this at each start; if another account has
// it, it fails with ErrTaken.
func (r *Registry) AddToken(ctx context.Context, n NewToken, secret auth.Secret) (t Token, err error) {
	body, err := n.body(r.clock())
	if err != nil {
		return Token{}, err
	}
	if err := r.checkSecret(secret); err != nil {
		return Token{}, err
	}
	hash := r.tokens.Hash(secret)
	defer r.holders.drop(hash)
	err = retry(ctx, func() error {
		t, err = r.putToken(ctx, body, secret)
		if _, held := failedGuard(err).(storage.Claim); held {
			t, err = r.renewToken(ctx, body, hash[:])
		}
		return err
	})
	return t, err
}

func (r *Registry) putToken(ctx context.Context, b tokenBody, secret auth.Secret) (Token, error) {
	hash := r.tokens.Hash(secret)
	b.Hash = hash[:]
	d, err := tokenDocument(storage.NewID(), b, r.clock())
	if err != nil {
		return Token{}, err
	}
	_, err = r.store.Apply(ctx, storage.System, storage.Batch{
		Guards: []storage.Guard{
			storage.Exists{ID: b.Account, Types: []string{accountType}},
			storage.Absent{ID: d.ID},
		},
		Puts: []storage.Put{{Document: *d}},
	})
	if _, missing := failedGuard(err).(storage.Exists); missing {
		return Token{}, fmt.Errorf("account %q: %w", b.Account, ErrNotFound)
	}
	if err != nil {
		return Token{}, fmt.Errorf("create token: %w", err)
	}
	return tokenOf(d)
}

// renewToken gives the token with that hash another body. If it was revoked
// meanwhile, that is a conflict: putToken will do.
func (r *Registry) renewToken(ctx context.Context, b tokenBody, hash []byte) (t Token, err error) {
	var old *storage.Document
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		id, err := s.Owner(ctx, hashClaim, hash)
		if errors.Is(err, storage.ErrNotFound) {
			return &storage.ConflictError{Guard: storage.Claim{Attribute: hashClaim}}
		}
		if err != nil {
			return fmt.Errorf("look up token: %w", err)
		}
		if old, err = readDocument(ctx, s, tokenType, id); err != nil {
			return err
		}
		t, err = readToken(ctx, s, old)
		return err
	})
	if err != nil {
		return Token{}, err
	}
	if t.Account != b.Account {
		return Token{}, fmt.Errorf("the secret is %w: another account has a token with it", ErrTaken)
	}
	b.Hash = hash
	return r.replaceToken(ctx, old, b, t.LastUsed)
}

// RevokeToken ends a token for good. Nobody is let in with it any more when
// this returns; it stays listed. Revoking it again changes nothing. It fails
// with ErrNotFound.
func (r *Registry) RevokeToken(ctx context.Context, id string) error {
	return retry(ctx, func() error {
		old, err := r.document(ctx, tokenType, id)
		if err != nil {
			return err
		}
		var b tokenBody
		if err := decodeBody(old, &b); err != nil || !b.Revoked.IsZero() {
			return err
		}
		// Also after an error: it may be about the answer, not the change.
		defer r.holders.drop(keyOf(b.Hash))
		b.Revoked, b.Hash = r.clock(), nil
		_, err = r.replaceToken(ctx, old, b, time.Time{})
		return err
	})
}

func (r *Registry) replaceToken(ctx context.Context, old *storage.Document, b tokenBody, used time.Time) (Token, error) {
	d, err := tokenDocument(old.ID, b, r.clock())
	if err != nil {
		return Token{}, err
	}
	d.Created = old.Created
	if err := r.replace(ctx, old, d); err != nil {
		return Token{}, err
	}
	t, err := tokenOf(d)
	t.LastUsed = used
	return t, err
}

// keyOf is the hash as the key of what is remembered.
func keyOf(hash []byte) (key [sha256.Size]byte) {
	copy(key[:], hash)
	return key
}
