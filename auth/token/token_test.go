package token_test

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/token"
)

// known is a token written down, so that a change of the format is noticed:
// scanners in the field would no longer find tokens.
const known = token.Prefix + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg" + "3Aoek6"

func TestMint(t *testing.T) {
	var format token.Format
	whole := regexp.MustCompile("^" + token.Pattern + "$")
	seen := map[auth.Secret]bool{}
	characters := map[rune]int{}
	for range 2000 {
		s := format.Mint()
		require.Regexp(t, whole, s.Reveal())
		require.True(t, format.Valid(s))
		require.False(t, format.Damaged(s))
		require.False(t, seen[s], "minted twice")
		seen[s] = true
		for _, c := range s.Reveal()[len(token.Prefix) : len(token.Prefix)+43] {
			characters[c]++
		}
	}
	require.Len(t, characters, 62)
	for c, n := range characters { // 2000*43/62 = 1387, deviation 37
		require.InDelta(t, 1387, n, 300, "character %c", c)
	}
}

// TestMintSecret: a client secret is recognisable, and never taken for a token.
func TestMintSecret(t *testing.T) {
	var format token.Format
	whole := regexp.MustCompile("^" + token.SecretPattern + "$")
	seen := map[auth.Secret]bool{}
	for range 200 {
		s := format.MintSecret()
		require.Regexp(t, whole, s.Reveal())
		require.True(t, format.ValidSecret(s))
		require.False(t, format.Valid(s))
		require.True(t, format.Damaged(s), "so it is not even looked up as a token")
		require.False(t, seen[s], "minted twice")
		seen[s] = true
	}
	secret := format.MintSecret()
	for name, s := range map[string]auth.Secret{
		"empty": "", "a token": format.Mint(), "foreign": "development", "prefix alone": token.SecretPrefix,
		"cut off": secret[:len(secret)-1], "one more": secret + "0", "mistyped": secret[:30] + "-" + secret[31:],
		"wrong checksum": secret[:len(secret)-6] + "000000",
	} {
		require.False(t, format.ValidSecret(s), name)
	}
}

func TestRecognition(t *testing.T) {
	var format token.Format
	tests := []struct {
		name, text     string
		valid, damaged bool
	}{
		{"known", known, true, false},
		{"empty", "", false, false},
		{"foreign", "development", false, false},
		{"prefix in another case", "ROSTER_" + known[7:], false, false},
		{"prefix alone", token.Prefix, false, true},
		{"cut off", known[:len(known)-1], false, true},
		{"one more", known + "0", false, true},
		{"space behind", known + " ", false, true},
		{"last character changed", known[:len(known)-1] + "z", false, true},
		{"random part changed", strings.Replace(known, "012", "013", 1), false, true},
		{"two characters swapped", strings.Replace(known, "01", "10", 1), false, true},
		{"not base 62", strings.Replace(known, "0", "-", 1), false, true},
		{"NUL", strings.Replace(known, "0", "\x00", 1), false, true},
		{"very long", token.Prefix + strings.Repeat("0", 1<<20), false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.valid, format.Valid(auth.Secret(tt.text)))
			require.Equal(t, tt.damaged, format.Damaged(auth.Secret(tt.text)))
		})
	}
}

func TestEverySingleErrorIsFound(t *testing.T) {
	var format token.Format
	for i := len(token.Prefix); i < len(known); i++ {
		for _, c := range []byte("0Zz") {
			wrong := []byte(known)
			if wrong[i] == c {
				continue
			}
			wrong[i] = c
			require.True(t, format.Damaged(auth.Secret(wrong)), "%s", wrong)
		}
	}
}

func TestHash(t *testing.T) {
	var format token.Format
	hash := format.Hash(known)
	require.Equal(t, sha256.Sum256([]byte(known)), hash)
	require.True(t, format.Matches(known, hash[:]))
	require.False(t, format.Matches(known+"x", hash[:]))
	require.False(t, format.Matches(known, hash[:31]))
	require.False(t, format.Matches(known, nil))
	require.False(t, format.Matches("", make([]byte, 32)))
}

func FuzzRecognition(f *testing.F) {
	for _, seed := range []string{known, known[:20], "", token.Prefix, "Bearer", known + "\n"} {
		f.Add(seed)
	}
	whole := regexp.MustCompile("^" + token.Pattern + "$")
	f.Fuzz(func(t *testing.T, text string) {
		var format token.Format
		s := auth.Secret(text)
		if format.Valid(s) {
			require.Regexp(t, whole, text)
		}
		require.Equal(t, strings.HasPrefix(text, token.Prefix), format.Valid(s) || format.Damaged(s))
		hash := format.Hash(s)
		require.True(t, format.Matches(s, hash[:]))
	})
}

func BenchmarkMint(b *testing.B) {
	for b.Loop() {
		token.Format{}.Mint()
	}
}

func BenchmarkDamaged(b *testing.B) {
	s := token.Format{}.Mint()
	b.ReportAllocs()
	for b.Loop() {
		token.Format{}.Damaged(s)
	}
}
