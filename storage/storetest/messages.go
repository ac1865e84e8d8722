package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Messages: queues in order of time.
func Messages(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"due in order":           testDue,
		"replaced and postponed": testPostpone,
		"taken off":              testDequeue,
		"queues are apart":       testQueues,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

func message(id string, after time.Duration) storage.Message {
	return storage.Message{Queue: "mail", ID: id, Due: noon.Add(after), Body: []byte("to " + id)}
}

// due returns the ids of messages in the queue that are due then.
func (o *opened) due(queue string, after time.Duration, limit int) []string {
	o.t.Helper()
	ids := []string{}
	o.view(func(s storage.Snapshot) {
		messages, err := s.Messages(background, queue, noon.Add(after), limit)
		require.NoError(o.t, err)
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
	})
	return ids
}

func testDue(t *testing.T, o *opened) {
	o.apply(storage.Batch{Enqueue: []storage.Message{
		message("late", time.Hour), message("b", 0), message("a\x00", 0), message("a", 0), message("early", -time.Hour),
	}})
	require.Equal(t, []string{"early", "a", "a\x00", "b"}, o.due("mail", 0, 10))
	require.Equal(t, []string{"early", "a"}, o.due("mail", 0, 2))
	require.Equal(t, []string{"early"}, o.due("mail", -time.Millisecond, 10))
	require.Equal(t, []string{"early", "a", "a\x00", "b", "late"}, o.due("mail", time.Hour, 10))
	require.Empty(t, o.due("mail", -2*time.Hour, 10))
	o.view(func(s storage.Snapshot) {
		messages, err := s.Messages(background, "mail", noon.Add(-time.Hour), 1)
		require.NoError(t, err)
		require.Equal(t, []letter{{"mail", "early", noon.Add(-time.Hour), "to early"}}, lettersOf(messages))
	})
}

func testPostpone(t *testing.T, o *opened) {
	o.apply(storage.Batch{Enqueue: []storage.Message{message("a", 0), message("b", 0)}})
	later := message("a", time.Hour)
	later.Body = []byte("again")
	o.apply(storage.Batch{Enqueue: []storage.Message{later}})
	require.Equal(t, []string{"b"}, o.due("mail", 0, 10))
	require.Equal(t, []string{"b", "a"}, o.due("mail", time.Hour, 10))
	o.apply(storage.Batch{
		Dequeue: []storage.MessageID{{Queue: "mail", ID: "a"}, {Queue: "mail", ID: "b"}},
		Enqueue: []storage.Message{message("a", -time.Hour)},
	})
	require.Equal(t, []string{"a"}, o.due("mail", time.Hour, 10), "dequeued before enqueued")
}

func testDequeue(t *testing.T, o *opened) {
	o.apply(storage.Batch{Enqueue: []storage.Message{message("a", 0), message("b", 0), message("c", 0)}})
	o.apply(storage.Batch{Dequeue: []storage.MessageID{{Queue: "mail", ID: "b"}, {Queue: "mail", ID: "absent"}, {Queue: "absent", ID: "a"}}})
	require.Equal(t, []string{"a", "c"}, o.due("mail", 0, 10))
	o.conflict(storage.Batch{
		Guards:  []storage.Guard{storage.Exists{ID: "absent"}},
		Dequeue: []storage.MessageID{{Queue: "mail", ID: "a"}},
		Enqueue: []storage.Message{message("d", 0)},
	})
	require.Equal(t, []string{"a", "c"}, o.due("mail", 0, 10))
}

func testQueues(t *testing.T, o *opened) {
	other := message("a", 0)
	other.Queue = "mails"
	o.apply(storage.Batch{Enqueue: []storage.Message{message("a", 0), other}})
	require.Equal(t, []string{"a"}, o.due("mail", 0, 10))
	require.Equal(t, []string{"a"}, o.due("mails", 0, 10))
	require.Empty(t, o.due("mai", 0, 10))
	o.apply(storage.Batch{Dequeue: []storage.MessageID{{Queue: "mail", ID: "a"}}})
	require.Empty(t, o.due("mail", 0, 10))
	require.Equal(t, []string{"a"}, o.due("mails", 0, 10))
}
