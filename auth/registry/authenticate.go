package registry

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"roster/auth"
	"roster/storage"
)

// holder is what is remembered of a credential that may be used.
type holder struct {
	principal *auth.Principal
	expires   time.Time
	used      atomic.Int64 // milliseconds since 1970

	form      Form
	hash      []byte           // of the secret, nil if it has none
	key       crypto.PublicKey // of FormKey
	keyID     string
	federated Federated
}

// Authenticate returns whose bearer token it is. It fails with
// auth.ErrUnauthenticated if the token is unknown, damaged, expired or revoked, and
// with another error if the store cannot be read. The principal is shared: do not
// change it.
func (r *Registry) Authenticate(ctx context.Context, secret auth.Secret) (*auth.Principal, error) {
	now, hash := r.now(), r.tokens.Hash(secret)
	h, err := r.holders.get(hash, now, func() (*holder, error) { return r.lookUp(ctx, secret, hash[:]) })
	if err != nil {
		return nil, err
	}
	return r.admit(h, now)
}

// admit notes a use of a credential, unless it has expired.
func (r *Registry) admit(h *holder, now time.Time) (*auth.Principal, error) {
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
	return r.lookUpHolder(ctx, func(s storage.Snapshot) (*holder, error) {
		return r.claimed(ctx, s, hashClaim, hash, func(b *tokenBody) bool {
			// Does not rely on the store's claims: the hash is compared again, by code
			// whose time does not depend on it.
			return b.Form == FormBearer && r.tokens.Matches(secret, b.Hash)
		})
	})
}

// lookUpHolder is a view in which what is not found is no credential.
func (r *Registry) lookUpHolder(ctx context.Context, find func(storage.Snapshot) (*holder, error)) (h *holder, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		h, err = find(s)
		return err
	})
	switch {
	case errors.Is(err, auth.ErrUnauthenticated), errors.Is(err, storage.ErrNotFound):
		return nil, auth.ErrUnauthenticated
	case err != nil:
		return nil, fmt.Errorf("look up credential: %w", err)
	}
	return h, nil
}

// claimed returns the credential that holds a claim, if it is the one that is
// meant.
func (r *Registry) claimed(ctx context.Context, s storage.Snapshot, attribute string, value []byte, isMeant func(*tokenBody) bool) (*holder, error) {
	id, err := s.Owner(ctx, attribute, value)
	if err != nil {
		return nil, err
	}
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var b tokenBody
	if err := decodeBody(d, &b); err != nil {
		return nil, err
	}
	if d.Type != tokenType || !b.Revoked.IsZero() || !isMeant(&b) {
		return nil, auth.ErrUnauthenticated
	}
	return holderOf(ctx, s, d.ID, &b)
}

func holderOf(ctx context.Context, s storage.Snapshot, id string, b *tokenBody) (h *holder, err error) {
	h = &holder{
		principal: &auth.Principal{
			Account: b.Account, Subject: id, Name: b.Name, User: b.User,
			Scopes: b.Scopes, Domain: b.Domain, Method: b.Form.method(),
		},
		expires: b.Expires,
		form:    b.Form, hash: b.Hash, keyID: b.KeyID, federated: b.Federated,
	}
	if b.Form == FormKey {
		if h.key, err = x509.ParsePKIXPublicKey(b.Key); err != nil {
			return nil, fmt.Errorf("decode key of credential %s: %w", id, err)
		}
	}
	used, err := lastUse(ctx, s, id)
	h.used.Store(used.UnixMilli())
	return h, err
}

func (f Form) method() auth.Method {
	switch f {
	case FormBearer:
		return auth.ByToken
	case FormCertificate:
		return auth.ByCertificate
	default:
		return auth.ByOAuth
	}
}
