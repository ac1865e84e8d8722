package notify_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
	"roster/storage"
	"roster/storage/memory"
)

// TestPauses: they double up to MaxRetry, and the message is dead after
// MaxAttempts, with the whole story.
func TestPauses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		r := receive(t, status(http.StatusBadGateway))
		o := openTo(t, store, r, func(c *notify.WorkerConfig) {
			c.MaxAttempts, c.FirstRetry, c.MaxRetry = 5, time.Minute, 5*time.Minute
		})
		sent := o.enqueue(acme, hooked(r.URL), event(r.URL))
		for i, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute} {
			attempt := o.deliver(acme)
			require.Equal(t, notify.Postponed, attempt.Outcome)
			require.Equal(t, i+1, attempt.Attempts)
			require.Equal(t, o.clock.Now().Add(pause), attempt.Due)
			require.Equal(t, []string{sent.ID}, queued(t, store, acme, sent.Queue))
			o.clock.Advance(pause)
		}
		require.Equal(t, notify.Dead, o.deliver(acme).Outcome)
		require.Empty(t, queued(t, store, acme, sent.Queue))
		l, err := (notify.Box{Store: store, Queue: notify.DeadLetters}).Show(t.Context(), acme, sent.ID)
		require.NoError(t, err)
		require.Equal(t, 5, l.Attempts)
		require.Equal(t, "HTTP 502", l.Error)
		require.Equal(t, o.clock.Now(), l.Tried)
		require.Equal(t, noon, l.Created)
		require.Equal(t, r.URL, l.To)
		require.Len(t, r.received(), 5)
	})
}

// TestJitter: chance takes up to half of a pause.
func TestJitter(t *testing.T) {
	for random, pause := range map[float64]time.Duration{0: time.Minute, 0.5: 45 * time.Second, 0.999: 30_030 * time.Millisecond} {
		r := receive(t, status(http.StatusBadGateway))
		o := openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) {
			c.FirstRetry, c.Random = time.Minute, func() float64 { return random }
		})
		o.enqueue(acme, hooked(r.URL), event(r.URL))
		require.WithinDuration(t, noon.Add(pause), o.deliver(acme).Due, time.Millisecond)
	}
}

// TestNotBeforeDue: waking the worker does not shorten a pause.
func TestNotBeforeDue(t *testing.T) {
	r := receive(t, status(http.StatusBadGateway))
	o := openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) { c.FirstRetry = time.Minute })
	first := o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, first.ID, o.deliver(acme).ID)
	o.clock.Advance(time.Minute - time.Millisecond)
	second := o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, second.ID, o.deliver(acme).ID, "the first is not due")
	o.clock.Advance(time.Millisecond)
	require.Equal(t, first.ID, o.deliver(acme).ID)
}

// TestWorthless: what would come after it expired is not tried again.
func TestWorthless(t *testing.T) {
	r := receive(t, status(http.StatusBadGateway))
	o := openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) { c.SMS.URL, c.FirstRetry = r.URL, 6*time.Minute })
	o.enqueue(acme, sender(), loginCode()) // valid for 10 minutes
	require.Equal(t, notify.Postponed, o.deliver(acme).Outcome)
	o.clock.Advance(6 * time.Minute)
	require.Equal(t, notify.Dead, o.deliver(acme).Outcome)
}

// crashing is a store whose process ends when a delivered message is to be
// dequeued: nothing is applied or read any more.
type crashing struct {
	storage.Store
	crash chan struct{}
}

func (c *crashing) Apply(context.Context, storage.Account, storage.Batch) (storage.Receipt, error) {
	close(c.crash)
	return storage.Receipt{}, storage.ErrClosed
}

func (c *crashing) View(ctx context.Context, account storage.Account, read func(storage.Snapshot) error) error {
	select {
	case <-c.crash:
		return storage.ErrClosed
	default:
		return c.Store.View(ctx, account, read)
	}
}

// TestCrash: a crash between delivery and dequeue gives a duplicate, which the
// receiver can recognise, and never a loss.
func TestCrash(t *testing.T) {
	file, kept := filepath.Join(t.TempDir(), "roster.db"), memory.New(nil)
	tests := []struct {
		name   string
		reopen func(closed storage.Store) storage.Store
	}{
		{"memory", func(storage.Store) storage.Store { return kept }},
		{"bolt", func(closed storage.Store) storage.Store {
			if closed != nil {
				require.NoError(t, closed.Close())
			}
			return openBolt(t, file)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startMailServer(t, "starttls", nil)
			store := tt.reopen(nil)
			doomed := &crashing{store, make(chan struct{})}
			before := openFor(t, doomed, server, server.settings("starttls"))
			m, err := before.notifier.Message(sender(), invitation())
			require.NoError(t, err)
			apply(t, store, acme, m)
			before.worker.Wake(acme)
			<-doomed.crash
			before.stop()
			require.Equal(t, []string{m.ID}, queued(t, store, acme, notify.QueueMail))

			store = tt.reopen(store)
			after := openFor(t, store, server, server.settings("starttls"))
			require.Equal(t, notify.Delivered, after.deliver(acme).Outcome)
			after.stop()
			require.Empty(t, queued(t, store, acme, notify.QueueMail))
			mails := server.received()
			require.Len(t, mails, 2)
			for _, name := range []string{"Message-Id", "Date", "Subject"} {
				require.Equal(t, mails[0].Header.Get(name), mails[1].Header.Get(name))
			}
			require.NoError(t, store.Close())
		})
	}
}
