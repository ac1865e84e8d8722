package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// totp is a function of scripts: what an authenticator app shows for a secret, or
// will show so many steps later.
func totp(_ context.Context, words []string) (scim.Value, error) {
	secret, later := words[0], int64(0)
	if len(words) > 1 {
		n, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return scim.Value{}, err
		}
		later = n
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	return scim.StringValue(codeOf(key, time.Now().Unix()/30+later)), err
}

// codeOf is RFC 6238 with the parameters that every app knows.
func codeOf(key []byte, step int64) string {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&(1<<31-1)%1e6)
}

// TestCodeOf: the table of RFC 6238, appendix B, to six digits.
func TestCodeOf(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 20000000000: "353130"} {
		require.Equal(t, want, codeOf([]byte("12345678901234567890"), at/30))
	}
}
