package oauth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"roster/auth"
)

const (
	// pause is how often a key that is not known makes a process read the keys: it
	// may be one that another process made a moment ago.
	pause = 5 * time.Second
	// attempts is how often a change of the keys may find that others were faster.
	attempts = 10
)

// errBusy: others change the keys again and again.
var errBusy = errors.New("the signing keys were changed by others at the same time")

// keyring remembers the keys of the store.
type keyring struct {
	store Keys
	now   func() time.Time

	mu      sync.Mutex
	set     *keyset
	changes int // how often keys were changed here
}

// keyset is what was read.
type keyset struct {
	keys    []auth.SigningKey // in the order of their creation
	private map[string]*ecdsa.PrivateKey
	read    time.Time
}

// sign returns claims as a token.
func (k *keyring) sign(ctx context.Context, claims any) (string, error) {
	set, err := k.get(ctx, fresh)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	id := signer(set.keys, k.now()).ID
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: set.private[id], KeyID: id}}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType(tokenType))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// public returns a key by its id, nil if there is none.
func (k *keyring) public(ctx context.Context, id string) (crypto.PublicKey, error) {
	for _, age := range []time.Duration{fresh, pause} {
		set, err := k.get(ctx, age)
		if err != nil {
			return nil, err
		}
		if private := set.private[id]; private != nil {
			return &private.PublicKey, nil
		}
	}
	return nil, nil
}

// get returns the keys as they were at most so long ago, after what was due.
func (k *keyring) get(ctx context.Context, age time.Duration) (*keyset, error) {
	k.mu.Lock()
	set, changes := k.set, k.changes
	k.mu.Unlock()
	if set != nil && k.now().Sub(set.read) < age {
		return set, nil
	}
	set, err := k.change(ctx, func(keys []auth.SigningKey) ([]auth.SigningKey, bool, error) {
		stay, renew := due(keys, k.now())
		if !renew {
			return stay, len(stay) < len(keys), nil
		}
		added, err := newKey(k.now(), k.now().Add(notice))
		return append(stay, added), true, err
	})
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if changes == k.changes { // else it may be from before the change
		k.set = set
	}
	return set, nil
}

// rotate makes a key that signs at once, and instead of one that was to sign later.
func (k *keyring) rotate(ctx context.Context, drop bool) error {
	_, err := k.change(ctx, func(keys []auth.SigningKey) ([]auth.SigningKey, bool, error) {
		added, err := newKey(k.now(), k.now())
		if drop {
			keys = nil
		}
		return append(keys, added), true, err
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set = nil
	k.changes++
	return err
}

// change lets make say what becomes of the keys, again if others were faster, and
// returns what they are then.
func (k *keyring) change(ctx context.Context, make func([]auth.SigningKey) (next []auth.SigningKey, changed bool, err error)) (*keyset, error) {
	var failed uint64
	var failure error
	for range attempts {
		keys, revision, err := k.store.SigningKeys(ctx)
		if err == nil && failure != nil && revision == failed {
			err = failure // nobody was faster
		}
		if err != nil {
			return nil, err
		}
		next, changed, err := make(inOrder(keys))
		if err != nil {
			return nil, err
		}
		if changed {
			failure, failed = k.store.PutSigningKeys(ctx, next, revision), revision
		}
		if !changed || failure == nil {
			return newKeyset(inOrder(next), k.now())
		}
	}
	return nil, errBusy
}

func newKeyset(keys []auth.SigningKey, read time.Time) (*keyset, error) {
	set := &keyset{keys: keys, private: map[string]*ecdsa.PrivateKey{}, read: read}
	for _, key := range keys {
		private, err := privateOf(key)
		if err != nil {
			return nil, err
		}
		set.private[key.ID] = private
	}
	return set, nil
}
