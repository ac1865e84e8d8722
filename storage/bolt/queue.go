package bolt

import (
	"bytes"
	"context"
	"time"

	"roster/storage"
)

func (s *snapshot) Messages(ctx context.Context, queue string, due time.Time, limit int) ([]storage.Message, error) {
	var found []storage.Message
	prefix := appendText(nil, queue)
	until := span{prefix, successor(appendTime(bytes.Clone(prefix), due))}
	if limit <= 0 {
		return nil, ctx.Err()
	}
	for k, v := range s.in(messages).ascend(until) {
		found = append(found, storage.Message{
			Queue: queue,
			ID:    string(k[len(prefix)+8:]),
			Due:   parseTime(k[len(prefix):]),
			Body:  bytes.Clone(nonEmpty(v)),
		})
		if len(found) == limit {
			break
		}
	}
	return found, ctx.Err()
}

// writeQueue does what a batch does to queues.
func (a *account) writeQueue(b *storage.Batch) {
	for _, m := range b.Dequeue {
		a.dequeue(m)
	}
	for i := range b.Enqueue {
		m := &b.Enqueue[i]
		a.dequeue(storage.MessageID{Queue: m.Queue, ID: m.ID})
		a.put(messages, messageKey(m.Queue, m.Due, m.ID), m.Body)
		a.put(dues, dueKey(m.Queue, m.ID), appendTime(nil, m.Due))
	}
}

func (a *account) dequeue(m storage.MessageID) {
	key := dueKey(m.Queue, m.ID)
	due := a.in(dues).get(key)
	if due == nil {
		return
	}
	a.remove(messages, messageKey(m.Queue, parseTime(due), m.ID))
	a.remove(dues, key)
}
