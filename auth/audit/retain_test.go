package audit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/auth/authtest"
	"roster/storage"
	"roster/storage/memory"
)

// retention keeps the accounts' records for as long as it says, by account.
func (f *fixture) retention(keep map[storage.Account]time.Duration, now time.Time) audit.Retention {
	return audit.Retention{
		Store: f.Store, Now: authtest.NewClock(now).Now,
		Accounts: func(context.Context) (all []storage.Account, err error) {
			for account := range keep {
				all = append(all, account)
			}
			return all, nil
		},
		Keep: func(_ context.Context, account storage.Account) (time.Duration, error) {
			if keep[account] < 0 {
				return 0, errors.New("unknown")
			}
			return keep[account], nil
		},
	}
}

// left is how many records a log has.
func (f *fixture) left(log storage.Account) int {
	n := 0
	for _, r := range f.walk(audit.Query{Account: log}) {
		if log == storage.System || r.Log == audit.AccountLog {
			n++
		}
	}
	return n
}

// TestRetain: each account's log is trimmed by its own age, and the system's by the
// longest.
func TestRetain(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name                string
		keep                map[storage.Account]time.Duration
		system              time.Duration
		acme, other, global int // records that are left after 1,000 days, of one each day
	}{
		{"each its own", map[storage.Account]time.Duration{"acme": 10 * day, "other": 700 * day}, 0, 10, 700, 700},
		{"the system's is longer", map[storage.Account]time.Duration{"acme": 10 * day, "other": 20 * day}, 300 * day, 10, 20, 300},
		{"the system's is shorter", map[storage.Account]time.Duration{"acme": 10 * day, "other": 700 * day}, day, 10, 700, 700},
		{"one for ever", map[storage.Account]time.Duration{"acme": 10 * day, "other": 0}, 300 * day, 10, 1000, 1000},
		{"one is not listed", map[storage.Account]time.Duration{"acme": 10 * day}, 0, 10, 1000, 10},
		{"one is not known", map[storage.Account]time.Duration{"acme": 10 * day, "other": -1}, 0, 10, 1000, 1000},
		{"none at all", nil, 0, 1000, 1000, 1000},
		{"longer than there is", map[storage.Account]time.Duration{"acme": 5000 * day, "other": 5000 * day}, 0, 1000, 1000, 1000},
		{"shorter than there is", map[storage.Account]time.Duration{"acme": time.Hour, "other": time.Hour}, 0, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				daily := make([]storage.Event, 1000)
				for i := range daily {
					daily[i] = storage.Event{Type: "x", Time: noon.Add(time.Duration(i) * day), Data: []byte("{}")}
				}
				for _, log := range []storage.Account{"acme", "other", storage.System} {
					f.add(log, daily...)
				}
				require.NoError(t, f.Erase(t.Context(), "other")) // which changes nothing for its log
				r := f.retention(tt.keep, noon.Add(1000*day-time.Minute))
				r.System = tt.system
				for range 2 {
					require.Equal(t, tt.keep["other"] < 0, r.Retain(t.Context()) != nil)
					require.Equal(t, []int{tt.acme, tt.other, tt.global}, []int{f.left("acme"), f.left("other"), f.left(storage.System)})
				}
				f.write("acme", 0, "x", "")
				require.Empty(t, verify(t, f.export("acme", time.Time{}, time.Time{})).Problems, "the chain goes on")
			})
		})
	}
}

// TestYoungRecordsStay: one that is too young keeps those behind it.
func TestYoungRecordsStay(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for _, second := range []int{1, 2, 100, 3, 101} {
			f.write("acme", second, "x", "")
		}
		r := f.retention(map[storage.Account]time.Duration{"acme": time.Minute}, noon.Add(2*time.Minute))
		require.NoError(t, r.Retain(t.Context()))
		require.Equal(t, []int{100, 3, 101}, times(f.walk(audit.Query{Account: "acme"})))
	})
}

// TestInterruptedRetention: it ends with its context, and goes on the next time.
func TestInterruptedRetention(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.twoLogs(10)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := f.retention(map[storage.Account]time.Duration{"acme": time.Hour}, noon.Add(24*time.Hour))
		require.Error(t, r.Retain(ctx))
		require.Equal(t, 5, f.left("acme"))
		require.NoError(t, r.Run(ctx))
		require.NoError(t, r.Retain(t.Context()))
		require.Zero(t, f.left("acme"))
	})
}

// TestRunRetains: in the background, as time goes by.
func TestRunRetains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{Store: memory.New(nil), t: t}
		f.Log.Store = f.Store
		r := f.retention(map[storage.Account]time.Duration{"acme": 24 * time.Hour}, noon)
		r.Now = nil
		f.add("acme", storage.Event{Type: "x", Time: time.Now()})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = r.Run(ctx) }()
		time.Sleep(23 * time.Hour) // of the test's own clock
		synctest.Wait()
		require.Equal(t, 1, f.left("acme"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Zero(t, f.left("acme"))
	})
}
