package credentials

import (
	"context"
	"sync"
)

// turns lets one at a time work on each key. Its zero value is ready. It keeps
// nothing of keys that nobody works on or waits for.
type turns struct {
	mu     sync.Mutex
	queues map[string]*queue
}

type queue struct {
	turn    chan struct{} // has an element while somebody works
	members int           // those who work or wait
}

// take waits for the turn at a key, until leave is called. It fails with the
// context's error if ctx ends before.
func (t *turns) take(ctx context.Context, key string) (leave func(), err error) {
	q := t.join(key)
	select {
	case q.turn <- struct{}{}:
		return func() { <-q.turn; t.quit(key, q) }, nil
	case <-ctx.Done():
		t.quit(key, q)
		return nil, ctx.Err()
	}
}

func (t *turns) join(key string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.queues[key]
	if q == nil {
		q = &queue{turn: make(chan struct{}, 1)}
		if t.queues == nil {
			t.queues = map[string]*queue{}
		}
		t.queues[key] = q
	}
	q.members++
	return q
}

func (t *turns) quit(key string, q *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.members--; q.members == 0 {
		delete(t.queues, key)
	}
}
