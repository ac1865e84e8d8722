package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"roster/auth"
)

const (
	// renewal is how old the newest key becomes.
	renewal = 30 * 24 * time.Hour
	// notice is how long a key is published before it signs, so that who keeps our
	// keys has it by then.
	notice = time.Hour
	// fresh is how long a process remembers the keys.
	fresh = time.Minute
)

// Keys keeps the signing keys of all processes. It may be called concurrently.
type Keys interface {
	// SigningKeys returns the keys, none at first, with the revision that they are.
	SigningKeys(ctx context.Context) (keys []auth.SigningKey, revision uint64, err error)
	// PutSigningKeys replaces the keys of that revision, and fails if they are of
	// another one by now.
	PutSigningKeys(ctx context.Context, keys []auth.SigningKey, revision uint64) error
}

// due says what becomes of the keys, which are in the order of their creation, at
// that time: which stay, and whether there is to be a new one. A key goes when its
// last token has expired, also of a process that learned a little late that the
// next key signs.
func due(keys []auth.SigningKey, now time.Time) (stay []auth.SigningKey, renew bool) {
	for i, k := range keys {
		if i == len(keys)-1 || now.Before(keys[i+1].Signs.Add(fresh+longest+skew)) {
			stay = append(stay, k)
		}
	}
	return stay, len(keys) == 0 || now.Sub(keys[len(keys)-1].Created) >= renewal
}

// signer is the key that signs at that time: the newest that does by then, or else
// the oldest.
func signer(keys []auth.SigningKey, now time.Time) auth.SigningKey {
	for _, k := range slices.Backward(keys) {
		if !now.Before(k.Signs) {
			return k
		}
	}
	return keys[0]
}

func newKey(created, signs time.Time) (auth.SigningKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return auth.SigningKey{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return auth.SigningKey{ID: rand.Text(), Created: created, Signs: signs, Private: private}, err
}

func privateOf(k auth.SigningKey) (*ecdsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(k.Private)
	if err != nil {
		return nil, fmt.Errorf("read signing key %s: %w", k.ID, err)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, fmt.Errorf("signing key %s is not of ECDSA on P-256", k.ID)
	}
	return private, nil
}

func inOrder(keys []auth.SigningKey) []auth.SigningKey {
	return slices.SortedStableFunc(slices.Values(keys), func(a, b auth.SigningKey) int { return a.Created.Compare(b.Created) })
}
