package registry

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as people write it: "30d", "12h" or "1h30m". A day
// has 24 hours.
type Duration time.Duration

const day = Duration(24 * time.Hour)

// String is short: "30d", "36h", "1h30m".
func (d Duration) String() string {
	if d != 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := time.Duration(d).String()
	if short, found := strings.CutSuffix(text, "m0s"); found {
		text = short + "m"
	}
	if short, found := strings.CutSuffix(text, "h0m"); found {
		text = short + "h"
	}
	return text
}

func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes what String returns and whatever time.ParseDuration does,
// but nothing negative; "" is 0.
func (d *Duration) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	if days, found := strings.CutSuffix(string(text), "d"); found {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			*d = Duration(n) * day
			return nil
		}
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return fmt.Errorf("%.40q is no time: write it like 30d or 12h", text)
	}
	*d = Duration(parsed)
	return nil
}
