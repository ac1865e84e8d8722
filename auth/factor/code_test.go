package factor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
)

func TestNewCode(t *testing.T) {
	for _, length := range []int{6, 7, 8} {
		counts := map[rune]int{}
		for range 5000 {
			code, err := factor.NewCode(length)
			require.NoError(t, err)
			require.Len(t, code, length)
			for _, c := range code.Reveal() {
				counts[c]++
			}
		}
		require.Len(t, counts, 10)
		for c := '0'; c <= '9'; c++ { // deviation at most 60
			require.InDelta(t, 500*length, counts[c], 400, "%c", c)
		}
	}
	for _, length := range []int{-1, 0, 5, 9} {
		_, err := factor.NewCode(length)
		require.Error(t, err, length)
	}
}

func TestNewRecoveryCodes(t *testing.T) {
	seen := map[auth.Secret]bool{}
	characters := map[rune]bool{}
	for range 50 {
		codes := factor.NewRecoveryCodes()
		require.Len(t, codes, 10)
		for _, code := range codes {
			require.Regexp(t, `^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}$`, code.Reveal())
			require.True(t, factor.ImportableCode(code))
			require.False(t, seen[code])
			seen[code] = true
			for _, c := range strings.ReplaceAll(code.Reveal(), "-", "") {
				characters[c] = true
			}
		}
	}
	require.Len(t, characters, 32, "12 characters of 32 are 60 bits")
}

func TestImportableCode(t *testing.T) {
	tests := []struct {
		code auth.Secret
		ok   bool
	}{
		{"12345678", true}, {"1234 5678", true}, {"aB3dE-f6H8j", true}, {auth.Secret(strings.Repeat("a", 64)), true},
		{"", false}, {"1234567", false}, {"1234-567", false}, {"1234567é", false}, {"12345678\n", false},
		{"1234_5678", false}, {auth.Secret(strings.Repeat("a", 65)), false}, {auth.Secret(strings.Repeat("-", 1<<20)), false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.ok, factor.ImportableCode(tt.code), "%q", tt.code.Reveal())
	}
}
