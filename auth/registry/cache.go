package registry

import (
	"sync"
	"time"
)

// fresh is how long an answer is remembered. It matters only for changes by
// other processes.
const fresh = time.Minute

// cache remembers at most max answers. An answer that was on its way when
// another one was dropped is given, but not remembered: it may be from before
// the change.
type cache[K comparable, V any] struct {
	max     int
	mu      sync.Mutex
	entries map[K]entry[V]
	drops   uint64
}

type entry[V any] struct {
	value V
	since time.Time
}

func newCache[K comparable, V any](max int) *cache[K, V] {
	return &cache[K, V]{max: max, entries: make(map[K]entry[V])}
}

// get returns the value that is remembered for key, or else what load returns.
// Errors are not remembered, so what is not there costs no memory.
func (c *cache[K, V]) get(key K, now time.Time, load func() (V, error)) (V, error) {
	c.mu.Lock()
	e, found := c.entries[key]
	drops := c.drops
	c.mu.Unlock()
	if found && now.Sub(e.since) < fresh {
		return e.value, nil
	}
	value, err := load()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		delete(c.entries, key)
	case drops == c.drops:
		c.makeRoom(key)
		c.entries[key] = entry[V]{value, now}
	}
	return value, err
}

// makeRoom forgets any entry if there are too many: with random replacement, a
// client that cycles through more keys than fit cannot make every lookup miss.
func (c *cache[K, V]) makeRoom(key K) {
	if _, found := c.entries[key]; found || len(c.entries) < c.max {
		return
	}
	for other := range c.entries {
		delete(c.entries, other)
		return
	}
}

// drop forgets key, and what is being loaded at the moment.
func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
	c.drops++
}

// clear forgets everything, and what is being loaded at the moment.
func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	c.drops++
}
