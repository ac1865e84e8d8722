package password_test

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"roster/auth"
	"roster/auth/password"
)

var cheap = password.Config{Memory: 8, Time: 1, Threads: 1}

func TestHashAndVerify(t *testing.T) {
	tests := []struct {
		name          string
		set, sent     auth.Secret
		same, refused bool
	}{
		{"the same", "correct horse", "correct horse", true, false},
		{"another", "correct horse", "correct horsf", false, false},
		{"case matters", "Secret", "secret", false, false},
		{"shorter", "secret", "secre", false, false},
		{"empty sent", "secret", "", false, false},
		{"too long sent", "secret", auth.Secret(strings.Repeat("x", password.MaxLength+1)), false, false},
		{"longest", auth.Secret(strings.Repeat("x", 1024)), auth.Secret(strings.Repeat("x", 1024)), true, false},
		{"longest differs in its last byte", auth.Secret(strings.Repeat("x", 1024)), auth.Secret(strings.Repeat("x", 1023) + "y"), false, false},
		{"empty", "", "", false, true},
		{"too long", auth.Secret(strings.Repeat("x", 1025)), "", false, true},
		{"composed and decomposed", "caf\u00e9", "cafe\u0301", true, false},
		{"ideographic space", "a\u3000b", "a b", true, false},
		{"no width mapping", "\uff21", "A", false, false},
		{"not accepted by the profile", "tab\there", "tab\there", true, false},
		{"not accepted by the profile, another", "tab\there", "tab here", false, false},
		{"NUL", "a\x00b", "a\x00b", true, false},
		{"NUL does not end it", "a\x00b", "a\x00c", false, false},
		{"invalid UTF-8", "\xff\xfe", "\xff\xfe", true, false},
		{"invalid UTF-8 is not replaced", "\xff", "\xfe", false, false},
		{"right to left", "\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd", true, false},
	}
	h := password.New(cheap)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stored, err := h.Hash(t.Context(), tt.set)
			if tt.refused {
				require.ErrorIs(t, err, password.ErrLength)
				return
			}
			require.NoError(t, err)
			same, err := h.Verify(t.Context(), stored, tt.sent)
			require.NoError(t, err)
			require.Equal(t, tt.same, same)
		})
	}
}

func TestEncoding(t *testing.T) {
	first, err := password.New(password.Config{}).Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, first)

	second, err := password.New(cheap).Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.Contains(t, second, "$m=8,t=1,p=1$")
	third, err := password.New(cheap).Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.NotEqual(t, second, third, "salts differ")

	for _, stored := range []string{first, second} {
		same, err := password.New(cheap).Verify(t.Context(), stored, "secret")
		require.NoError(t, err)
		require.True(t, same, "a hash tells its own cost")
	}
}

func TestMemoryIsEnoughForThreads(t *testing.T) {
	h := password.New(password.Config{Memory: 1, Time: 1, Threads: 4})
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.Contains(t, stored, "$m=32,t=1,p=4$")
	same, err := h.Verify(t.Context(), stored, "secret")
	require.NoError(t, err)
	require.True(t, same)
}

// TestOtherSystems verifies a hash with another salt length, cost and size.
func TestOtherSystems(t *testing.T) {
	salt := []byte("somesalt")
	b64 := base64.RawStdEncoding
	stored := fmt.Sprintf("$argon2id$v=19$m=64,t=3,p=2$%s$%s", b64.EncodeToString(salt),
		b64.EncodeToString(argon2.IDKey([]byte("password"), salt, 3, 64, 2, 24)))
	same, err := password.New(cheap).Verify(t.Context(), stored, "password")
	require.NoError(t, err)
	require.True(t, same)
}

