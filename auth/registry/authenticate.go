package registry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"roster/auth"
	"roster/storage"
)

// holder is what is remembered of a token that may be used.
type holder struct {
	principal *auth.Principal
	expires   time.Time
	used      atomic.Int64 // milliseconds since 1970
}

// Authenticate returns whose token it is. It fails with auth.ErrUnauthenticated
// if the token is unknown, damaged, expired or revoked, and with another error
// if the store cannot be read. The principal is shared: do not change it.
func (r *Registry) Authenticate(ctx context.Context, secret auth.Secret) (*auth.Principal, error) {
	now, hash := r.now(), r.tokens.Hash(secret)
	h, err := r.holders.get(hash, now, func() (*holder, error) { return r.lookUp(ctx, secret, hash[:]) })
	if err != nil {
		return nil, err
	}
	if !now.Before(h.expires) {
		return nil, auth.ErrUnauthenticated
	}
	r.noteUse(h.principal.Subject, &h.used, now)
	return h.principal, nil
}

// lookUp reads a token from the store, unless it is damaged. A revoked one has
// no claim any more and is not found.
func (r *Registry) lookUp(ctx context.Context, secret auth.Secret, hash []byte) (*holder, error) {
	if r.tokens.Damaged(secret) {
		return nil, auth.ErrUnauthenticated
	}
	var t Token
	err := r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		id, err := s.Owner(ctx, hashClaim, hash)
		if err != nil {
			return err
		}
		d, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		t, err = r.verify(ctx, s, d, secret)
		return err
	})
	switch {
	case errors.Is(err, auth.ErrUnauthenticated), errors.Is(err, storage.ErrNotFound):
		return nil, auth.ErrUnauthenticated
	case err != nil:
		return nil, fmt.Errorf("look up token: %w", err)
	}
	return newHolder(t), nil
}

// verify does not rely on the store's claims: the hash is compared again, by
// code whose time does not depend on it.
func (r *Registry) verify(ctx context.Context, s storage.Snapshot, d *storage.Document, secret auth.Secret) (Token, error) {
	var b tokenBody
	if err := decodeBody(d, &b); err != nil {
		return Token{}, err
	}
	if d.Type != tokenType || !b.Revoked.IsZero() || !r.tokens.Matches(secret, b.Hash) {
		return Token{}, auth.ErrUnauthenticated
	}
	return readToken(ctx, s, d)
}

func newHolder(t Token) *holder {
	h := &holder{
		principal: &auth.Principal{Account: t.Account, Subject: t.ID, Name: t.Name, User: t.User, Scopes: t.Scopes},
		expires:   t.Expires,
	}
	h.used.Store(t.LastUsed.UnixMilli())
	return h
}
