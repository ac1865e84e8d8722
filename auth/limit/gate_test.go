package limit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/limit"
)

// crowd sends requests that stay in work until they are told to end.
type crowd struct {
	l    *limit.Limiter
	may  limit.Account
	end  chan struct{}
	done sync.WaitGroup

	inWork, most, refused, busy atomic.Int64
}

func (c *crowd) send(account string, n int, body int64) {
	for range n {
		c.done.Go(func() {
			leave, err := c.l.Enter(context.Background(), account, c.may, body)
			switch err {
			case limit.ErrAccountBusy:
				c.refused.Add(1)
			case limit.ErrBusy:
				c.busy.Add(1)
			default:
				c.most.Store(max(c.most.Load(), c.inWork.Add(1)))
				<-c.end
				c.inWork.Add(-1)
				leave()
			}
		})
	}
}

func (c *crowd) finish() {
	close(c.end)
	c.done.Wait()
}

// TestInWork: how many large and small requests get in, by the default of 512
// places and 256 for an account. The bodies that are in work never have more
// than 8 MiB together.
func TestInWork(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	for _, tt := range []struct {
		name            string
		accounts, each  int
		body            int64
		inWork, waiting int
	}{
		{"no body", 1, 256, 0, 256, 0},
		{"one too many", 1, 257, 0, 256, 1},
		{"small bodies", 1, 200, 2 * kib, 128, 72},
		{"48 hostile ones of one account", 1, 48, mib, 3, 45},
		{"of unknown length", 1, 48, -1, 3, 45},
		{"48 hostile ones of many accounts", 48, 1, mib, 7, 41},
		{"bulk, which alone fills an account", 1, 3, 8 * mib, 1, 2},
		{"bulk of many accounts", 5, 1, 8 * mib, 2, 3},
		{"larger than anything", 5, 1, 1 << 60, 2, 3},
		{"many accounts", 100, 10, 0, 512, 488},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &crowd{l: limit.New(limit.Config{}), may: limit.Account{Places: 256}, end: make(chan struct{})}
				for a := range tt.accounts {
					c.send(fmt.Sprint("account", a), tt.each, tt.body)
				}
				synctest.Wait()
				require.EqualValues(t, tt.inWork, c.inWork.Load())
				require.EqualValues(t, 0, c.refused.Load()+c.busy.Load(), "those who wait are not refused yet")
				time.Sleep(3 * time.Second) // of the fake clock
				synctest.Wait()
				require.EqualValues(t, tt.inWork, c.inWork.Load())
				require.EqualValues(t, tt.waiting, c.refused.Load()+c.busy.Load())
				c.finish()
			})
		})
	}
}

// TestWaiting: places that get free are given to those who wait, in their order,
// and no more wait than there are places.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{l: limit.New(limit.Config{Places: 8}), may: limit.Account{Places: 4}, end: make(chan struct{})}
		c.send("a", 4, 0)
		synctest.Wait()
		c.send("a", 10, 0)
		synctest.Wait()
		require.EqualValues(t, 4, c.inWork.Load())
		require.EqualValues(t, 6, c.refused.Load(), "four wait")
		c.finish()
		require.EqualValues(t, 6, c.refused.Load())
		require.EqualValues(t, 4, c.most.Load())
		require.Zero(t, c.inWork.Load())
	})
}

// TestWhoIsBusy: one account cannot take the places of others, nor can those who
// show no token.
func TestWhoIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{l: limit.New(limit.Config{Places: 8}), may: limit.Account{Places: 4}, end: make(chan struct{})}
		wait := func() { time.Sleep(time.Minute); synctest.Wait() }
		c.send("a", 5, 0)
		wait()
		require.EqualValues(t, 1, c.refused.Load())
		c.send("", 3, 0)
		wait()
		require.EqualValues(t, 2, c.refused.Load(), "nobody has a quarter")
		c.send("b", 2, 0)
		wait()
		require.EqualValues(t, 8, c.inWork.Load())
		require.EqualValues(t, 0, c.busy.Load())
		c.send("b", 1, 0)
		wait()
		require.EqualValues(t, 1, c.busy.Load(), "the account has places, the server has none")
		c.finish()
	})
}

// TestLeaving: whoever leaves, is refused or goes away gives back all places, and
// a changed setting holds for the next request.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(limit.Config{Places: 4})
		full := func(places int) {
			t.Helper()
			leave, err := l.Enter(t.Context(), "a", limit.Account{Places: places}, 1<<20)
			require.NoError(t, err)
			_, err = l.Enter(t.Context(), "a", limit.Account{Places: places}, 0)
			require.ErrorIs(t, err, limit.ErrAccountBusy)
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = l.Enter(gone, "a", limit.Account{Places: places}, 0)
			require.ErrorIs(t, err, limit.ErrAccountBusy)
			leave()
		}
		for range 100 {
			full(4)
			full(1)
			full(0)
			full(1000)
		}
	})
}
