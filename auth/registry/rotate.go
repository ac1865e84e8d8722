package registry

import (
	"context"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

// How long a credential outlives its rotation.
const (
	DefaultOverlap = 24 * time.Hour
	MaxOverlap     = 30 * 24 * time.Hour
)

// Rotation says what the next credential of a row has of its own.
type Rotation struct {
	// Overlap is how long the old one may still be used, if it does not end before:
	// at most what the account's policy says. 0 is DefaultOverlap, or what the policy
	// says if that is less.
	Overlap time.Duration
	// Lifetime is that of the new one, as in NewToken.
	Lifetime time.Duration
	// Key is the public key of the new one, as in NewToken: another one than before.
	// Required for FormKey.
	Key []byte
	// Federated and Certificate are those of the new one; nil for the same.
	Federated   *Federated
	Certificate *Certificate
}

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
	now := r.clock()
	next, err := before.successor(id, o, now, account.Tokens)
	if err != nil {
		return Token{}, "", err
	}
	secret := r.mint(&next)
	nextID := storage.NewID()
	ended, err := before.ended(old, nextID, o.Overlap, now, next.Certificate)
	if err != nil {
		return Token{}, "", err
	}
	d, err := tokenDocument(nextID, next, now)
	if err != nil {
		return Token{}, "", err
	}
	// Also after an error: it may be about the answer, not the change.
	defer r.forget(before)
	err = r.replace(ctx, old, ended, storage.Batch{
		Guards:  []storage.Guard{isAccount(before.Account), storage.Absent{ID: nextID}},
		Puts:    []storage.Put{{Document: *d}},
		Effects: r.event(ctx, "token.rotated", before.Account, next.detail(nextID)),
	})
	if err != nil {
		return Token{}, "", next.refusal("rotate", err)
	}
	t, err := tokenOf(d)
	return t, secret, err
}

// successor is the body of the credential that takes the place of b, which has that
// id. It has no secret yet.
func (b *tokenBody) successor(id string, o Rotation, now time.Time, p TokenPolicy) (next tokenBody, err error) {
	switch {
	case !b.Revoked.IsZero():
		return next, fmt.Errorf("rotation of token %s is %w: it is revoked; create another one", id, ErrInvalid)
	case !now.Before(b.Expires):
		return next, fmt.Errorf("rotation of token %s is %w: it has expired; create another one", id, ErrInvalid)
	case b.ReplacedBy != "":
		return next, fmt.Errorf("rotation of token %s is %w: it was rotated before; rotate %s, which replaced it", id, ErrInvalid, b.ReplacedBy)
	case o.Overlap < 0 || o.Overlap > time.Duration(p.MaxOverlap):
		return next, invalid("overlap", o.Overlap.String(), fmt.Sprintf("at most %v, as the policy of the account says", p.MaxOverlap))
	}
	next = *b
	next.Replaces, next.Hash = id, nil
	if next.Expires, err = expiry(now, o.Lifetime, p); err != nil {
		return next, err
	}
	federated, certificate := b.Federated, b.Certificate
	if o.Federated != nil {
		federated = *o.Federated
	}
	if o.Certificate != nil {
		certificate = *o.Certificate
	}
	next.proof, err = newProof(b.Form, o.Key, federated, certificate)
	return next, err
}

// ended is the document of b, whose former one is old, once it is replaced.
func (b tokenBody) ended(old *storage.Document, by string, overlap time.Duration, now time.Time, c Certificate) (*storage.Document, error) {
	if overlap == 0 {
		overlap = DefaultOverlap
	}
	sameCertificate := b.Form == FormCertificate && b.Certificate == c
	if sameCertificate {
		overlap = 0
	}
	if end := now.Add(overlap).Truncate(time.Millisecond); end.Before(b.Expires) {
		b.Expires = end
	}
	b.ReplacedBy = by
	d, err := tokenDocument(old.ID, b, now)
	if err != nil {
		return nil, err
	}
	d.Created = old.Created
	if sameCertificate {
		d.Claims = nil // the next one has it
	}
	return d, nil
}
