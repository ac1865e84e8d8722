package registry

import (
	"context"

	"roster/auth"
	"roster/storage"
)

// RotateToken makes a credential in the place of another one, with its name,
// scopes, user, domain and client, and returns its secret as CreateToken does. The
// old one ends after the overlap: until then both may be used, and either can be
// revoked. A certificate is only one credential's: if it stays the same, the old
// one ends at once. It fails with ErrNotFound, ErrTaken, and ErrInvalid, also for
// one that cannot be used any more or was rotated before. After any other error,
// look at ReplacedBy of the old one.
func (r *Registry) RotateToken(ctx context.Context, id string, o Rotation) (t Token, secret auth.Secret, err error) {
	err = retry(ctx, func() error {
		t, secret, err = r.rotate(ctx, id, o)
		return err
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

func (r *Registry) rotate(ctx context.Context, id string, o Rotation) (Token, auth.Secret, error) {
	old, err := r.document(ctx, tokenType, id)
	if err != nil {
		return Token{}, "", err
	}
	var before tokenBody
	if err := decodeBody(old, &before); err != nil {
		return Token{}, "", err
	}
	account, err := r.Account(ctx, before.Account)
	if err != nil {
		return Token{}, "", err
	}
	ended, next, err := before.rotated(id, o, r.clock(), account.Tokens)
	if err != nil {
		return Token{}, "", err
	}
	secret := r.mint(&next)
	// Also after an error: it may be about the answer, not the change.
	defer r.forget(before)
	t, err := r.putRotated(ctx, old, ended, next)
	return t, secret, err
}

// putRotated writes both in one batch, unless old was changed meanwhile.
func (r *Registry) putRotated(ctx context.Context, old *storage.Document, ended, next tokenBody) (Token, error) {
	id := storage.NewID()
	ended.ReplacedBy = id
	d, err := tokenDocument(id, next, r.clock())
	if err != nil {
		return Token{}, err
	}
	e, err := tokenDocument(old.ID, ended, r.clock())
	if err != nil {
		return Token{}, err
	}
	e.Created = old.Created
	err = r.replace(ctx, old, e, storage.Batch{
		Guards:  []storage.Guard{isAccount(next.Account), storage.Absent{ID: id}},
		Puts:    []storage.Put{{Document: *d}},
		Effects: r.event(ctx, "token.rotated", next.Account, next.detail(id)),
	})
	if err != nil {
		return Token{}, next.refusal("rotate", err)
	}
	return tokenOf(d)
}
