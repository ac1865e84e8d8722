package credentials_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// TestThousandWrongPasswords: one after the other or all at once, only as many are
// looked at as the account allows; then the user is locked, for the right password
// too, until somebody unlocks.
func TestThousandWrongPasswords(t *testing.T) {
	for name, guess := range map[string]func(s *server){
		"sequential": func(s *server) {
			for range 1000 {
				_, err := s.login(wrong)
				requireCode(s.t, err, 403, model.AuthenticationFailed)
			}
		},
		"parallel": func(s *server) {
			succeeded, failed := atOnce(1000, func(int) error { _, err := s.login(wrong); return err })
			require.Zero(s.t, succeeded)
			for _, err := range failed {
				requireCode(s.t, err, 403, model.AuthenticationFailed)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				id := s.ada()
				guess(s)
				require.EqualValues(t, 10, s.hasher.verified.Load(), "passwords that were looked at")
				require.EqualValues(t, 990, s.hasher.burnt.Load(), "and the others cost the same")
				require.EqualValues(t, 10, s.failures(id))
				require.Equal(t, model.Locked, s.user(id).Status())
				require.True(t, s.user(id).A("locked").Bool())
				require.True(t, s.user(id).Get("active").Bool(), "a lock is no deactivation")
				require.Equal(t, []string{"user.created", model.ActionLockOut}, s.history(id), "one event, not a thousand")

				_, err := s.login(right)
				requireCode(t, err, 403, model.AuthenticationFailed)
				_, err = s.Users.Unlock(s.ctx, s.call, id, nil)
				require.NoError(t, err)
				_, err = s.login(right)
				require.NoError(t, err)
				require.Zero(t, s.failures(id))
			})
		})
	}
}

// TestSuccessForgetsFailures: only failures in a row count.
func TestSuccessForgetsFailures(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		for range 3 {
			for range 9 {
				_, err := s.login(wrong)
				require.Error(t, err)
			}
			require.EqualValues(t, 9, s.failures(id))
			_, err := s.login(right)
			require.NoError(t, err)
			require.Zero(t, s.failures(id))
		}
	})
}

// TestNewPasswordForgetsFailures: whoever sets it, and over SCIM too. A locked user
// stays locked.
func TestNewPasswordForgetsFailures(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	for name, set := range map[string]func() error{
		"verb": func() error { _, err := s.SetPassword(s.ctx, s.call, id, right, true, nil); return err },
		"SCIM": func() error {
			scim := s.call
			scim.Source = model.SourceSCIM
			_, err := s.Users.Provider.Patch(s.ctx, scim, s.Users.Type, id,
				parse(t, `{"Operations":[{"op":"replace","path":"password","value":"`+right.Reveal()+`"}]}`), nil, provider.Projection{})
			return err
		},
		"SCIM, with unlock": func() error {
			scim := s.call
			scim.Source = model.SourceSCIM
			_, err := s.Users.Lock(s.ctx, s.call, id, nil)
			require.NoError(t, err)
			_, err = s.Users.Provider.Patch(s.ctx, scim, s.Users.Type, id,
				parse(t, `{"Operations":[{"op":"replace","value":{"password":"`+right.Reveal()+`","`+model.UserURN+`:locked":false}}]}`), nil, provider.Projection{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.login(wrong)
			require.Error(t, err)
			require.NotZero(t, s.failures(id))
			require.NoError(t, set())
			require.Zero(t, s.failures(id))
			require.Equal(t, model.Active, s.user(id).Status())
		})
	}
	_, err := s.Users.Lock(s.ctx, s.call, id, nil)
	require.NoError(t, err)
	_, err = s.SetPassword(s.ctx, s.call, id, right, false, nil)
	require.NoError(t, err)
	require.Equal(t, model.Locked, s.user(id).Status())
}

// TestHangingUp: a client that goes away before it is told has guessed all the same.
func TestHangingUp(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	ctx, hangUp := context.WithCancel(s.ctx)
	s.hasher.afterVerify = hangUp
	_, err := s.Authenticate(ctx, s.call, "ada@example.com", wrong)
	require.Error(t, err)
	require.EqualValues(t, 1, s.failures(id))
}

// TestNobodyIsLocked: failures of those who cannot be guessed at lock nobody.
func TestNobodyIsLocked(t *testing.T) {
	s := newServer(t)
	invited := s.human("bob@example.com", func(n *model.NewUser) { n.EmailVerified = model.Say(false) })
	keyless := s.human("cem@example.com", func(n *model.NewUser) {
		n.Password, n.IdPLinks = "", []model.IdPLink{{IdP: "google", ExternalUserID: "1"}}
	})
	for range 11 {
		for _, name := range []string{"bob@example.com", "cem@example.com", "nobody"} {
			_, err := s.Authenticate(s.ctx, s.call, name, wrong)
			requireCode(t, err, 403, model.AuthenticationFailed)
		}
	}
	require.Equal(t, model.Invited, s.user(invited).Status())
	require.Equal(t, model.Active, s.user(keyless).Status())
	require.Zero(t, s.failures(invited)+s.failures(keyless))
}

// TestWrongCodesCount: a second factor cannot be guessed either, also if the
// password is right each time. Those who were locked cannot go on with a login that
// they began before.
func TestWrongCodesCount(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		secret := s.withTOTP(id)
		s.hasher.verified.Store(0)
		first := s.begun()
		for range 10 {
			requireCode(t, s.answer(s.begun(), credentials.TOTP, "000000"), 403, model.AuthenticationFailed)
		}
		require.Equal(t, model.Locked, s.user(id).Status())
		require.EqualValues(t, 10, s.failures(id))
		requireCode(t, s.answer(first, credentials.TOTP, s.code(secret)), 403, model.AuthenticationFailed)
		_, err := s.login(right)
		requireCode(t, err, 403, model.AuthenticationFailed)
	})
}

