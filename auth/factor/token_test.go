package factor_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/token"
)

const (
	account    = "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
	user       = "0199a1b2-ffff-7000-8000-000000000001"
	credential = "0199a1b2-ffff-7000-bfff-000000000002"
	random     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg"

	hexAccount, hexUser, hexCredential = "0199a1b2c3d47e5f8a6b7c8d9e0f1a2b", "0199a1b2ffff70008000000000000001", "0199a1b2ffff7000bfff000000000002"
)

var invitation = factor.Use{Purpose: "invitation", Account: account, User: user}

// knownOneTime and knownAccess are written down, so that a change of the format is
// noticed: links in the mail would no longer work.
const (
	knownOneTime = "roster_once_invitation_" + hexAccount + hexUser + random + "2BSfXa"
	knownAccess  = "roster_pat_" + hexAccount + hexUser + hexCredential + random + "2E08Sh"
)

func checked(text string) auth.Secret { return auth.Secret(token.AppendChecksum([]byte(text))) }

func TestKnownTokens(t *testing.T) {
	use, err := factor.ParseOneTime(knownOneTime)
	require.NoError(t, err)
	require.Equal(t, invitation, use)
	machine, err := factor.ParseMachineToken(knownAccess)
	require.NoError(t, err)
	require.Equal(t, factor.MachineToken{Form: factor.AccessToken, Account: account, User: user, Credential: credential}, machine)
}

func TestOneTimeToken(t *testing.T) {
	pattern := regexp.MustCompile("^" + factor.OneTimePattern + "$")
	for _, purpose := range []factor.Purpose{"invitation", "reset", "x", "abcdefghijklmnop"} {
		use := factor.Use{Purpose: purpose, Account: account, User: user}
		s, err := use.Mint()
		require.NoError(t, err)
		require.Regexp(t, pattern, s.Reveal())
		parsed, err := factor.ParseOneTime(s)
		require.NoError(t, err)
		require.Equal(t, use, parsed)

		hash := factor.Hash(s)
		require.True(t, factor.Matches(s, hash[:]))
		another, err := use.Mint()
		require.NoError(t, err)
		require.False(t, factor.Matches(another, hash[:]))
		require.False(t, factor.Matches(s, nil))
	}
}

func TestMachineToken(t *testing.T) {
	pattern := regexp.MustCompile("^" + factor.MachinePattern + "$")
	for _, form := range []factor.Form{factor.ClientSecret, factor.AccessToken} {
		m := factor.MachineToken{Form: form, Account: account, User: user, Credential: credential}
		s, err := m.Mint()
		require.NoError(t, err)
		require.Regexp(t, pattern, s.Reveal())
		parsed, err := factor.ParseMachineToken(s)
		require.NoError(t, err)
		require.Equal(t, m, parsed)
		hash := factor.Hash(s)
		require.True(t, factor.Matches(s, hash[:]))
		require.Less(t, len(s), 256, "it fits where tokens are kept")
	}
}

// TestAChangedTokenMatchesNothing: the hash covers all that a token says, so nobody
// can make one of another purpose or user out of it.
func TestAChangedTokenMatchesNothing(t *testing.T) {
	hash := factor.Hash(knownOneTime)
	for _, change := range [][2]string{{"invitation", "reset"}, {hexUser, hexCredential}, {hexAccount, hexCredential}, {random, strings.ToUpper(random)}} {
		text, _ := token.CutChecksum(strings.Replace(knownOneTime, change[0], change[1], 1))
		forged := checked(text)
		_, err := factor.ParseOneTime(forged)
		require.NoError(t, err, "the form is right")
		require.False(t, factor.Matches(forged, hash[:]))
	}
}

func TestMintRefuses(t *testing.T) {
	for _, purpose := range []factor.Purpose{"", "Reset", "re set", "re_set", "é", "abcdefghijklmnopq"} {
		_, err := factor.Use{Purpose: purpose, Account: account, User: user}.Mint()
		require.ErrorIs(t, err, factor.ErrToken, purpose)
	}
	for _, form := range []factor.Form{"", "key", "once"} {
		_, err := factor.MachineToken{Form: form, Account: account, User: user, Credential: credential}.Mint()
		require.ErrorIs(t, err, factor.ErrToken, form)
	}
	for _, id := range []string{
		"", "a", hexUser, strings.ToUpper(user), "{" + user + "}", user + "0", "0199a1b2ffff-7000-8000-0000-00000001-",
		"0199a1b2-ffff-7000-8000-00000000000g", "../../../../../../../../../../../../x",
	} {
		_, err := factor.Use{Purpose: "reset", Account: account, User: id}.Mint()
		require.ErrorIs(t, err, factor.ErrToken, id)
		_, err = factor.MachineToken{Form: factor.AccessToken, Account: id, User: user, Credential: credential}.Mint()
		require.ErrorIs(t, err, factor.ErrToken, id)
	}
}

