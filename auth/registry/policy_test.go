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

// TestPolicy walks the members: the default stands for what is not set, and the
// bounds hold.
func TestPolicy(t *testing.T) {
	tests := []struct{ member, otherwise, below, least, most, above string }{
		{"invitationLifetime", `"7d"`, `"59s"`, `"1m"`, `"365d"`, `"8761h"`},
		{"verificationLifetime", `"1d"`, `"59s"`, `"1m"`, `"30d"`, `"721h"`},
		{"resetLifetime", `"1h"`, `"59s"`, `"1m"`, `"7d"`, `"169h"`},
		{"retainRemoved", `"30d"`, `"59s"`, `"1m"`, `"3650d"`, `"3651d"`},
		{"passwordMin", `8`, `7`, `8`, `64`, `65`},
		{"maxFailedLogins", `10`, `-1`, `1`, `100`, `101`},
	}
	require.Equal(t, reflect.TypeFor[registry.Policy]().NumField(), len(tests))
	for _, tt := range tests {
		t.Run(tt.member, func(t *testing.T) {
			require.Equal(t, tt.otherwise, effective(t, registry.Policy{}, tt.member))
			for _, value := range []string{tt.least, tt.most} {
				p := policyWith(t, tt.member, value)
				_, err := registry.Settings{Policy: p}.Normalised()
				require.NoError(t, err)
				require.Equal(t, value, effective(t, p, tt.member))
			}
			for _, value := range []string{tt.below, tt.above} {
				_, err := registry.Settings{Policy: policyWith(t, tt.member, value)}.Normalised()
				require.ErrorIs(t, err, registry.ErrInvalid)
				require.ErrorContains(t, err, "policy "+tt.member+" ")
				require.ErrorContains(t, err, ", or 0 for the default of ")
			}
		})
	}
}

func policyWith(t *testing.T, member, value string) (p registry.Policy) {
	t.Helper()
	require.NoError(t, json.Unmarshal(fmt.Appendf(nil, "{%q:%s}", member, value), &p))
	return p
}

// effective is what a policy comes to in one member, as JSON.
func effective(t *testing.T, p registry.Policy, member string) string {
	t.Helper()
	e, err := registry.Settings{Policy: p}.Resolve()
	require.NoError(t, err)
	text, err := json.Marshal(e.Policy)
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
