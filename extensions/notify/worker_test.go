package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/memory"
)

// post is a worker whose deliveries are the test's, over a store in memory, to be
// used in a bubble of synctest.
type post struct {
	*Worker
	t       *testing.T
	store   storage.Store
	deliver func(ctx context.Context, account storage.Account, l Letter) error
	stop    context.CancelFunc
	ended   chan struct{}

	mu        sync.Mutex
	delivered []string // ids, in the order in which receivers took them
	running   int
	most      int // that ran at once
}

func newPost(t *testing.T, accounts []storage.Account, change func(*WorkerConfig)) *post {
	p := &post{t: t, store: memory.New(nil), ended: make(chan struct{})}
	p.deliver = func(context.Context, storage.Account, Letter) error { return nil }
	c := WorkerConfig{
		Store: p.store, Logger: slog.New(slog.DiscardHandler),
		Accounts: func(context.Context) ([]storage.Account, error) { return accounts, nil },
	}
	change(&c)
	p.Worker = c.withDefaults().worker(map[Channel]deliver{Mail: p.take, SMS: p.take, Webhook: p.take})
	return p
}

func (p *post) take(ctx context.Context, account storage.Account, l Letter) error {
	p.mu.Lock()
	p.running++
	p.most = max(p.most, p.running)
	p.mu.Unlock()
	err := p.deliver(ctx, account, l)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if err == nil {
		p.delivered = append(p.delivered, l.ID)
	}
	return err
}

func (p *post) run() {
	ctx, cancel := context.WithCancel(p.t.Context())
	p.stop = cancel
	go func() {
		defer close(p.ended)
		_ = p.Run(ctx)
	}()
}

func (p *post) end() {
	p.stop()
	<-p.ended
}

// enqueue puts as many messages into a queue, due now, named after it.
func (p *post) enqueue(account storage.Account, queue string, many int) {
	p.t.Helper()
	var b storage.Batch
	for i := range many {
		l := Letter{ID: fmt.Sprintf("%s/%s/%03d", account, queue, i), Queue: queue, Channel: Mail}
		m, err := l.message(queue, time.Now())
		require.NoError(p.t, err)
		b.Enqueue = append(b.Enqueue, m)
	}
	_, err := p.store.Apply(p.t.Context(), account, b)
	require.NoError(p.t, err)
}

func (p *post) queued(account storage.Account, queue string) (many int) {
	p.t.Helper()
	require.NoError(p.t, p.store.View(context.Background(), account, func(s storage.Snapshot) error {
		messages, err := s.Messages(context.Background(), queue, ever, all)
		many = len(messages)
		return err
	}))
	return many
}

func (p *post) sent() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.delivered...)
}

// TestWake: a message is taken up at once, also of an account that is not listed.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(*WorkerConfig) {})
		p.run()
		begin := time.Now()
		p.enqueue("a", QueueMail, 1)
		p.Wake("a")
		synctest.Wait()
		require.Len(t, p.sent(), 1)
		require.Zero(t, time.Since(begin))
		p.end()
	})
}

// TestWakeBeforeRun: it is not lost.
func TestWakeBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(*WorkerConfig) {})
		p.enqueue("a", QueueMail, 1)
		p.Wake("a")
		p.run()
		synctest.Wait()
		require.Len(t, p.sent(), 1)
		p.end()
	})
}

// TestInterval: without a wake, a message of a listed account waits no longer than
// an interval; what was there at the start does not wait.
func TestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, []storage.Account{"a"}, func(c *WorkerConfig) { c.Interval = 10 * time.Second })
		p.enqueue("a", QueueSMS, 1)
		p.run()
		synctest.Wait()
		require.Len(t, p.sent(), 1)
		p.enqueue("a", QueueMail, 1)
		p.enqueue("unlisted", QueueMail, 1)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"a/notify.sms/000", "a/notify.mail/000"}, p.sent())
		p.end()
	})
}

