package credentials_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/password"
	"roster/extensions/notify"
	"roster/storage"
)

// hasher counts what it is asked.
type hasher struct {
	*password.Hasher
	verified, burnt atomic.Int64
	afterVerify     func() // called when a password has been verified
}

func cheap() *password.Hasher { return password.New(password.Config{Memory: 8, Time: 1, Threads: 1}) }

func (h *hasher) Verify(ctx context.Context, stored string, text auth.Secret) (bool, error) {
	h.verified.Add(1)
	if h.afterVerify != nil {
		defer h.afterVerify()
	}
	return h.Hasher.Verify(ctx, stored, text)
}

func (h *hasher) Burn(ctx context.Context, text auth.Secret) error {
	h.burnt.Add(1)
	return h.Hasher.Burn(ctx, text)
}

// meddler lets something happen between the reading of a change and its commit.
type meddler struct {
	storage.Store
	before  atomic.Pointer[func()] // called once
	applied atomic.Int64           // batches
}

func (m *meddler) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if before := m.before.Swap(nil); before != nil {
		(*before)()
	}
	m.applied.Add(1)
	return m.Store.Apply(ctx, account, b)
}

// notifier remembers what it made messages of.
type notifier struct {
	*notify.Notifier
	mutex   sync.Mutex
	notices []notify.Notice
	from    notify.Sender // of the last one
}

func newNotifier(t testing.TB, now func() time.Time) *notifier {
	n, err := notify.New(notify.Config{Now: now})
	require.NoError(t, err)
	return &notifier{Notifier: n}
}

func (n *notifier) Message(from notify.Sender, notice notify.Notice) (storage.Message, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.notices, n.from = append(n.notices, notice), from
	return n.Notifier.Message(from, notice)
}

// last is the notice that was written last.
func (n *notifier) last() notify.Notice {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.notices[len(n.notices)-1]
}
