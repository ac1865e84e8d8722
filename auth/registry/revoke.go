package registry

import (
	"context"
	"crypto/sha256"
	"time"

	"roster/storage"
)

// RevokeToken ends a credential for good. Nobody is let in with it any more when
// this returns; it stays listed. Revoking it again changes nothing, nor does it end
// the others of its row. It fails with ErrNotFound.
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
		defer r.forget(b)
		b.Revoked, b.Hash = r.clock(), nil
		_, err = r.replaceToken(ctx, old, b, time.Time{}, "token.revoked")
		return err
	})
}

func (r *Registry) replaceToken(ctx context.Context, old *storage.Document, b tokenBody, used time.Time, event string) (Token, error) {
	d, err := tokenDocument(old.ID, b, r.clock())
	if err != nil {
		return Token{}, err
	}
	d.Created = old.Created
	more := storage.Batch{Effects: r.event(ctx, event, b.Account, b.detail(old.ID))}
	if err := r.replace(ctx, old, d, more); err != nil {
		return Token{}, err
	}
	t, err := tokenOf(d)
	t.LastUsed = used
	return t, err
}

// forget drops what is remembered of a credential and its row.
func (r *Registry) forget(b tokenBody) {
	switch b.Form {
	case FormBearer:
		r.holders.drop(keyOf(b.Hash))
	case FormCertificate:
		r.certificates.clear()
	default:
		r.clients.drop(b.Client)
	}
}

// keyOf is the hash as the key of what is remembered.
func keyOf(hash []byte) (key [sha256.Size]byte) {
	copy(key[:], hash)
	return key
}
