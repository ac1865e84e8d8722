package limit_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/limit"
)

// clock is set by the test.
type clock struct{ time.Time }

func (c *clock) now() time.Time       { return c.Time }
func (c *clock) pass(d time.Duration) { c.Time = c.Add(d) }

func newLimiter(c limit.Config) (*limit.Limiter, *clock) {
	clock := &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	c.Now = clock.now
	return limit.New(c), clock
}

var (
	here      = netip.MustParseAddr("192.0.2.1")
	elsewhere = netip.MustParseAddr("192.0.2.2")
)

// TestRequest: a token is bounded by its own rate and by that of its account.
func TestRequest(t *testing.T) {
	may := limit.Account{Token: limit.Rate{PerSecond: 1, Burst: 2}, All: limit.Rate{PerSecond: 2, Burst: 3}}
	l, clock := newLimiter(limit.Config{})
	steps := []struct {
		after          time.Duration
		token, account string
		want           limit.Quota
	}{
		{0, "t1", "a", limit.Quota{Limit: 2, Remaining: 1, Reset: time.Second}},
		{0, "t1", "a", limit.Quota{Limit: 2, Remaining: 0, Reset: 2 * time.Second}},
		{0, "t1", "a", limit.Quota{Limit: 2, Reset: 2 * time.Second, Retry: time.Second}},   // not counted for the account
		{0, "t2", "a", limit.Quota{Limit: 3, Remaining: 0, Reset: 1500 * time.Millisecond}}, // the account has less left
		{0, "t3", "a", limit.Quota{Limit: 3, Reset: 1500 * time.Millisecond, Retry: time.Second / 2}},
		{0, "t4", "b", limit.Quota{Limit: 2, Remaining: 1, Reset: time.Second}}, // another account is not touched
		{time.Second, "t1", "a", limit.Quota{Limit: 2, Remaining: 0, Reset: 2 * time.Second}},
		{time.Hour, "t1", "a", limit.Quota{Limit: 2, Remaining: 1, Reset: time.Second}},
	}
	for i, step := range steps {
		clock.pass(step.after)
		require.Equal(t, step.want, l.Request(step.token, step.account, may), "step %d", i)
	}
	require.Zero(t, l.Request("t1", "c", limit.Account{}), "what bounds nothing")
}

// TestAddress: an IPv4 address stands for itself, also in IPv6, and a network of
// IPv6 for all of its addresses.
func TestAddress(t *testing.T) {
	for _, tt := range []struct {
		first, second string
		same          bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"::1", "192.0.2.1", false},
	} {
		l, _ := newLimiter(limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 1}})
		require.Zero(t, l.Anonymous(netip.MustParseAddr(tt.first)).Retry)
		require.Equal(t, tt.same, l.Anonymous(netip.MustParseAddr(tt.second)).Retry > 0, "%+v", tt)
	}
	l, _ := newLimiter(limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 1}})
	require.Zero(t, l.Anonymous(netip.Addr{}).Retry)
	require.NotZero(t, l.Anonymous(netip.Addr{}).Retry, "those without an address are one")
}

// TestGuess: who guesses is stopped after a few, at every address after more, and
// who has a good credential is not stopped by others.
func TestGuess(t *testing.T) {
	l, clock := newLimiter(limit.Config{Failed: limit.Rate{PerSecond: 1, Burst: 3}, AllFailed: limit.Rate{PerSecond: 2, Burst: 5}})
	guess := func(from netip.Addr, credential auth.Secret) time.Duration {
		q := l.Guess(from, credential)
		if q.Retry == 0 && credential != "good" {
			l.Wrong(from, credential)
		}
		return q.Retry
	}
	l.Good("good")
	for range 3 {
		require.Zero(t, guess(here, "wrong"))
	}
	for range 3 {
		require.Equal(t, time.Second, guess(here, "wrong"))
		require.Equal(t, time.Second, guess(here, "other"))
		require.Zero(t, guess(here, "good"))
	}
	require.Zero(t, guess(elsewhere, "wrong"))
	require.Zero(t, guess(elsewhere, "wrong"))
	require.Equal(t, time.Second/2, guess(elsewhere, "wrong"), "all together")
	require.Zero(t, guess(elsewhere, "good"))

	clock.pass(time.Second)
	require.Zero(t, guess(here, "wrong"))
	require.NotZero(t, guess(here, "wrong"))

	l.Wrong(here, "good") // it was revoked
	require.NotZero(t, guess(here, "good"))
}

// TestLog: what is left out is told once.
func TestLog(t *testing.T) {
	l, clock := newLimiter(limit.Config{Logged: limit.Rate{PerSecond: 1, Burst: 2}})
	log := func(wantUnlogged int64, wantOK bool) {
		t.Helper()
		unlogged, ok := l.Log(false)
		require.Equal(t, wantOK, ok)
		require.Equal(t, wantUnlogged, unlogged)
	}
	log(0, true)
	log(0, true)
	for range 7 {
		log(0, false)
	}
	_, ok := l.Log(true)
	require.True(t, ok, "a fault does not hide in a flood")
	log(0, false)
	clock.pass(time.Second)
	log(1, true) // the fault told of seven
	log(0, false)
	clock.pass(time.Hour)
	log(1, true)
	log(0, true)
}

// TestUnlimited bounds nothing that nobody sets.
func TestUnlimited(t *testing.T) {
	l := limit.Unlimited()
	for range 10_000 {
		l.Wrong(here, "wrong")
		require.Zero(t, l.Guess(here, "wrong"))
		require.Zero(t, l.Anonymous(here))
		_, ok := l.Log(false)
		require.True(t, ok)
		_, err := l.Enter(t.Context(), "a", limit.Account{}, 1<<40)
		require.NoError(t, err)
	}
}

// BenchmarkRequest is what all limits cost a request of a known token: less than a
// microsecond.
func BenchmarkRequest(b *testing.B) {
	l := limit.New(limit.Config{})
	may := limit.Account{Token: limit.Rate{PerSecond: 1e6, Burst: 1e6}, All: limit.Rate{PerSecond: 1e6, Burst: 1e6}, Places: 256}
	credential := auth.Secret("rst_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ")
	b.ReportAllocs()
	for b.Loop() {
		l.Guess(here, credential)
		l.Good(credential)
		l.Request("token", "account", may)
		leave, err := l.Enter(b.Context(), "account", may, 1000)
		if err != nil {
			b.Fatal(err)
		}
		leave()
	}
}

// BenchmarkFlood is what one costs of so many addresses that most are forgotten.
func BenchmarkFlood(b *testing.B) {
	l := limit.New(limit.Config{})
	var address [16]byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		address[0], address[1], address[2], address[3] = byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
		l.Anonymous(netip.AddrFrom16(address))
	}
}
