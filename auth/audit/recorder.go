package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"roster/auth"
	"roster/storage"
)

// RecorderConfig is what a Recorder needs.
type RecorderConfig struct {
	Store  storage.Store    // required
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // for what cannot be written; default slog.Default()
}

// Recorder writes into the log of [storage.System] what is in no batch of its own.
// It may be used concurrently.
//
// Refusals are limited, so that they cannot fill a disk: in a minute 5 of one
// principal, 10 of one account, 20 of all accounts and 10 of requests without a
// principal are recorded. How many were left out, by account, is told by one
// record when the minute is over. That is at most 43,200 refusals a day, with some
// 30,000 such counts about 20 MB; 200 MB if all texts in them are as long as they
// may be.
type Recorder struct {
	RecorderConfig

	mu     sync.Mutex
	ration *ration
	queue  []storage.Event
	closed bool

	wake    chan struct{} // holds one element if something waits
	stop    chan struct{}
	stopped chan struct{}
}

// maxQueued bounds the refusals that wait to be written. They are as many as some
// minutes bring, so that only a store that does not write fills it.
const maxQueued = 500

// NewRecorder returns a Recorder, which writes until it is closed.
func NewRecorder(c RecorderConfig) *Recorder {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	r := &Recorder{
		RecorderConfig: c, ration: newRation(c.Now()),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go r.run()
	return r
}

// Record writes an event at once, such as one that [Event] made of a token that
// was issued. It is durable once Record returns nil.
func (r *Recorder) Record(ctx context.Context, e storage.Event) error {
	_, err := r.Store.Apply(ctx, storage.System, batchOf(e))
	return err
}

// Refused takes up a refusal. It never waits for the store.
func (r *Recorder) Refused(ctx context.Context, refusal Refusal) {
	now, account, principal := r.Now(), refusal.account(ctx), ""
	if p := auth.PrincipalFrom(ctx); p != nil {
		principal = p.Subject
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		r.Logger.Warn("a refusal was not recorded, because the server stops", "account", account, "status", refusal.Status)
		return
	}
	r.enqueue(r.ration.turn(now)...)
	if r.ration.admit(account, principal) {
		r.enqueue(refusal.event(ctx, account, now))
	}
}

// enqueue has events written soon. What no longer fits is counted.
func (r *Recorder) enqueue(events ...storage.Event) {
	for _, e := range events {
		if len(r.queue) == maxQueued {
			r.lose(e)
			continue
		}
		r.queue = append(r.queue, e)
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// lose counts the refusals that an event tells of as omitted.
func (r *Recorder) lose(e storage.Event) {
	r.ration.omit(e.Subject, max(1, dataOf(e.Data).Omitted))
}

// run writes what is enqueued, and each minute what was omitted.
func (r *Recorder) run() {
	defer close(r.stopped)
	for tick := time.Tick(time.Minute); ; {
		select {
		case <-r.wake:
		case <-tick:
			r.mu.Lock()
			r.enqueue(r.ration.turn(r.Now())...)
			r.mu.Unlock()
		case <-r.stop:
			r.write()
			return
		}
		r.write()
	}
}

// write writes what waits as one batch. If that fails, it says so, and the refusals
// are counted as omitted.
func (r *Recorder) write() {
	r.mu.Lock()
	waiting := r.queue
	r.queue = nil
	r.mu.Unlock()
	if len(waiting) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := r.Store.Apply(ctx, storage.System, batchOf(waiting...)); err != nil {
		r.Logger.Error("refusals were not recorded", "records", len(waiting), "error", err)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, e := range waiting {
			r.lose(e)
		}
	}
}

func batchOf(events ...storage.Event) storage.Batch {
	return storage.Batch{Effects: storage.Effects{Events: events}}
}

// Close writes what waits, with what was omitted so far. Refusals that come later
// are only logged. It may be called again; the store is still the caller's.
func (r *Recorder) Close() error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		r.enqueue(r.ration.renew(r.Now())...)
		close(r.stop)
	}
	r.mu.Unlock()
	<-r.stopped
	return r.unwritten()
}

// unwritten is an error if refusals of a closed recorder were not written.
func (r *Recorder) unwritten() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ration.omitted) > 0 {
		return errors.New("the last refusals were not recorded; the log says why")
	}
	return nil
}
