package limit

import (
	"hash/maphash"
	"sync"

	"roster/auth"
)

// familiar are credentials that were good when they were last looked at, as hashes
// under a key of the process. That two of them are alike would only let one be
// looked at.
type familiar struct {
	max    int
	seed   maphash.Seed
	mu     sync.RWMutex
	hashes map[uint64]struct{}
}

func newFamiliar(max int) *familiar {
	return &familiar{max: max, seed: maphash.MakeSeed(), hashes: make(map[uint64]struct{})}
}

func (f *familiar) hash(credential auth.Secret) uint64 {
	return maphash.String(f.seed, credential.Reveal())
}

func (f *familiar) has(credential auth.Secret) bool {
	hash := f.hash(credential)
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, found := f.hashes[hash]
	return found
}

// add remembers a credential, and forgets any other one if there are too many.
func (f *familiar) add(credential auth.Secret) {
	if f.has(credential) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.hashes) >= f.max {
		for other := range f.hashes {
			delete(f.hashes, other)
			break
		}
	}
	f.hashes[f.hash(credential)] = struct{}{}
}

func (f *familiar) remove(credential auth.Secret) {
	if !f.has(credential) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.hashes, f.hash(credential))
}