// TestSlowReceiver: one that never answers holds up nobody else: not another
// webhook of its account, not another account, not another channel.
func TestSlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(c *WorkerConfig) { c.Timeout, c.Parallel = time.Minute, 16 })
		slow := endpointQueue(0)
		p.deliver = func(ctx context.Context, account storage.Account, l Letter) error {
			if account == "a" && l.Queue == slow {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		p.enqueue("a", slow, 100)
		p.enqueue("a", endpointQueue(1), 30)
		p.enqueue("a", QueueMail, 30)
		p.enqueue("b", slow, 30)
		p.run()
		p.Wake("a")
		p.Wake("b")
		synctest.Wait()
		require.Len(t, p.sent(), 90)
		p.mu.Lock()
		require.Equal(t, 4, p.running, "a quarter of Parallel")
		p.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 100, p.queued("a", slow), "nothing is lost")
		p.end()
	})
}

// TestParallel: so many deliveries run at once, and no more, and all get their
// turn.
func TestParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(c *WorkerConfig) { c.Parallel = 8 })
		p.deliver = func(context.Context, storage.Account, Letter) error {
			time.Sleep(time.Second)
			return nil
		}
		p.run()
		for i := range 40 {
			account := storage.Account(fmt.Sprint("a", i))
			p.enqueue(account, QueueMail, 3)
			p.Wake(account)
		}
		// 15 seconds would do if the last ones were of different accounts: of one, no
		// more than two are on their way at a time.
		time.Sleep(17 * time.Second)
		synctest.Wait()
		require.Len(t, p.sent(), 120, "120 mails, 8 at a time, of a second each")
		require.Equal(t, 8, p.most)
		p.end()
	})
}

// TestFairness: an account with many messages does not keep one with a single
// message waiting for all of them.
func TestFairness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(c *WorkerConfig) { c.Parallel = 1 })
		p.enqueue("many", QueueMail, 50)
		p.enqueue("one", QueueMail, 1)
		p.Wake("many")
		p.Wake("one")
		p.run()
		synctest.Wait()
		require.Equal(t, []string{"many/notify.mail/000", "one/notify.mail/000", "many/notify.mail/001"}, p.sent()[:3])
		require.Len(t, p.sent(), 51)
		p.end()
	})
}

// TestAgenda: each item once, in order of its first listing.
func TestAgenda(t *testing.T) {
	a := newAgenda[string]()
	for _, item := range []string{"x", "y", "x"} {
		a.add(item)
	}
	for _, item := range []string{"x", "y"} {
		next, found := a.next()
		require.True(t, found)
		require.Equal(t, item, next)
	}
	_, found := a.next()
	require.False(t, found)
	a.add("x")
	_, found = a.next()
	require.True(t, found, "again, once it was taken")
}

// TestStop: deliveries get Grace to end. One that ends in time is dequeued; one
// that does not is left as it was, and is not an attempt.
func TestStop(t *testing.T) {
	for _, tt := range []struct {
		name   string
		takes  time.Duration
		waits  time.Duration
		queued int
	}{
		{"quick", time.Second, time.Second, 0},
		{"slow", time.Hour, 5 * time.Second, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t, nil, func(c *WorkerConfig) { c.Grace, c.Timeout = 5*time.Second, 2*time.Hour })
				p.deliver = func(ctx context.Context, _ storage.Account, _ Letter) error {
					select {
					case <-time.After(tt.takes):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				p.enqueue("a", QueueMail, 1)
				p.Wake("a")
				p.run()
				synctest.Wait()
				begin := time.Now()
				p.end()
				require.Equal(t, tt.waits, time.Since(begin))
				require.Equal(t, tt.queued, p.queued("a", QueueMail))
				require.NoError(t, p.store.View(t.Context(), "a", func(s storage.Snapshot) error {
					messages, err := s.Messages(t.Context(), QueueMail, ever, all)
					for _, m := range messages {
						require.False(t, m.Due.After(time.Now()), "it is due at once after a restart")
						l, err := read(m)
						require.NoError(t, err)
						require.Zero(t, l.Attempts)
					}
					return err
				}))
			})
		})
	}
}

// TestNothingAfterStop: what is still queued is not begun.
func TestNothingAfterStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t, nil, func(c *WorkerConfig) { c.Parallel = 1 })
		p.deliver = func(context.Context, storage.Account, Letter) error {
			time.Sleep(time.Second)
			return nil
		}
		p.enqueue("a", QueueMail, 10)
		p.Wake("a")
		p.run()
		synctest.Wait()
		p.end()
		require.Len(t, p.sent(), 1)
		require.Equal(t, 9, p.queued("a", QueueMail))
	})
}

