package factor_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
)

const keyText auth.Secret = "0123456789abcdef0123456789abcdef"

func newKey(t testing.TB, secret auth.Secret) *factor.Key {
	k, err := factor.NewKey(secret)
	require.NoError(t, err)
	return k
}

// others are uses that differ from invitation in one point.
var others = map[string]factor.Use{
	"purpose":       {Purpose: "reset", Account: account, User: user},
	"account":       {Purpose: "invitation", Account: credential, User: user},
	"user":          {Purpose: "invitation", Account: account, User: credential},
	"swapped":       {Purpose: "invitation", Account: user, User: account},
	"moved":         {Purpose: "invitation", Account: account + user[:1], User: user[1:]},
	"nobody at all": {},
}

func TestSeal(t *testing.T) {
	k := newKey(t, keyText)
	for _, plain := range []string{"", "x", rfcSecret.Reveal(), strings.Repeat("long", 10_000)} {
		sealed := k.Seal(invitation, []byte(plain))
		require.Len(t, sealed, len(plain)+28)
		opened, err := k.Open(invitation, sealed)
		require.NoError(t, err)
		require.Equal(t, plain, string(opened))
		require.NotEqual(t, sealed, k.Seal(invitation, []byte(plain)), "the same value twice cannot be seen")
	}
}

func TestSealedCannotBeOpened(t *testing.T) {
	k := newKey(t, keyText)
	sealed := k.Seal(invitation, []byte("secret"))
	for name, use := range others {
		_, err := k.Open(use, sealed)
		require.ErrorIs(t, err, factor.ErrSealed, "other %s", name)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		_, err := k.Open(invitation, changed)
		require.ErrorIs(t, err, factor.ErrSealed, "byte %d", i)
	}
	for _, short := range [][]byte{nil, sealed[:1], sealed[:27], sealed[:len(sealed)-1]} {
		_, err := k.Open(invitation, short)
		require.ErrorIs(t, err, factor.ErrSealed)
	}
	_, err := newKey(t, "another "+keyText).Open(invitation, sealed)
	require.ErrorIs(t, err, factor.ErrSealed, "other key")
	opened, err := newKey(t, keyText).Open(invitation, sealed)
	require.NoError(t, err, "the same key, made again")
	require.Equal(t, "secret", string(opened))
}

func TestNewKeyRefuses(t *testing.T) {
	for _, secret := range []auth.Secret{"", "short", keyText[:31]} {
		_, err := factor.NewKey(secret)
		require.ErrorIs(t, err, factor.ErrKey)
	}
}

func TestHashCode(t *testing.T) {
	k := newKey(t, keyText)
	hash := k.HashCode(invitation, "123456")
	require.Len(t, hash, 48)
	require.True(t, k.CodeMatches(invitation, "123456", hash))
	require.True(t, newKey(t, keyText).CodeMatches(invitation, "123456", hash), "the same key, made again")
	require.NotEqual(t, hash, k.HashCode(invitation, "123456"), "equal codes cannot be seen")

	for name, use := range others {
		require.False(t, k.CodeMatches(use, "123456", hash), "other %s", name)
	}
	require.False(t, newKey(t, "another "+keyText).CodeMatches(invitation, "123456", hash), "other key")
	for _, code := range []auth.Secret{"123457", "12345", "1234567", "", "٣٤٥٦٧٨", "123456\x00"} {
		require.False(t, k.CodeMatches(invitation, code, hash), "%s", code.Reveal())
	}
	for _, damaged := range [][]byte{nil, hash[:47], append(bytes.Clone(hash), 0), make([]byte, 48)} {
		require.False(t, k.CodeMatches(invitation, "123456", damaged))
	}
}

// TestHashOfNoCode: what is no code matches nothing, not even its own hash.
func TestHashOfNoCode(t *testing.T) {
	k := newKey(t, keyText)
	for _, code := range []auth.Secret{"", "12345", auth.Secret(strings.Repeat("1", 65)), auth.Secret(strings.Repeat(" ", 1<<20))} {
		require.False(t, k.CodeMatches(invitation, code, k.HashCode(invitation, code)))
	}
}

func TestHowPeopleWriteCodes(t *testing.T) {
	k := newKey(t, keyText)
	tests := []struct{ code, written auth.Secret }{
		{"123456", "123 456"},
		{"123456", " 123-456 "},
		{"7k2m-q9xz-4t8d", "7K2M Q9XZ 4T8D"},
		{"7k2m-q9xz-4t8d", "7k2mq9xz4t8d"},
		{"0k1m-q910-4t8d", "Ok1m-q9Io-4t8d"},
		{"0k1m-q910-4t8d", "oklm-q9l0-4t8d"},
	}
	for _, tt := range tests {
		require.True(t, k.CodeMatches(invitation, tt.written, k.HashCode(invitation, tt.code)), tt.written.Reveal())
	}
}

func TestFindCode(t *testing.T) {
	k := newKey(t, keyText)
	codes := factor.NewRecoveryCodes()
	var hashes [][]byte
	for _, code := range codes {
		hashes = append(hashes, k.HashCode(invitation, code))
	}
	for i, code := range codes {
		index, found := k.FindCode(invitation, code, hashes)
		require.True(t, found)
		require.Equal(t, i, index)
	}
	_, found := k.FindCode(invitation, factor.NewRecoveryCodes()[0], hashes)
	require.False(t, found)
	_, found = k.FindCode(invitation, codes[0], nil)
	require.False(t, found)
	_, found = k.FindCode(invitation, codes[0], hashes[1:])
	require.False(t, found, "a used code is taken out")
}

// TestKeyIsNotPrinted: neither the key nor what is derived from it.
func TestKeyIsNotPrinted(t *testing.T) {
	k := newKey(t, keyText)
	var logs bytes.Buffer
	slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "key", k)
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "key", k)
	printed := logs.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed += fmt.Sprintf(verb, k) + fmt.Sprintf(verb, *k) + fmt.Sprintf(verb, struct{ K *factor.Key }{k})
	}
	require.NotContains(t, printed, keyText.Reveal()[:8])
	require.NotContains(t, printed, hex.EncodeToString([]byte(keyText.Reveal()[:4])))
	require.NotRegexp(t, `(\b\d{1,3} ){8}`, printed, "no bytes either")
	require.NotRegexp(t, `(0x[0-9a-f]{1,2}, ){8}`, printed)
}

func FuzzCodeMatches(f *testing.F) {
	f.Add("123456", "123 456", []byte("x"))
	f.Add("7k2m-q9xz-4t8d", "7K2MQ9XZ4T8D", []byte{})
	k := newKey(f, keyText)
	f.Fuzz(func(t *testing.T, code, sent string, hash []byte) {
		require.False(t, k.CodeMatches(invitation, auth.Secret(sent), hash), "a hash that was not made")
		stored := k.HashCode(invitation, auth.Secret(code))
		same := k.CodeMatches(invitation, auth.Secret(sent), stored)
		require.False(t, same && !k.CodeMatches(invitation, auth.Secret(code), stored))
	})
}

func BenchmarkCodeMatches(b *testing.B) {
	k := newKey(b, keyText)
	hash := k.HashCode(invitation, "123456")
	for b.Loop() {
		k.CodeMatches(invitation, "123456", hash)
	}
}
