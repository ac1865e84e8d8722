package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMoment: times as people type them; one that is told from now is that long
// ago.
func TestMoment(t *testing.T) {
	tests := []struct {
		text string
		want string        // a time
		ago  time.Duration // or how long ago
	}{
		{"2026-01-31T15:04:05Z", "2026-01-31T15:04:05Z", 0},
		{"2026-01-31T15:04:05+01:00", "2026-01-31T14:04:05Z", 0},
		{"2026-01-31T15:04:05.678Z", "2026-01-31T15:04:05.678Z", 0},
		{"2026-01-31", "2026-01-31T00:00:00Z", 0},
		{"36h", "", 36 * time.Hour},
		{"1h30m", "", 90 * time.Minute},
		{"7d", "", 7 * 24 * time.Hour},
	}
	for _, tt := range tests {
		var m moment
		before := time.Now()
		require.NoError(t, m.UnmarshalText([]byte(tt.text)), tt.text)
		if tt.want != "" {
			require.Equal(t, tt.want, time.Time(m).UTC().Format(time.RFC3339Nano))
			continue
		}
		require.WithinRange(t, time.Time(m), before.Add(-tt.ago), time.Now().Add(-tt.ago), tt.text)
	}
	for _, text := range []string{"", "0", "0d", "-1h", "yesterday", "31.1.2026", "2026-02-30", "2026-01-31 15:04"} {
		require.ErrorContains(t, new(moment).UnmarshalText([]byte(text)), "is no time: write it like 2026-01-31T15:04:05Z, 2026-01-31, or 7d", text)
	}
}
