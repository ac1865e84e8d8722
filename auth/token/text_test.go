package token_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/token"
)

// TestAppendRandom: every character of any alphabet is as likely as another, also
// of one whose length does not divide 256.
func TestAppendRandom(t *testing.T) {
	for _, alphabet := range []string{"0123456789", "01", "x", token.Alphabet} {
		text := string(token.AppendRandom([]byte("before-"), alphabet, 40_000))
		drawn, found := strings.CutPrefix(text, "before-")
		require.True(t, found)
		require.Len(t, drawn, 40_000)
		expected := float64(40_000 / len(alphabet))
		for _, c := range alphabet { // deviation at most 100 for "01", 25 for base 62
			require.InDelta(t, expected, strings.Count(drawn, string(c)), 100+expected/4, "%c", c)
		}
	}
	require.Empty(t, token.AppendRandom(nil, token.Alphabet, 0))
}

func TestChecksum(t *testing.T) {
	whole := string(token.AppendChecksum([]byte(known[:len(known)-token.ChecksumLength])))
	require.Equal(t, known, whole)
	tests := []struct {
		name, text, checked string
		ok                  bool
	}{
		{"right", known, known[:len(known)-6], true},
		{"of nothing", "000000", "", true},
		{"too short", "00000", "", false},
		{"wrong", known[:len(known)-1] + "z", known[:len(known)-6], false},
		{"of another text", "x" + known[1:], "x" + known[1:len(known)-6], false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checked, ok := token.CutChecksum(tt.text)
			require.Equal(t, tt.ok, ok)
			require.Equal(t, tt.checked, checked)
		})
	}
}

func TestAlphanumeric(t *testing.T) {
	require.True(t, token.Alphanumeric(""))
	require.True(t, token.Alphanumeric(token.Alphabet))
	for _, c := range []string{"/", ":", "@", "[", "`", "{", "_", "-", "\x00", "\u00e9"} {
		require.False(t, token.Alphanumeric("a"+c+"b"), "%q", c)
	}
}
