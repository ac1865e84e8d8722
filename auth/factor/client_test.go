package factor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
)

// TestClientID is read as it was written, and nothing else is one.
func TestClientID(t *testing.T) {
	for text, want := range map[string]factor.ClientID{
		user + "@" + account: {Account: account, User: user},
		user:                 {User: user},
	} {
		have, err := factor.ParseClientID(text)
		require.NoError(t, err)
		require.Equal(t, want, have)
	}
	require.Equal(t, user+"@"+account, factor.ClientID{Account: account, User: user}.String())
	for _, text := range []string{
		"", "@", user + "@", "@" + account, user + "@" + account + "@", user + "@@" + account, user + " @" + account,
		strings.ToUpper(user) + "@" + account, user + "@acme", "robot@" + account, strings.ReplaceAll(user, "-", ""),
		user + "@" + account + "\n", user + "/" + account, strings.Repeat("-", 36), strings.Repeat("0", 36), strings.Repeat("0-", 1<<19),
	} {
		_, err := factor.ParseClientID(text)
		require.ErrorIs(t, err, factor.ErrToken, "%.80q", text)
	}
}
