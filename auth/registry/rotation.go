package registry

import (
	"bytes"
	"fmt"
	"time"
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
	// Lifetime is that of the new one: at most what the account's policy says. 0 is
	// that of the old one, or what the policy says if that is less.
	Lifetime time.Duration
	// Key is the public key of the new one, as in NewToken: another one than before.
	// Required for FormKey.
	Key []byte
	// Federated and Certificate are those of the new one; nil for the same.
	Federated   *Federated
	Certificate *Certificate
}

// rotated returns what becomes of a credential with that id, and the one that takes
// its place, which has no secret yet.
func (b tokenBody) rotated(id string, o Rotation, now time.Time, p TokenPolicy) (ended, next tokenBody, err error) {
	if err := b.checkRotation(id, now); err != nil {
		return ended, next, err
	}
	next = b
	next.Replaces, next.Hash = id, nil
	if o.Lifetime == 0 {
		o.Lifetime = time.Duration(min(b.Lifetime, p.MaxLifetime))
	}
	if err := checkLifetime(o.Lifetime, p); err != nil {
		return ended, next, err
	}
	next = next.lasting(o.Lifetime, now)
	if next.proof, err = b.nextProof(o); err != nil {
		return ended, next, err
	}
	if b.Expires, err = endAfter(b.Expires, o.Overlap, now, p); err != nil {
		return ended, next, err
	}
	if b.Form == FormCertificate && b.Certificate == next.Certificate {
		b.Expires, b.Ceded = now, true
	}
	return b, next, nil
}

func (b *tokenBody) checkRotation(id string, now time.Time) error {
	switch {
	case !b.Revoked.IsZero():
		return fmt.Errorf("rotation of credential %s is %w: it is revoked; create another one", id, ErrInvalid)
	case b.ReplacedBy != "":
		return fmt.Errorf("rotation of credential %s is %w: it was rotated before; rotate %s, which replaced it", id, ErrInvalid, b.ReplacedBy)
	case !now.Before(b.Expires):
		return fmt.Errorf("rotation of credential %s is %w: it has expired; create another one", id, ErrInvalid)
	}
	return nil
}

// nextProof is what the next one proves.
func (b *tokenBody) nextProof(o Rotation) (proof, error) {
	federated, certificate := b.Federated, b.Certificate
	if o.Federated != nil {
		federated = *o.Federated
	}
	if o.Certificate != nil {
		certificate = *o.Certificate
	}
	next, err := newProof(b.Form, o.Key, federated, certificate)
	if err == nil && b.Form == FormKey && bytes.Equal(next.Key, b.Key) {
		err = fmt.Errorf("the key is %w: it is the one that is to be replaced; make another", ErrInvalid)
	}
	return next, err
}

// endAfter is when a credential ends that is replaced now and would have ended at
// expires.
func endAfter(expires time.Time, overlap time.Duration, now time.Time, p TokenPolicy) (time.Time, error) {
	most := time.Duration(p.MaxOverlap)
	if overlap < 0 || overlap > most {
		return time.Time{}, invalid("overlap", overlap.String(), fmt.Sprintf("at most %v, as the policy of the account says", p.MaxOverlap))
	}
	if overlap == 0 {
		overlap = min(DefaultOverlap, most)
	}
	if end := now.Add(overlap).Truncate(time.Millisecond); end.Before(expires) {
		return end, nil
	}
	return expires, nil
}