func TestParseRefuses(t *testing.T) {
	once := "roster_once_reset_" + hexAccount + hexUser + random
	pat := "roster_pat_" + hexAccount + hexUser + hexCredential + random
	tests := []struct {
		name string
		s    auth.Secret
	}{
		{"empty", ""},
		{"foreign", "development"},
		{"prefix alone", "roster_once_"},
		{"purpose alone", "roster_once_reset_"},
		{"bearer token", token.Format{}.Mint()},
		{"no purpose", checked("roster_once__" + hexAccount + hexUser + random)},
		{"purpose in capitals", checked(strings.Replace(once, "reset", "RESET", 1))},
		{"long purpose", checked(strings.Replace(once, "reset", "abcdefghijklmnopq", 1))},
		{"cut off", checked(once)[:100]},
		{"one more", checked(once) + "0"},
		{"space behind", checked(once) + " "},
		{"wrong checksum", auth.Secret(once + "000000")},
		{"not base 62", checked(strings.Replace(once, "A", "-", 1))},
		{"id in capitals", checked(strings.Replace(once, "c3d4", "C3D4", 1))},
		{"id is none", checked(strings.Replace(once, "c3d4", "wxyz", 1))},
		{"an id missing", checked("roster_once_reset_" + hexAccount + random)},
		{"an id more", checked("roster_once_reset_" + hexAccount + hexUser + hexUser + random)},
		{"machine token without credential", checked("roster_pat_" + hexAccount + hexUser + random)},
		{"unknown form", checked(strings.Replace(pat, "pat", "key", 1))},
		{"form in capitals", checked(strings.Replace(pat, "pat", "PAT", 1))},
		{"very long", auth.Secret("roster_once_" + strings.Repeat("a", 1<<20))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			use, err := factor.ParseOneTime(tt.s)
			require.ErrorIs(t, err, factor.ErrToken)
			require.Zero(t, use)
			require.Less(t, len(err.Error()), 150)
			require.NotContains(t, err.Error(), random)
			machine, err := factor.ParseMachineToken(tt.s)
			require.ErrorIs(t, err, factor.ErrToken)
			require.Zero(t, machine)
		})
	}
	_, err := factor.ParseMachineToken(checked(once))
	require.ErrorIs(t, err, factor.ErrToken, "a one-time token is no machine token")
	_, err = factor.ParseOneTime(checked(pat))
	require.ErrorIs(t, err, factor.ErrToken, "nor the other way round")
}

// TestOthersAreNoBearerTokens: package token finds them damaged, and no scanner
// takes one for the other.
func TestOthersAreNoBearerTokens(t *testing.T) {
	bearer := regexp.MustCompile(token.Pattern)
	for _, s := range []auth.Secret{knownOneTime, knownAccess} {
		require.True(t, token.Format{}.Damaged(s))
		require.False(t, bearer.MatchString(s.Reveal()))
	}
	minted := token.Format{}.Mint().Reveal()
	require.NotRegexp(t, factor.OneTimePattern, minted)
	require.NotRegexp(t, factor.MachinePattern, minted)
}

// FuzzParse: what is accepted is what would be minted for what it claims.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{knownOneTime, knownAccess, knownOneTime[:40], "", "roster_once_a_", "roster_secret_" + knownAccess[11:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if use, err := factor.ParseOneTime(auth.Secret(text)); err == nil {
			require.Regexp(t, "^"+factor.OneTimePattern+"$", text)
			again, err := use.Mint()
			require.NoError(t, err)
			require.Equal(t, text[:len(text)-49], again.Reveal()[:len(text)-49])
		}
		if m, err := factor.ParseMachineToken(auth.Secret(text)); err == nil {
			require.Regexp(t, "^"+factor.MachinePattern+"$", text)
			again, err := m.Mint()
			require.NoError(t, err)
			require.Equal(t, text[:len(text)-49], again.Reveal()[:len(text)-49])
		}
	})
}

func BenchmarkParseMachineToken(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := factor.ParseMachineToken(knownAccess); err != nil {
			b.Fatal(err)
		}
	}
}