// flaky is a store that fails to apply, or to read, so many times.
type flaky struct {
	storage.Store
	mu           sync.Mutex
	apply, views int
}

func (f *flaky) fails(left *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	*left--
	return *left >= 0
}

func (f *flaky) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if f.fails(&f.apply) {
		return storage.Receipt{}, errors.New("disk full")
	}
	return f.Store.Apply(ctx, account, b)
}

func (f *flaky) View(ctx context.Context, account storage.Account, do func(storage.Snapshot) error) error {
	if f.fails(&f.views) {
		return errors.New("disk gone")
	}
	return f.Store.View(ctx, account, do)
}

// TestStoreThatCannotWrite: a message that was delivered is not delivered again
// only because that could not be noted at once.
func TestStoreThatCannotWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Store: memory.New(nil)}
		p := newPost(t, nil, func(c *WorkerConfig) { c.Store = store })
		p.store = store
		p.enqueue("a", QueueMail, 1)
		store.apply = 5
		p.run()
		p.Wake("a")
		time.Sleep(3 * time.Second)
		require.Equal(t, 1, p.queued("a", QueueMail))
		p.Wake("a")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Len(t, p.sent(), 1)
		require.Zero(t, p.queued("a", QueueMail))
		p.end()
	})
}

// TestStoreThatCannotRead: the messages are found at the next tick.
func TestStoreThatCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Store: memory.New(nil)}
		p := newPost(t, []storage.Account{"a"}, func(c *WorkerConfig) { c.Store, c.Interval = store, time.Minute })
		p.store = store
		p.enqueue("a", QueueMail, 1)
		store.views = MaxEndpoints + 3 // all queues, and the outbox
		p.run()
		synctest.Wait()
		require.Empty(t, p.sent())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, p.sent(), 1)
		p.end()
	})
}

// slow is a store that reads slowly: what it returns may be old.
type slow struct {
	storage.Store
	takes time.Duration
}

func (s *slow) View(ctx context.Context, account storage.Account, do func(storage.Snapshot) error) error {
	err := s.Store.View(ctx, account, do)
	time.Sleep(s.takes)
	return err
}

// TestLandsWhileRead: a message that was delivered while the queue was read is not
// delivered again.
func TestLandsWhileRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slow{Store: memory.New(nil)}
		p := newPost(t, nil, func(c *WorkerConfig) { c.Store = store })
		p.store = store
		p.deliver = func(context.Context, storage.Account, Letter) error {
			time.Sleep(time.Second)
			return nil
		}
		p.enqueue("a", QueueMail, 1)
		p.run()
		p.Wake("a")
		synctest.Wait()
		store.takes = 2 * time.Second
		p.Wake("a")
		time.Sleep(time.Minute)
		require.Len(t, p.sent(), 1)
		p.end()
	})
}

// TestExactlyOnce: without a crash nothing is delivered twice, whatever fails and
// whoever wakes the worker, and in the end everything is delivered.
func TestExactlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		accounts := []storage.Account{"a", "b", "c", "d", "e"}
		queues := append(endpointQueues()[:4], QueueMail, QueueSMS)
		p := newPost(t, accounts, func(c *WorkerConfig) { c.Parallel, c.MaxAttempts, c.Timeout = 6, 1000, time.Minute })
		p.deliver = func(context.Context, storage.Account, Letter) error {
			time.Sleep(rand.N(3 * time.Second))
			if rand.IntN(3) == 0 {
				return errors.New("try again")
			}
			return nil
		}
		for _, a := range accounts {
			for _, q := range queues {
				p.enqueue(a, q, 10)
			}
		}
		p.run()
		for range 300 {
			p.Wake(accounts[rand.IntN(len(accounts))])
			time.Sleep(rand.N(20 * time.Second))
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		sent := p.sent()
		slices.Sort(sent)
		require.Len(t, sent, 5*6*10)
		require.Len(t, slices.Compact(sent), 5*6*10)
		for _, a := range accounts {
			for _, q := range queues {
				require.Zero(t, p.queued(a, q))
			}
		}
		p.end()
	})
}
