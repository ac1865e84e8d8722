package limit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRate walks a bucket of five that gets two a second.
func TestRate(t *testing.T) {
	const ms = time.Millisecond
	r := Rate{PerSecond: 2, Burst: 5}
	steps := []struct {
		name         string
		at           time.Duration
		remaining    int
		reset, retry time.Duration
	}{
		{"full", 10_000 * ms, 4, 500 * ms, 0},
		{"at once", 10_000 * ms, 3, 1000 * ms, 0},
		{"at once", 10_000 * ms, 2, 1500 * ms, 0},
		{"a part of one has come back", 10_100 * ms, 1, 1900 * ms, 0},
		{"the last", 10_100 * ms, 0, 2400 * ms, 0},
		{"empty", 10_100 * ms, 0, 2400 * ms, 400 * ms},
		{"still", 10_499 * ms, 0, 2001 * ms, 1 * ms},
		{"just in time", 10_500 * ms, 0, 2500 * ms, 0},
		{"empty again", 10_500 * ms, 0, 2500 * ms, 500 * ms},
		{"two have come back", 11_500 * ms, 1, 2000 * ms, 0},
		{"never more than five", 60_000 * ms, 4, 500 * ms, 0},
		{"a clock that goes back gives nothing", 59_000 * ms, 1, 2000 * ms, 0},
	}
	var full time.Duration
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			var q Quota
			full, q = r.take(full, step.at)
			require.Equal(t, Quota{Limit: 5, Remaining: step.remaining, Reset: step.reset, Retry: step.retry}, q)
		})
	}
}

// TestRateInTheLongRun: who never stops asking gets the burst and then the rate.
func TestRateInTheLongRun(t *testing.T) {
	for _, r := range []Rate{{1, 1}, {3, 7}, {100, 1000}, {10_000, 100_000}} {
		const seconds = 20
		var full time.Duration
		through := 0
		for i := range 3 * seconds * r.PerSecond {
			at := time.Duration(i) * time.Second / time.Duration(3*r.PerSecond)
			var q Quota
			if full, q = r.take(full, at); q.Retry == 0 {
				through++
			}
		}
		most := min(r.Burst+seconds*r.PerSecond, 3*seconds*r.PerSecond)
		require.InDelta(t, most, through, 1, "%+v", r)
	}
}

// TestNoRate: what is not set bounds nothing, and a changed rate holds at once.
func TestNoRate(t *testing.T) {
	for _, r := range []Rate{{}, {PerSecond: 1}, {Burst: 1}, {-1, -1}} {
		_, q := r.take(0, 0)
		require.Equal(t, Quota{}, q)
	}
	var full time.Duration
	for range 100 {
		full, _ = Rate{PerSecond: 10, Burst: 100}.take(full, 0)
	}
	_, q := Rate{PerSecond: 10, Burst: 5}.take(full, 0)
	require.Equal(t, Quota{Limit: 5, Reset: 10 * time.Second, Retry: 9600 * time.Millisecond}, q)
	_, q = Rate{PerSecond: 100, Burst: 2000}.take(full, 0)
	require.Zero(t, q.Retry)
}

func TestTighter(t *testing.T) {
	none, much, little := Quota{}, Quota{Limit: 9, Remaining: 5}, Quota{Limit: 9, Remaining: 2}
	soon, late := Quota{Limit: 9, Retry: 1}, Quota{Limit: 9, Retry: 2}
	for _, tt := range []struct{ a, b, want Quota }{
		{none, none, none}, {none, much, much}, {much, little, little}, {much, soon, soon}, {little, late, late}, {soon, late, late}, {none, soon, soon},
	} {
		require.Equal(t, tt.want, tt.a.tighter(tt.b))
		require.Equal(t, tt.want, tt.b.tighter(tt.a))
	}
}
