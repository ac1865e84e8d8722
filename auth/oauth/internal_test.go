package oauth

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/jwt"
)

// TestDue: what becomes of keys, by how many hours ago each was made.
func TestDue(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	month := 30 * 24.0
	tests := []struct {
		hours []float64
		stay  int // of them, the last ones
		renew bool
		signs int // after that
	}{
		{nil, 0, true, 0},
		{[]float64{0}, 1, false, 0},
		{[]float64{-1}, 1, false, 0}, // a clock that is ahead
		{[]float64{month - 0.1}, 1, false, 0},
		{[]float64{month}, 1, true, 0},
		{[]float64{10 * month}, 1, true, 0},
		{[]float64{month, 0.5}, 2, false, 0},
		{[]float64{month, 0.99}, 2, false, 0},
		{[]float64{month, 1}, 2, false, 1},
		{[]float64{month, 7}, 2, false, 1},
		{[]float64{month, 7.03}, 2, false, 1},
		{[]float64{month, 7.04}, 1, false, 0},
		{[]float64{0.2, 0.1}, 2, false, 0},
		{[]float64{9 * month, 8 * month, 7 * month}, 1, true, 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.hours), func(t *testing.T) {
			var keys []auth.SigningKey
			for i, h := range tt.hours {
				created := now.Add(-time.Duration(h * float64(time.Hour)))
				keys = append(keys, auth.SigningKey{ID: fmt.Sprint(i), Created: created, Signs: created.Add(notice)})
			}
			stay, renew := due(keys, now)
			require.Equal(t, tt.renew, renew)
			require.Equal(t, fmt.Sprint(keys[len(keys)-tt.stay:]), fmt.Sprint(stay))
			if len(stay) > 0 {
				require.Equal(t, stay[tt.signs], signer(stay, now))
			}
		})
	}
}

// TestUsed: no more is remembered than fits, what has expired is forgotten first,
// and the newest never.
func TestUsed(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	u := newUsed(10, func() time.Time { return now })
	named := func(id string) jwt.Token { return jwt.Token{Subject: "s", Claims: map[string]any{"jti": id}} }
	for n := range 1000 {
		require.True(t, u.once(named(fmt.Sprint(n)), now.Add(time.Minute)))
		require.False(t, u.once(named(fmt.Sprint(n)), now.Add(time.Minute)))
		require.LessOrEqual(t, len(u.end), 10)
	}
	now = now.Add(time.Minute)
	for n := range 10 {
		require.True(t, u.once(named(fmt.Sprint("later", n)), now.Add(time.Minute)))
	}
	for n := range 10 {
		require.False(t, u.once(named(fmt.Sprint("later", n)), now.Add(time.Minute)))
	}
}

// FuzzForm: whatever is sent is a form of bounded parameters, or an invalid_request.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"", "grant_type=client_credentials&client_id=a&client_secret=b", "a=1&a=2", "a;b", "%zz", "a=%00", "=&=", strings.Repeat("a&", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseForm(text)
		if err != nil {
			refused, ok := errors.AsType[*failure](err)
			require.True(t, ok)
			require.Equal(t, "invalid_request", refused.code)
			return
		}
		for name, value := range parsed {
			require.NotEmpty(t, value, name)
			require.True(t, isVisible(value))
		}
	})
}

// FuzzBasic: whatever is sent is a client id and a secret, or a failure.
func FuzzBasic(f *testing.F) {
	for _, seed := range []string{"Basic YTpi", "basic  YTpi ", "Basic", "Bearer x", "Basic Og==", "Basic JTAwOmI="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		id, secret, err := readBasic(header)
		if err == nil {
			require.True(t, id != "" && secret != "" && isVisible(id+secret.Reveal()))
		}
	})
}
