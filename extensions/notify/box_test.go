package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
	"roster/storage"
	"roster/storage/memory"
)

// TestOutbox: without a mail server a mail is readable at once, before any worker
// sees it; once there is one, it can be sent.
func TestOutbox(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		n := newNotifier(t, notify.Config{Now: func() time.Time { return noon }})
		outbox := notify.Box{Store: store, Queue: notify.Outbox}
		list, err := outbox.List(t.Context(), acme, 10)
		require.NoError(t, err)
		require.Empty(t, list)

		mail, err := n.Message(sender(), invitation())
		require.NoError(t, err)
		sms, err := n.Message(sender(), loginCode())
		require.NoError(t, err)
		apply(t, store, acme, mail, sms)
		list, err = outbox.List(t.Context(), acme, 10)
		require.NoError(t, err)
		require.Equal(t, []notify.Letter{letterOf(t, sms), letterOf(t, mail)}, list, "newest first")
		list, err = outbox.List(t.Context(), acme, 1)
		require.NoError(t, err)
		require.Len(t, list, 1)
		list, err = outbox.List(t.Context(), globex, 10)
		require.NoError(t, err)
		require.Empty(t, list, "another account's")
		l, err := outbox.Show(t.Context(), acme, mail.ID)
		require.NoError(t, err)
		require.Contains(t, l.Text, "token=t0k")
		_, err = outbox.Show(t.Context(), globex, mail.ID)
		require.ErrorIs(t, err, notify.ErrNotFound)

		server := startMailServer(t, "starttls", nil)
		o := openFor(t, store, server, server.settings("starttls"))
		require.NoError(t, outbox.Retry(t.Context(), acme, mail.ID, noon))
		require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
		require.Len(t, server.received(), 1)
		require.Equal(t, []string{sms.ID}, queued(t, store, acme, notify.Outbox))
	})
}

// TestMailServerTakenAway: what was queued for it comes into the outbox.
func TestMailServerTakenAway(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		m, err := newNotifier(t, complete()).Message(sender(), invitation())
		require.NoError(t, err)
		apply(t, store, acme, m)
		o := open(t, store, func(*notify.WorkerConfig) {})
		attempt := o.deliver(acme)
		require.Equal(t, notify.Kept, attempt.Outcome)
		require.Zero(t, attempt.Attempts)
		require.Empty(t, queued(t, store, acme, notify.QueueMail))
		l, err := (notify.Box{Store: store, Queue: notify.Outbox}).Show(t.Context(), acme, m.ID)
		require.NoError(t, err)
		require.Equal(t, letterOf(t, m), l)
	})
}

// TestDeadLetters: listed, shown, retried as new, and dropped.
func TestDeadLetters(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		var answer atomic.Int32
		answer.Store(http.StatusGone)
		r := receive(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) })
		o := openTo(t, store, r, nil)
		dead := notify.Box{Store: store, Queue: notify.DeadLetters}
		retried := o.enqueue(acme, hooked(r.URL), event(r.URL))
		require.Equal(t, notify.Dead, o.deliver(acme).Outcome)
		o.clock.Advance(time.Second)
		dropped := o.enqueue(acme, hooked(r.URL), event(r.URL))
		require.Equal(t, notify.Dead, o.deliver(acme).Outcome)

		list, err := dead.List(t.Context(), acme, 10)
		require.NoError(t, err)
		require.Equal(t, []string{dropped.ID, retried.ID}, []string{list[0].ID, list[1].ID})
		require.Equal(t, "HTTP 410", list[0].Error)

		answer.Store(http.StatusOK)
		require.NoError(t, dead.Retry(t.Context(), acme, retried.ID, o.clock.Now()))
		attempt := o.deliver(acme)
		require.Equal(t, notify.Delivered, attempt.Outcome)
		require.Equal(t, 1, attempt.Attempts)
		require.NoError(t, dead.Drop(t.Context(), acme, dropped.ID))
		require.Empty(t, queued(t, store, acme, notify.DeadLetters))
		require.Empty(t, queued(t, store, acme, dropped.Queue))
		for _, id := range []string{retried.ID, dropped.ID, "absent"} {
			require.ErrorIs(t, dead.Retry(t.Context(), acme, id, noon), notify.ErrNotFound)
			require.ErrorIs(t, dead.Drop(t.Context(), acme, id), notify.ErrNotFound)
		}
	})
}

