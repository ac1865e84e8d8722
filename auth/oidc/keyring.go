package oidc

import (
	"context"
	"crypto"
	"log/slog"
	"sync"
	"time"
)

const (
	// pause is between the beginnings of two fetches from one issuer.
	pause = 10 * time.Second
	// refresh is when keys are fetched again while the old ones still serve: so
	// soon a key that was withdrawn is gone.
	refresh = 15 * time.Minute
	// keep is how long keys serve if they cannot be fetched again.
	keep = 24 * time.Hour
	// patience is how long one fetch may take.
	patience = 5 * time.Second
)

// key is a public key of an issuer.
type key struct {
	id        string
	algorithm string // the only one it is for, "" for any
	public    crypto.PublicKey
}

// keyring remembers the keys of one issuer.
type keyring struct {
	fetch  func(context.Context) ([]key, error)
	now    func() time.Time
	logger *slog.Logger

	mu       sync.Mutex
	keys     []key
	fetched  time.Time     // when keys was
	tried    time.Time     // when the last fetch began
	failure  error         // of the last fetch
	fetching chan struct{} // closed when the present fetch ends, nil if there is none
}

// find returns the keys with an id that are good for an algorithm, none if the
// issuer has none. If it does not know any, it waits for the issuer's answer, but
// not if that was asked a moment ago. It fails if the issuer did not answer.
func (k *keyring) find(ctx context.Context, id, algorithm string) ([]crypto.PublicKey, error) {
	// A fetch that was under way may have begun before the key was published, so
	// it may take a second one.
	for range 2 {
		found, fetching, err := k.look(id, algorithm)
		if len(found) > 0 || fetching == nil {
			return found, err
		}
		select {
		case <-fetching:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	found, _, err := k.look(id, algorithm)
	return found, err
}

// look returns what is remembered, the fetch that is under way if it matters, and
// if nothing is found, why the last one failed.
func (k *keyring) look(id, algorithm string) (found []crypto.PublicKey, fetching <-chan struct{}, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	age := k.now().Sub(k.fetched)
	if age < keep {
		found = k.matching(id, algorithm)
	}
	if len(found) == 0 || age >= refresh {
		fetching = k.refresh()
	}
	if len(found) == 0 {
		err = k.failure
	}
	return found, fetching, err
}

// matching returns the keys with an id. The only key may go without.
func (k *keyring) matching(id, algorithm string) (found []crypto.PublicKey) {
	for _, key := range k.keys {
		named := id != "" && key.id == id || id == "" && len(k.keys) == 1
		if named && (key.algorithm == "" || key.algorithm == algorithm) {
			found = append(found, key.public)
		}
	}
	return found
}

// refresh begins to fetch, unless it is too soon or under way. It returns what is
// under way.
func (k *keyring) refresh() <-chan struct{} {
	if now := k.now(); k.fetching == nil && now.Sub(k.tried) >= pause {
		k.fetching, k.tried = make(chan struct{}), now
		go k.update()
	}
	return k.fetching
}

// update fetches the keys, for all who wait and not for one request: that may end.
func (k *keyring) update() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	keys, err := k.fetch(ctx)
	if err != nil {
		k.logger.Warn("the keys of an issuer cannot be fetched", "error", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failure = err; err == nil {
		k.keys, k.fetched = keys, k.now()
	}
	close(k.fetching)
	k.fetching = nil
}
