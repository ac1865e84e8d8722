package credentials_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/credentials"
)

// pat makes a personal access token for a machine.
func (s *server) pat(id string) auth.Secret {
	s.t.Helper()
	_, text, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Granter: operator()}, nil)
	require.NoError(s.t, err)
	return text
}

// TestCredentialsEndWithTheMachine at once, and come back only with a machine that
// was not removed.
func TestCredentialsEndWithTheMachine(t *testing.T) {
	for name, tt := range map[string]struct {
		end, back func(s *server, id string) error
		revived   bool
	}{
		"deactivated": {
			func(s *server, id string) error { _, err := s.Users.Deactivate(s.ctx, s.call, id, nil); return err },
			func(s *server, id string) error { _, err := s.Users.Reactivate(s.ctx, s.call, id, nil); return err }, true,
		},
		"locked": {
			func(s *server, id string) error { _, err := s.Users.Lock(s.ctx, s.call, id, nil); return err },
			func(s *server, id string) error { _, err := s.Users.Unlock(s.ctx, s.call, id, nil); return err }, true,
		},
		"removed": {
			func(s *server, id string) error { return s.Users.Remove(s.ctx, s.call, id, nil) },
			func(s *server, id string) error { _, err := s.Users.Restore(s.ctx, s.call, id, nil); return err }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				id := s.robot()
				token := s.pat(id)
				secret, _, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Granter: operator()}, nil)
				require.NoError(t, err)
				key, _, _, err := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Granter: operator()}, nil)
				require.NoError(t, err)
				lets := func() (in []bool) {
					for _, text := range []auth.Secret{token, secret.Secret} {
						_, err := s.shown(text)
						in = append(in, err == nil)
					}
					_, _, _, err := s.clients().Key(s.ctx, secret.ClientID, key.ID)
					return append(in, err == nil)
				}
				require.Equal(t, []bool{true, true, true}, lets())
				require.NoError(t, tt.end(s, id))
				require.Equal(t, []bool{false, false, false}, lets())
				require.NoError(t, tt.back(s, id))
				require.Equal(t, []bool{tt.revived, tt.revived, tt.revived}, lets())
				require.Equal(t, tt.revived, s.user(id).A("machine").Get("hasSecret").Bool())
			})
		})
	}
}

// TestForgedTokens: a token says whose it is, and that is not believed.
func TestForgedTokens(t *testing.T) {
	s := newServer(t)
	id := s.robot()
	token := s.pat(id)
	secret, _, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Granter: operator()}, nil)
	require.NoError(t, err)
	own, err := factor.ParseMachineToken(token)
	require.NoError(t, err)
	forged := func(change func(*factor.MachineToken)) auth.Secret {
		m := own
		change(&m)
		text, err := m.Mint()
		require.NoError(t, err)
		return text
	}
	for name, text := range map[string]auth.Secret{
		"empty": "", "rubbish": "roster_pat_x", "cut": token[:len(token)-1], "longer": token + "x", "huge": auth.Secret(strings.Repeat("x", 1<<20)),
		"guessed":         forged(func(*factor.MachineToken) {}),
		"other account":   forged(func(m *factor.MachineToken) { m.Account = string(globex) }),
		"other user":      forged(func(m *factor.MachineToken) { m.User = string(globex) }),
		"other id":        forged(func(m *factor.MachineToken) { m.Credential = string(globex) }),
		"as secret":       forged(func(m *factor.MachineToken) { m.Form = factor.ClientSecret }),
		"human":           forged(func(m *factor.MachineToken) { m.User = s.ada() }),
		"secret as token": auth.Secret(strings.Replace(secret.Secret.Reveal(), "_secret_", "_pat_", 1)),
	} {
		t.Run(name, func(t *testing.T) { s.dead(text) })
	}
	_, err = s.shown(token)
	require.NoError(t, err)
}

// TestAuthenticator: only personal access tokens are bearer tokens.
func TestAuthenticator(t *testing.T) {
	s := newServer(t)
	id := s.robot()
	secret, _, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Granter: operator()}, nil)
	require.NoError(t, err)
	gate := credentials.Authenticator{Credentials: s.Credentials}
	p, err := gate.Authenticate(s.ctx, s.pat(id))
	require.NoError(t, err)
	require.Equal(t, id, p.User)
	for _, other := range []auth.Secret{secret.Secret, "", "roster_x", "roster_pat_broken", "eyJ.a.b"} {
		p, err = gate.Authenticate(s.ctx, other)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		require.Nil(t, p)
	}
}

// TestLastUse is known to the minute, and is no change of the user.
func TestLastUse(t *testing.T) {
	s := newServer(t)
	id := s.robot()
	made, text, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Granter: operator()}, nil)
	require.NoError(t, err)
	version := s.user(id).Get("meta").String()
	used := func() time.Time {
		_, err := s.shown(text)
		require.NoError(t, err)
		s.Settle()
		token, err := s.Token(s.ctx, s.call, id, made.ID)
		require.NoError(t, err)
		return token.Used
	}
	token, err := s.Token(s.ctx, s.call, id, made.ID)
	require.NoError(t, err)
	require.Zero(t, token.Used)
	first := s.now()
	require.True(t, used().Equal(first))
	s.pass(59 * time.Second)
	require.True(t, used().Equal(first))
	s.pass(time.Second)
	require.True(t, used().Equal(first.Add(time.Minute)))
	require.Equal(t, version, s.user(id).Get("meta").String())
	_, err = s.RemoveToken(s.ctx, s.call, id, made.ID, nil)
	require.NoError(t, err)
	require.Empty(t, s.sides(id))
}
