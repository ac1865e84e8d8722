package limit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Errors of Enter.
var (
	// ErrAccountBusy: the account is at work on as much as it may.
	ErrAccountBusy = errors.New("the account has too many requests at once")
	// ErrBusy: the server is at work on as much as it can, or the client went away.
	ErrBusy = errors.New("the server has too many requests at once")
)

// perPlace is how much of a body takes a place, in bytes. In work, a body takes up
// to thirty times as much memory.
const perPlace = 16 << 10

// Enter waits until a request has its places: one, and one more for each 16 KiB of
// its body, but no more than all there are. Body is its length in bytes, -1 if that
// is not known, which counts as 1 MiB. It takes them from the account's first, so
// that others keep theirs, and then from the server's. For either as many requests
// may wait as there are places, and none longer than Config.Patience; otherwise it
// fails with ErrAccountBusy or ErrBusy. Call leave once the request is done.
//
// Requests of nobody, with "" for the account, have a quarter of all places.
func (l *Limiter) Enter(ctx context.Context, account string, may Account, body int64) (leave func(), err error) {
	if body < 0 {
		body = 1 << 20
	}
	if account == "" {
		may.Places = max(l.config.Places/4, 1)
	}
	return l.gate.enter(ctx, door{account, may.Places}, 1+(body+perPlace-1)/perPlace)
}

// gate is a room for all, and in it one for each account that is at work.
type gate struct {
	all      *room // nil if it has no bound
	patience time.Duration
	mu       sync.Mutex
	rooms    map[door]*room
}

// door leads to a room. An account whose setting changes gets another room, and
// leaves the old one when its work there is done.
type door struct {
	account string
	places  int
}

func newGate(places int, patience time.Duration) *gate {
	g := &gate{patience: patience, rooms: map[door]*room{}}
	if places > 0 {
		g.all = newRoom(places)
	}
	return g
}

func (g *gate) enter(ctx context.Context, d door, n int64) (leave func(), err error) {
	if g.all == nil {
		return func() {}, nil
	}
	if d.places <= 0 || int64(d.places) > g.all.places {
		d.places = int(g.all.places)
	}
	own := g.open(d)
	if !own.enter(ctx, n, g.patience) {
		g.close(d, own)
		return nil, ErrAccountBusy
	}
	if !g.all.enter(ctx, min(n, own.places), g.patience) {
		own.leave(n)
		g.close(d, own)
		return nil, ErrBusy
	}
	return func() {
		g.all.leave(min(n, own.places))
		own.leave(n)
		g.close(d, own)
	}, nil
}

// open returns the room of an account, for one more request.
func (g *gate) open(d door) *room {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.rooms[d]
	if r == nil {
		r = newRoom(d.places)
		g.rooms[d] = r
	}
	r.users++
	return r
}

// close gives up the room with its last request.
func (g *gate) close(d door, r *room) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(g.rooms, d)
	}
}

// room has places, which are given in the order of asking, so that one who needs
// many gets them.
type room struct {
	places  int64
	taken   *semaphore.Weighted
	waiting atomic.Int64
	users   int // of the gate: requests that know it
}

func newRoom(places int) *room {
	return &room{places: int64(places), taken: semaphore.NewWeighted(int64(places))}
}

func (r *room) enter(ctx context.Context, n int64, patience time.Duration) bool {
	n = min(n, r.places)
	if r.taken.TryAcquire(n) {
		return true
	}
	defer r.waiting.Add(-1)
	if r.waiting.Add(1) > r.places {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return r.taken.Acquire(ctx, n) == nil
}

func (r *room) leave(n int64) { r.taken.Release(min(n, r.places)) }