// TestParallelCodes: all possible codes at once are no more than the bound.
func TestParallelCodes(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	s.withTOTP(id)
	transaction := s.begun()
	succeeded, failed := atOnce(200, func(i int) error {
		return s.answer(transaction, credentials.TOTP, auth.Secret("000000"))
	})
	require.Zero(t, succeeded)
	require.Len(t, failed, 200)
	require.EqualValues(t, 10, s.failures(id))
	require.Equal(t, model.Locked, s.user(id).Status())
}

// TestLowerBound: an account that allows fewer failures than a user has had locks
// that user at the next attempt, without looking at it.
func TestLowerBound(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	for range 5 {
		_, err := s.login(wrong)
		require.Error(t, err)
	}
	s.settings.MaxFailedLogins = 3
	_, err := s.login(right)
	requireCode(t, err, 403, model.AuthenticationFailed)
	require.EqualValues(t, 5, s.hasher.verified.Load())
	require.Equal(t, model.Locked, s.user(id).Status())
}

// TestRemovalForgetsFailures: a restored user begins anew.
func TestRemovalForgetsFailures(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	_, err := s.login(wrong)
	require.Error(t, err)
	require.NoError(t, s.Users.Remove(s.ctx, s.call, id, nil))
	require.Zero(t, s.failures(id))
}

// TestTwoProcesses: of two servers on one store that take an answer each in the same
// login at once, one lets the user in.
func TestTwoProcesses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		secret := s.withTOTP(id)
		_, _, err := s.AddChannel(s.ctx, s.call, id, credentials.SMS, nil)
		require.NoError(t, err)
		other := credentials.New(s.Config)
		defer other.Close()
		transaction := s.begun()
		_, err = s.Challenge(s.ctx, s.call, transaction, credentials.SMS)
		require.NoError(t, err)
		sent := auth.Secret(s.notifier.last().Values["code"])
		meddle(s, func() {
			requireCode(t, s.answer(transaction, credentials.TOTP, s.code(secret)), 410, model.Expired)
		}, func() {
			_, err := other.AnswerFactor(s.ctx, s.call, transaction, credentials.Answer{FactorID: credentials.SMS, Code: sent})
			require.NoError(t, err)
		})
	})
}
