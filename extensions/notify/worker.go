package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"time"

	"roster/auth"
	"roster/auth/outgoing"
	"roster/storage"
)

// WorkerConfig is what a Worker needs.
type WorkerConfig struct {
	Config // the same as the Notifier's; valid

	// Store holds the queues. Required.
	Store storage.Store
	// Accounts lists the accounts whose queues are looked at. Required.
	Accounts func(context.Context) ([]storage.Account, error)
	// Secret returns the secret of an account's webhook by its URL, "whsec_" and the
	// base64 of 24 to 64 bytes, or storage.ErrNotFound if the account has no such
	// webhook any more. It is asked at each attempt, so that a new secret signs also
	// what waits. Required if the account has webhooks.
	Secret func(ctx context.Context, account storage.Account, url string) (auth.Secret, error)
	// Interval is how often all accounts are looked at. Default 10 s.
	Interval time.Duration
	// Grace is how long deliveries that are under way may take once the worker was
	// told to stop. Default 5 s.
	Grace time.Duration
	// Network sends webhooks and SMS. Default: one that lets webhooks go to public
	// addresses only, and has the Roots.
	Network *outgoing.Network
	// Roots are the authorities that may vouch for mail servers. Default: the system's.
	Roots *x509.CertPool
	// Observe is told of each attempt once its outcome is stored, from several
	// goroutines at a time. Default: nobody is.
	Observe func(Attempt)
	// Logger takes a line for each attempt. Default: slog.Default().
	Logger *slog.Logger
}

// Worker delivers what is in the queues.
//
// A message is taken up soon after Wake was called for its account, or else at
// the latest one Interval after it is due, as long as Accounts lists the account.
// After Wake it is taken up also if Accounts does not list it yet. Calls of Wake
// are lost when the process ends, messages are not.
type Worker struct {
	config WorkerConfig
	lanes  []*lane
	keeper *keeper
}

// NewWorker returns a worker that does nothing before Run.
func NewWorker(c WorkerConfig) (*Worker, error) {
	if c.Store == nil || c.Accounts == nil {
		return nil, errors.New("notify: a worker needs a store and accounts")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	return c.worker(c.deliveries()), nil
}

func (c WorkerConfig) withDefaults() WorkerConfig {
	c.Config = c.Config.withDefaults()
	c.Interval = orDefault(c.Interval, 10*time.Second)
	c.Grace = orDefault(c.Grace, 5*time.Second)
	c.Logger = orDefault(c.Logger, slog.Default())
	if c.Secret == nil {
		c.Secret = func(context.Context, storage.Account, string) (auth.Secret, error) { return "", storage.ErrNotFound }
	}
	if c.Network == nil {
		c.Network = outgoing.New(outgoing.Config{Roots: c.Roots})
	}
	if c.Observe == nil {
		c.Observe = func(Attempt) {}
	}
	return c
}

// deliver takes a letter to its receiver. Its error is a *failure where something
// is to be said about it. It ends soon after ctx.
type deliver func(ctx context.Context, account storage.Account, l Letter) error

// deliveries returns how each channel delivers.
func (c WorkerConfig) deliveries() map[Channel]deliver {
	mails := &mailer{SMTP: c.SMTP, timeout: c.Timeout, roots: c.Roots}
	posts := &poster{network: c.Network, now: c.Now, gateway: c.SMS, secret: c.Secret}
	ways := map[Channel]deliver{Mail: mails.send, SMS: posts.sendSMS, Webhook: posts.sendWebhook}
	for channel := range ways {
		if !c.delivers(channel) {
			ways[channel] = func(context.Context, storage.Account, Letter) error { return errUnconfigured }
		}
	}
	return ways
}

func (c WorkerConfig) worker(ways map[Channel]deliver) *Worker {
	w := &Worker{config: c, keeper: &keeper{store: c.Store, keep: c.Keep, logger: c.Logger, agenda: newAgenda[line]()}}
	settle := &settler{WorkerConfig: &w.config, keeper: w.keeper}
	for channel, queues := range map[Channel][]string{Mail: {QueueMail}, SMS: {QueueSMS}, Webhook: endpointQueues()} {
		w.lanes = append(w.lanes, newLane(settle, queues, ways[channel]))
	}
	return w
}

func endpointQueues() []string {
	var queues []string
	for i := range MaxEndpoints {
		queues = append(queues, endpointQueue(i))
	}
	return queues
}

// Wake tells the worker that an account has messages. It does not wait, and may be
// called at any time and concurrently.
func (w *Worker) Wake(account storage.Account) {
	w.visit(account)
	w.keeper.agenda.add(line{account, Outbox})
}

func (w *Worker) visit(account storage.Account) {
	for _, l := range w.lanes {
		for _, queue := range l.queues {
			l.agenda.add(line{account, queue})
		}
	}
}

// Run delivers until ctx ends, then lets deliveries that are under way finish for
// as long as Grace, and returns nil. What was not delivered then stays queued. It
// is called once.
func (w *Worker) Run(ctx context.Context) error {
	patient, cancel := outlive(ctx, w.config.Grace)
	defer cancel()
	var running sync.WaitGroup
	for _, l := range w.lanes {
		running.Go(func() { l.run(ctx, patient) })
	}
	running.Go(func() { w.keeper.run(ctx) })
	w.each(ctx, w.Wake)
	for tick := time.Tick(w.config.Interval); ctx.Err() == nil; {
		select {
		case <-tick:
			w.each(ctx, w.visit)
		case <-ctx.Done():
		}
	}
	running.Wait()
	return nil
}

func (w *Worker) each(ctx context.Context, do func(storage.Account)) {
	accounts, err := w.config.Accounts(ctx)
	if err != nil && ctx.Err() == nil {
		w.config.Logger.Warn("the accounts with messages cannot be listed", "error", err)
	}
	for _, a := range accounts {
		do(a)
	}
}

// outlive returns a context that ends so much later than ctx.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, cancel
}