// TestTakenOnce: of many who retry or drop a letter, one succeeds.
func TestTakenOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		m, err := newNotifier(t, notify.Config{}).Message(sender(), invitation())
		require.NoError(t, err)
		apply(t, store, acme, m)
		box := notify.Box{Store: store, Queue: notify.Outbox}
		var wg sync.WaitGroup
		errs := make(chan error, 20)
		for i := range cap(errs) {
			wg.Go(func() {
				if i%2 == 0 {
					errs <- box.Drop(context.Background(), acme, m.ID)
					return
				}
				errs <- box.Retry(context.Background(), acme, m.ID, noon)
			})
		}
		wg.Wait()
		close(errs)
		taken := 0
		for err := range errs {
			if err == nil {
				taken++
				continue
			}
			require.ErrorIs(t, err, notify.ErrNotFound)
		}
		require.Equal(t, 1, taken)
	})
}

// TestKeep: a box holds the newest letters.
func TestKeep(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		trimmed := make(chan struct{}, 100)
		watched := &watching{store, func(b storage.Batch) {
			if len(b.Dequeue) > 1 {
				trimmed <- struct{}{}
			}
		}}
		now := noon
		n := newNotifier(t, notify.Config{Now: func() time.Time { now = now.Add(time.Second); return now }})
		ids := []string{}
		for range 8 {
			m, err := n.Message(sender(), invitation())
			require.NoError(t, err)
			apply(t, store, acme, m)
			ids = append(ids, m.ID)
		}
		o := open(t, watched, func(c *notify.WorkerConfig) { c.Keep = 3 })
		o.worker.Wake(acme)
		<-trimmed
		require.Equal(t, ids[5:], queued(t, store, acme, notify.Outbox))
	})
}

// watching tells of each batch that was applied.
type watching struct {
	storage.Store
	applied func(storage.Batch)
}

func (w *watching) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	r, err := w.Store.Apply(ctx, account, b)
	w.applied(b)
	return r, err
}

// TestUnreadable: what another version wrote is shown, and holds up nothing.
func TestUnreadable(t *testing.T) {
	store := memory.New(nil)
	apply(t, store, acme, storage.Message{Queue: notify.QueueMail, ID: "odd", Due: noon, Body: []byte("no JSON")})
	server := startMailServer(t, "starttls", nil)
	o := openFor(t, store, server, server.settings("starttls"))
	require.Equal(t, notify.Dead, o.deliver(acme).Outcome)
	l, err := (notify.Box{Store: store, Queue: notify.DeadLetters}).Show(t.Context(), acme, "odd")
	require.NoError(t, err)
	require.Equal(t, "no JSON", l.Text)
	require.Equal(t, notify.QueueMail, l.Queue)
	require.NotEmpty(t, l.Error)
}

// TestBoxErrors: a store that fails is not an empty box.
func TestBoxErrors(t *testing.T) {
	broken := errors.New("disk")
	box := notify.Box{Store: failing{err: broken}, Queue: notify.Outbox}
	_, err := box.List(t.Context(), acme, 10)
	require.ErrorIs(t, err, broken)
	_, err = box.Show(t.Context(), acme, "x")
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, box.Drop(t.Context(), acme, "x"), broken)
}

type failing struct {
	storage.Store
	err error
}

func (f failing) View(context.Context, storage.Account, func(storage.Snapshot) error) error {
	return fmt.Errorf("view: %w", f.err)
}