func TestStoredHashIsRefused(t *testing.T) {
	const salt, hash = "c29tZXNhbHQ", "MDEyMzQ1Njc4OWFiY2RlZg"
	tests := []struct{ name, stored string }{
		{"empty", ""},
		{"plain text", "secret"},
		{"other algorithm", "$argon2d$v=19$m=8,t=1,p=1$" + salt + "$" + hash},
		{"old version", "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + hash},
		{"no version", "$argon2id$m=8,t=1,p=1$" + salt + "$" + hash},
		{"memory bomb", "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + hash},
		{"memory above the bound", "$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + hash},
		{"memory overflows", "$argon2id$v=19$m=4294967304,t=1,p=1$" + salt + "$" + hash},
		{"time bomb", "$argon2id$v=19$m=8,t=4294967295,p=1$" + salt + "$" + hash},
		{"each in bounds, their product not", "$argon2id$v=19$m=262144,t=5,p=1$" + salt + "$" + hash},
		{"no passes", "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + hash},
		{"no threads", "$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + hash},
		{"threads bomb", "$argon2id$v=19$m=262144,t=1,p=255$" + salt + "$" + hash},
		{"memory too small for the threads", "$argon2id$v=19$m=15,t=1,p=2$" + salt + "$" + hash},
		{"negative", "$argon2id$v=19$m=-8,t=1,p=1$" + salt + "$" + hash},
		{"other order", "$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + hash},
		{"parameter missing", "$argon2id$v=19$m=8,t=1$" + salt + "$" + hash},
		{"parameter too many", "$argon2id$v=19$m=8,t=1,p=1,x=1$" + salt + "$" + hash},
		{"no salt", "$argon2id$v=19$m=8,t=1,p=1$$" + hash},
		{"short hash", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$MDEy"},
		{"no hash", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$"},
		{"padding", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "=$" + hash},
		{"line break", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "\n$" + hash},
		{"leading zero", "$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + hash},
		{"stray bits", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash[:21] + "h"},
		{"field too many", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash + "$"},
		{"very long", "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat("A", 1<<20)},
	}
	h := password.New(cheap)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same, err := h.Verify(t.Context(), tt.stored, "secret")
			require.ErrorIs(t, err, password.ErrFormat)
			require.False(t, same)
			require.Less(t, len(err.Error()), 250)
			require.NotContains(t, err.Error(), hash)
		})
	}
}

func TestOwnCostIsAccepted(t *testing.T) {
	h := password.New(password.Config{Memory: 8, Time: 1, Threads: 17})
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	same, err := h.Verify(t.Context(), stored, "secret")
	require.NoError(t, err)
	require.True(t, same)
	_, err = password.New(cheap).Verify(t.Context(), stored, "secret")
	require.ErrorIs(t, err, password.ErrFormat)
}

func TestWaitingGivesUp(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	h := password.New(cheap)
	_, err := h.Hash(ended, "secret")
	require.ErrorIs(t, err, context.Canceled)
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	_, err = h.Verify(ended, stored, "secret")
	require.ErrorIs(t, err, context.Canceled)
}

func TestConcurrent(t *testing.T) {
	h := password.New(password.Config{Memory: 8, Time: 1, Threads: 1, Concurrent: 2})
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			same, err := h.Verify(t.Context(), stored, auth.Secret([]string{"secret", "other"}[i%2]))
			if err != nil || same != (i%2 == 0) {
				t.Errorf("%d: %v, %v", i, same, err)
			}
		})
	}
	all.Wait()
}

func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg", "secret")
	f.Add("$argon2id$v=19$m=99999999999,t=0,p=1$$", "\xff")
	f.Add("", "")
	h := password.New(cheap)
	f.Fuzz(func(t *testing.T, stored, sent string) {
		if strings.Count(stored, "$") == 5 && !strings.Contains(stored, "m=8,t=1,p=1$") {
			return // legal but slow
		}
		same, err := h.Verify(t.Context(), stored, auth.Secret(sent))
		require.False(t, same && err != nil)
	})
}

func BenchmarkHash(b *testing.B) {
	h := password.New(password.Config{})
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestBurn(t *testing.T) {
	h := password.New(cheap)
	for _, sent := range []auth.Secret{"secret", "", auth.Secret(strings.Repeat("x", 2000)), "\xff"} {
		require.NoError(t, h.Burn(t.Context(), sent))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, h.Burn(ended, "secret"), context.Canceled)
}

func base64Of(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// pbkdf2Of is one round of PBKDF2 with SHA-256 and the salt "salt".
func pbkdf2Of(t *testing.T, text string, length int) []byte {
	key, err := pbkdf2.Key(sha256.New, text, []byte("salt"), 1, length)
	require.NoError(t, err)
	return key
}
