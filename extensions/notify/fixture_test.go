package notify_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/extensions/notify"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

const (
	acme       = storage.Account("acme-id")
	globex     = storage.Account("globex-id")
	gatewayKey = "whsec_Z2F0ZXdheS1zZWNyZXQtb2YtMjQtYnl0ZXMtb3ItbW9yZQ=="
	hookKey    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// onEachEngine runs a test on each storage engine.
func onEachEngine(t *testing.T, test func(t *testing.T, store storage.Store)) {
	for name, open := range map[string]func(t *testing.T) storage.Store{
		"memory": func(*testing.T) storage.Store { return memory.New(nil) },
		"bolt": func(t *testing.T) storage.Store {
			return openBolt(t, filepath.Join(t.TempDir(), "roster.db"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			test(t, store)
		})
	}
}

func openBolt(t *testing.T, path string) storage.Store {
	t.Helper()
	store, err := bolt.Open(bolt.Config{Path: path, Logger: slog.New(slog.DiscardHandler), NoSync: true})
	require.NoError(t, err)
	return store
}

// office is a notifier and a running worker over one store.
type office struct {
	t        *testing.T
	store    storage.Store
	clock    *authtest.Clock
	notifier *notify.Notifier
	worker   *notify.Worker
	attempts chan notify.Attempt
	stop     func()
}

// open starts a worker that looks at accounts only when it is woken. change may
// change its configuration.
func open(t *testing.T, store storage.Store, change func(*notify.WorkerConfig)) *office {
	t.Helper()
	o := &office{t: t, store: store, clock: authtest.NewClock(noon), attempts: make(chan notify.Attempt, 1000)}
	c := notify.WorkerConfig{
		Store:    store,
		Accounts: func(context.Context) ([]storage.Account, error) { return nil, nil },
		Secret:   func(context.Context, storage.Account, string) (auth.Secret, error) { return hookKey, nil },
		Interval: time.Hour,
		Observe:  func(a notify.Attempt) { o.attempts <- a },
		Logger:   slog.New(slog.DiscardHandler),
	}
	c.Now, c.Random = o.clock.Now, func() float64 { return 0 }
	change(&c)
	var err error
	o.notifier, err = notify.New(c.Config)
	require.NoError(t, err)
	o.worker, err = notify.NewWorker(c)
	require.NoError(t, err)
	o.run()
	return o
}

func (o *office) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- o.worker.Run(ctx) }()
	o.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(o.t, <-ended)
	})
	o.t.Cleanup(o.stop)
}

// enqueue puts a message for the notice into the store, and returns it.
func (o *office) enqueue(account storage.Account, from notify.Sender, n notify.Notice) storage.Message {
	o.t.Helper()
	m, err := o.notifier.Message(from, n)
	require.NoError(o.t, err)
	apply(o.t, o.store, account, m)
	return m
}

func apply(t *testing.T, store storage.Store, account storage.Account, messages ...storage.Message) {
	t.Helper()
	_, err := store.Apply(context.Background(), account, storage.Batch{Enqueue: messages})
	require.NoError(t, err)
}

// deliver wakes the worker and returns the next attempt.
func (o *office) deliver(account storage.Account) notify.Attempt {
	o.t.Helper()
	o.worker.Wake(account)
	return <-o.attempts
}

// queued returns the ids of all messages in a queue, whenever due.
func queued(t *testing.T, store storage.Store, account storage.Account, queue string) []string {
	t.Helper()
	ids := []string{}
	err := store.View(context.Background(), account, func(s storage.Snapshot) error {
		messages, err := s.Messages(context.Background(), queue, noon.AddDate(10, 0, 0), 10_000)
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
		return err
	})
	require.NoError(t, err)
	return ids
}

func invitation() notify.Notice {
	return notify.Notice{
		Kind: notify.Invitation, Channel: notify.Mail, To: "babs@example.com",
		Values: map[string]string{"link": "https://app.example.com/welcome?a=1&token=t0k", "expires": "2026-03-08T12:00:00Z", "name": "Babs"},
	}
}

func loginCode() notify.Notice {
	return notify.Notice{
		Kind: notify.LoginCode, Channel: notify.SMS, To: "+41 79 000 00 00",
		Values: map[string]string{"code": "246810", "expires": "2026-03-01T12:10:00Z"},
	}
}

func event(url string) notify.Notice {
	return notify.Notice{
		Kind: notify.Event, Channel: notify.Webhook, To: url,
		Values: map[string]string{"type": "user.locked", "data": `{"userId":"u1"}`, "occurred": "2026-03-01T11:59:58Z"},
	}
}
