package notify

import "sync"

// agenda is a list of what is to be looked at, each once, first come first served.
// It may be used concurrently.
type agenda[T comparable] struct {
	mu     sync.Mutex
	order  []T
	listed map[T]bool
	// more is signalled when something was added, or when next may have another
	// outcome for another reason.
	more chan struct{}
}

func newAgenda[T comparable]() *agenda[T] {
	return &agenda[T]{listed: map[T]bool{}, more: make(chan struct{}, 1)}
}

func (a *agenda[T]) add(item T) {
	a.mu.Lock()
	if !a.listed[item] {
		a.listed[item] = true
		a.order = append(a.order, item)
	}
	a.mu.Unlock()
	select {
	case a.more <- struct{}{}:
	default: // it is signalled already
	}
}

func (a *agenda[T]) next() (item T, found bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.order) == 0 {
		return item, false
	}
	item, a.order = a.order[0], a.order[1:]
	delete(a.listed, item)
	return item, true
}
