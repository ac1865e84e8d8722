package jwt

import (
	"crypto"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
)

// TestMemory: what is remembered is that a token is signed with one key, and only of
// a token that is.
func TestMemory(t *testing.T) {
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			key, stranger := authtest.NewKey(t, "k", algorithm), authtest.NewKey(t, "k", algorithm)
			good := key.Sign(t, map[string]any{"sub": "s", "aud": []string{"a"}})
			var m Memory
			parsed := func(text auth.Secret) Token {
				token, err := m.Parse(text)
				require.NoError(t, err)
				return token
			}
			public, other := key.Public().Key, stranger.Public().Key
			read, err := Parse(good)
			require.NoError(t, err)
			require.NoError(t, read.Verify(public))
			for name, bad := range map[string]struct {
				text auth.Secret
				keys []crypto.PublicKey
			}{
				"no key":          {good, nil},
				"another key":     {good, []crypto.PublicKey{other}},
				"not public":      {good, []crypto.PublicKey{key.Key, "key"}},
				"another token":   {stranger.Sign(t, read.Claims), []crypto.PublicKey{public}},
				"tampered":        {good[:len(good)-8] + "AAAAAAAA", []crypto.PublicKey{public}},
				"another's claim": {auth.Secret(strings.Replace(good.Reveal(), ".", ".e30", 1)), nil},
			} {
				for range 2 {
					token, err := m.Parse(bad.text)
					if err == nil {
						err = token.Verify(bad.keys...)
					}
					require.Error(t, err, name)
				}
			}
			_, err = m.Parse(good + ".")
			require.Equal(t, ErrMalformed, err)
			require.Empty(t, m.tokens)

			require.NoError(t, parsed(good).Verify(other, public))
			require.Len(t, m.tokens, 1)
			again := parsed(good)
			require.Equal(t, []any{read.Subject, read.Audience, read.Claims, read.Signed()}, []any{again.Subject, again.Audience, again.Claims, again.Signed()})
			require.Equal(t, ErrSignature, again.Verify(other), "the key is gone")
			require.Equal(t, ErrSignature, again.Verify())
			again.text = ""
			require.NoError(t, again.Verify(other, public), "nothing is computed")
			require.NotContains(t, fmt.Sprintf("%+v", &m), good.Reveal()[:40])
		})
	}
}

// TestMemoryIsBounded: and knows the newest token.
func TestMemoryIsBounded(t *testing.T) {
	key := authtest.NewKey(t, "k", "EdDSA")
	var m Memory
	for n := range 400 {
		text := key.Sign(t, map[string]any{"n": n, "filling": strings.Repeat("x", 11_000)})
		for range 2 {
			token, err := m.Parse(text)
			require.NoError(t, err)
			require.NoError(t, token.Verify(key.Public().Key))
			require.Contains(t, m.tokens, token.hash)
		}
		var size int
		for _, remembered := range m.tokens {
			size += remembered.size
		}
		require.Equal(t, size, m.size)
		require.LessOrEqual(t, size, maxRemembered)
	}
	require.Greater(t, len(m.tokens), 200)
}
