package notify

import (
	"context"
	"maps"
	"sync"

	"roster/storage"
)

// line is a queue of an account: all its messages go to one receiver.
type line struct {
	account storage.Account
	queue   string
}

// lane delivers by one channel. It never lets a message wait in memory: what has
// no room to be delivered now stays in its queue. A line that has messages due is
// therefore always either on the agenda, or has a delivery under way, which puts
// it there when it ends.
type lane struct {
	*settler
	queues  []string
	deliver deliver
	agenda  *agenda[line]
	share   int // deliveries of one line at once

	mu      sync.Mutex
	running int
	aloft   map[line]map[string]bool // ids of messages that are being delivered
	flights sync.WaitGroup
}

func newLane(s *settler, queues []string, d deliver) *lane {
	return &lane{
		settler: s, queues: queues, deliver: d, agenda: newAgenda[line](),
		share: max(s.Parallel/4, 1), aloft: map[line]map[string]bool{},
	}
}

// run delivers until ctx ends, and returns when deliveries have ended, which they
// do at the latest with patient.
func (l *lane) run(ctx, patient context.Context) {
	defer l.flights.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.agenda.more:
		}
		for l.hasRoom() && ctx.Err() == nil {
			next, found := l.agenda.next()
			if !found {
				break
			}
			l.visit(patient, next)
		}
	}
}

func (l *lane) hasRoom() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running < l.Parallel
}

// visit begins to deliver what is due in a line, as far as there is room.
func (l *lane) visit(ctx context.Context, at line) {
	// What is aloft is noted before reading: a message that lands in between is
	// still known as aloft, one that landed before is no longer read.
	aloft, room := l.state(at)
	if room <= 0 {
		return
	}
	messages, err := l.due(ctx, at, len(aloft)+room)
	if err != nil {
		l.Logger.Warn("messages cannot be read; they are tried again", "account", at.account, "queue", at.queue, "error", err)
		return
	}
	for _, m := range messages {
		if !aloft[m.ID] && room > 0 {
			room--
			l.start(ctx, at, m)
		}
	}
}

func (l *lane) state(at line) (aloft map[string]bool, room int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.aloft[at]), min(l.share-len(l.aloft[at]), l.Parallel-l.running)
}

func (l *lane) due(ctx context.Context, at line, most int) (messages []storage.Message, err error) {
	err = l.Store.View(ctx, at.account, func(s storage.Snapshot) error {
		messages, err = s.Messages(ctx, at.queue, l.Now(), most)
		return err
	})
	return messages, err
}

func (l *lane) start(ctx context.Context, at line, m storage.Message) {
	l.mu.Lock()
	l.running++
	if l.aloft[at] == nil {
		l.aloft[at] = map[string]bool{}
	}
	l.aloft[at][m.ID] = true
	l.mu.Unlock()
	l.flights.Go(func() {
		defer l.land(at, m.ID)
		l.fly(ctx, at.account, m)
	})
}

// fly delivers a message and stores the outcome. Told to stop meanwhile, it leaves
// the message as it is, because nobody knows whether it arrived.
func (l *lane) fly(ctx context.Context, account storage.Account, m storage.Message) {
	letter, err := read(m)
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, l.Timeout)
		err = l.deliver(limited, account, letter)
		cancel()
	}
	if err == nil || ctx.Err() == nil {
		l.settle(ctx, account, m, letter, err)
	}
}

func (l *lane) land(at line, id string) {
	l.mu.Lock()
	l.running--
	delete(l.aloft[at], id)
	if len(l.aloft[at]) == 0 {
		delete(l.aloft, at)
	}
	l.mu.Unlock()
	l.agenda.add(at)
}
