package main

import (
	"fmt"
	"time"

	"roster/auth/registry"
)

// span bounds the time of records.
type span struct {
	From moment `placeholder:"TIME" help:"Only records since then: 2026-01-31T15:04:05Z, or 2026-01-31 for the day's beginning in UTC, or 36h or 7d for so long ago."`
	To   moment `placeholder:"TIME" help:"Only records before that, written in the same way."`
}

func (s span) check() error {
	if from, to := time.Time(s.From), time.Time(s.To); !to.IsZero() && !from.Before(to) {
		return fmt.Errorf("there is no time between --from %s and --to %s", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return nil
}

// moment is a time as people type it.
type moment time.Time

// UnmarshalText takes a time, a day, or how long ago it is.
func (m *moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			*m = moment(t)
			return nil
		}
	}
	var ago registry.Duration
	if err := ago.UnmarshalText(text); err != nil || ago == 0 {
		return fmt.Errorf("%.40q is no time: write it like 2026-01-31T15:04:05Z, 2026-01-31, or 7d for seven days ago", text)
	}
	*m = moment(time.Now().Add(-time.Duration(ago)))
	return nil
}
