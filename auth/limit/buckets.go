package limit

import (
	"sync"
	"time"
)

// buckets are those of at most max keys, each as the time at which it is full.
type buckets[K comparable] struct {
	max  int
	mu   sync.Mutex
	full map[K]time.Duration
}

func newBuckets[K comparable](max int) *buckets[K] {
	return &buckets[K]{max: max, full: make(map[K]time.Duration)}
}

// take counts a request of a key.
func (b *buckets[K]) take(key K, r Rate, now time.Duration) Quota {
	if r == (Rate{}) {
		return Quota{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	full, known := b.full[key]
	full, q := r.take(full, now)
	if !known {
		b.makeRoom()
	}
	b.full[key] = full
	return q
}

// look tells what take would, and counts nothing.
func (b *buckets[K]) look(key K, r Rate, now time.Duration) Quota {
	if r == (Rate{}) {
		return Quota{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	_, q := r.take(b.full[key], now)
	return q
}

// makeRoom forgets a key if there are too many: of a few, the one whose bucket is
// full first. Most often it is full already, and nothing is lost. Who cycles
// through more keys than fit pushes out those, and no key that asks much.
func (b *buckets[K]) makeRoom() {
	if len(b.full) < b.max {
		return
	}
	const sample = 8
	var idlest K
	n := 0
	for key, full := range b.full {
		if n == 0 || full < b.full[idlest] {
			idlest = key
		}
		if n++; n == sample {
			break
		}
	}
	delete(b.full, idlest)
}
