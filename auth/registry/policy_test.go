package registry_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
)

// TestBounds walks the members of the policies and of traffic: the default stands for
// what is not set, and the bounds hold.
func TestBounds(t *testing.T) {
	tests := []struct{ of, member, otherwise, below, least, most, above string }{
		{"policy", "invitationLifetime", `"7d"`, `"59s"`, `"1m"`, `"365d"`, `"8761h"`},
		{"policy", "verificationLifetime", `"1d"`, `"59s"`, `"1m"`, `"30d"`, `"721h"`},
		{"policy", "resetLifetime", `"1h"`, `"59s"`, `"1m"`, `"7d"`, `"169h"`},
		{"policy", "retainRemoved", `"30d"`, `"59s"`, `"1m"`, `"3650d"`, `"3651d"`},
		{"policy", "retainAudit", `"730d"`, `"23h"`, `"1d"`, `"3650d"`, `"3651d"`},
		{"tokens", "maxLifetime", `"730d"`, `"59m"`, `"1h"`, `"730d"`, `"731d"`},
		{"tokens", "maxOverlap", `"30d"`, `"59s"`, `"1m"`, `"30d"`, `"721h"`},
		{"tokens", "accessTokenLifetime", `"1h"`, `"299s"`, `"5m"`, `"6h"`, `"361m"`},
		{"policy", "passwordMin", `8`, `7`, `8`, `64`, `65`},
		{"policy", "maxFailedLogins", `10`, `-1`, `1`, `100`, `101`},
		{"traffic", "tokenRate", `100`, `-1`, `1`, `10000`, `10001`},
		{"traffic", "tokenBurst", `5000`, `-1`, `1`, `100000`, `100001`},
		{"traffic", "rate", `400`, `-1`, `1`, `40000`, `40001`},
		{"traffic", "burst", `10000`, `-1`, `1`, `400000`, `400001`},
		{"traffic", "concurrency", `256`, `-1`, `1`, `25600`, `25601`},
	}
	members := 0
	for _, of := range []reflect.Type{reflect.TypeFor[registry.Policy](), reflect.TypeFor[registry.TokenPolicy](), reflect.TypeFor[registry.Traffic]()} {
		members += of.NumField()
	}
	require.Len(t, tests, members)
	for _, tt := range tests {
		t.Run(tt.of+" "+tt.member, func(t *testing.T) {
			require.Equal(t, tt.otherwise, effective(t, registry.Settings{}, tt.of, tt.member))
			for _, value := range []string{tt.least, tt.most} {
				s := settingsWith(t, tt.of, tt.member, value)
				_, err := s.Normalised()
				require.NoError(t, err)
				require.Equal(t, value, effective(t, s, tt.of, tt.member))
			}
			for _, value := range []string{tt.below, tt.above} {
				_, err := settingsWith(t, tt.of, tt.member, value).Normalised()
				require.ErrorIs(t, err, registry.ErrInvalid)
				require.ErrorContains(t, err, tt.of+" "+tt.member+" ")
				require.ErrorContains(t, err, ", or 0 for the default of ")
			}
		})
	}
}

func settingsWith(t *testing.T, of, member, value string) (s registry.Settings) {
	t.Helper()
	require.NoError(t, json.Unmarshal(fmt.Appendf(nil, "{%q:{%q:%s}}", of, member, value), &s))
	return s
}

// effective is what settings come to in one member, as JSON.
func effective(t *testing.T, s registry.Settings, of, member string) string {
	t.Helper()
	e, err := s.Resolve()
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"policy": e.Policy, "tokens": e.Tokens, "traffic": e.Traffic}[of])
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &members))
	return string(members[member])
}

func TestDuration(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	tests := []struct {
		text  string
		want  time.Duration
		short string
	}{
		{"", 0, "0s"}, {"0", 0, "0s"}, {"0d", 0, "0s"}, {"0s", 0, "0s"},
		{"30d", 30 * day, "30d"}, {"720h", 30 * day, "30d"}, {"24h0m0s", day, "1d"}, {"65535d", 65535 * day, "65535d"},
		{"36h", 36 * hour, "36h"}, {"1h30m", 90 * time.Minute, "1h30m"}, {"90m", 90 * time.Minute, "1h30m"},
		{"10m", 10 * time.Minute, "10m"}, {"10s", 10 * time.Second, "10s"}, {"1h0m10s", hour + 10*time.Second, "1h0m10s"},
		{"20h", 20 * hour, "20h"}, {"100h", 100 * hour, "100h"},
	}
	for _, tt := range tests {
		var d registry.Duration
		require.NoError(t, d.UnmarshalText([]byte(tt.text)))
		require.Equal(t, registry.Duration(tt.want), d, tt.text)
		text, err := d.MarshalText()
		require.NoError(t, err)
		require.Equal(t, tt.short, string(text))
	}
	for _, text := range []string{"d", "-1d", "-1h", "1.5d", "65536d", "1y", "1", "soon", " 1h", "1e3d"} {
		var d registry.Duration
		require.EqualError(t, d.UnmarshalText([]byte(text)), fmt.Sprintf("%q is no time: write it like 30d or 12h", text))
	}
}
