package invitations_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
)

// many is how many do something at once.
const many = 16

// atOnce calls do from many goroutines and returns how many errors there were of
// each code; "" is success.
func atOnce(t *testing.T, do func(n int) error) map[string]int {
	var wait sync.WaitGroup
	start, errs := make(chan struct{}), make([]error, many)
	for n := range many {
		wait.Go(func() {
			<-start
			errs[n] = do(n)
		})
	}
	close(start)
	wait.Wait()
	codes := map[string]int{}
	for _, err := range errs {
		if err != nil {
			require.NotEmpty(t, model.CodeOf(err), "%v", err)
		}
		codes[model.CodeOf(err)]++
	}
	return codes
}

// TestTrap4_AcceptedTwiceAtOnce: one wins, and it is that one's password.
func TestTrap4_AcceptedTwiceAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		token := f.token(ada)
		winner := make(chan auth.Secret, many)
		codes := atOnce(t, func(n int) error {
			mine := auth.Secret(fmt.Sprintf("my own password %d", n))
			_, err := f.Accept(t.Context(), f.nobody, invitations.Acceptance{Token: token, Password: mine})
			if err == nil {
				winner <- mine
			}
			return err
		})
		require.Equal(t, map[string]int{"": 1, model.Expired: many - 1}, codes)
		require.Equal(t, hashOf(<-winner), f.password(id))
		require.Equal(t, model.Active, f.get(id).Status())
	})
}

// TestRedeemedTwiceAtOnce: the other tokens and codes too.
func TestRedeemedTwiceAtOnce(t *testing.T) {
	tests := []struct {
		name, refusal string
		prepare       func(f *fixture) (redeem func() error)
	}{
		{"reset", model.Expired, func(f *fixture) func() error {
			_, err := f.reset(f.active(ada), invitations.Reset{Channel: model.ByEmail})
			require.NoError(f.t, err)
			token := f.token(ada)
			return func() error { return second(f.completeReset(token)) }
		}},
		{"verification by token", model.Expired, func(f *fixture) func() error {
			f.changed()
			token := f.token(newMail)
			return func() error { return second(f.VerifyByToken(f.t.Context(), f.nobody, token)) }
		}},
		{"verification by code", model.InvalidCode, func(f *fixture) func() error {
			id := f.changed()
			code := f.code(number)
			return func() error { return f.byCode(id, model.ByPhone, code) }
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				redeem := tt.prepare(f)
				require.Equal(t, map[string]int{"": 1, tt.refusal: many - 1}, atOnce(t, func(int) error { return redeem() }))
			})
		})
	}
}

// TestGuessesAtOnce: no more than five are looked at, so of sixteen different codes
// that come at once, the right one among them, at most five count.
func TestGuessesAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		code := f.code(number)
		bad := wrong(code)
		require.Equal(t, map[string]int{model.InvalidCode: many}, atOnce(t, func(int) error { return f.byCode(id, model.ByPhone, bad) }))
		require.EqualValues(t, 5, f.guesses(id))
		refused(t, f.byCode(id, model.ByPhone, code), 400, model.InvalidCode)
		require.False(t, f.get(id).A("phoneVerified").Bool())
	})
}

// TestResentAtOnce: only the token that is stored last is good, and there is one.
func TestResentAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		atOnce(t, func(int) error {
			_, err := f.Resend(t.Context(), f.call, id, "")
			if isBusy(err) {
				return nil
			}
			return err
		})
		letters := f.sent(ada)
		for _, l := range letters[:len(letters)-1] {
			_, err := f.accept(auth.Secret(tokens.FindString(l.Text)))
			refused(t, err, 410, model.Expired)
		}
		_, err := f.accept(f.token(ada))
		require.NoError(t, err)
	})
}

// TestReplacedInBetween: what is replaced after it was found to match is worth
// nothing.
func TestReplacedInBetween(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		meanwhile := func(do func() error) *invitations.Invitations {
			late := *f.Invitations
			late.Settings = func(ctx context.Context, a string) (scim.Profile, scim.Limits, error) {
				require.NoError(t, do())
				return f.Settings(ctx, a)
			}
			return &late
		}
		again := func(resend func(context.Context, provider.Call, string, provider.Precondition) (model.View, error)) func() error {
			return func() error { return second(resend(t.Context(), f.call, id, nil)) }
		}
		_, err := meanwhile(again(f.ResendEmailVerification)).VerifyByToken(t.Context(), f.nobody, f.token(newMail))
		refused(t, err, 410, model.Expired)
		_, err = meanwhile(again(f.ResendPhoneVerification)).VerifyByCode(t.Context(), f.nobody,
			invitations.Code{Account: string(account), User: id, Channel: model.ByPhone, Code: f.code(number)})
		refused(t, err, 400, model.InvalidCode)
		_, err = meanwhile(func() error { return f.Users.Remove(t.Context(), f.call, id, nil) }).VerifyByToken(t.Context(), f.nobody, f.token(newMail))
		refused(t, err, 410, model.Expired)
	})
}

// TestAcceptedAndRevokedAtOnce: one of the two happens, and the other is told.
func TestAcceptedAndRevokedAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		token := f.token(ada)
		codes := atOnce(t, func(n int) error {
			if n%2 == 0 {
				return second(f.accept(token))
			}
			return second(f.Revoke(t.Context(), f.call, id))
		})
		require.Equal(t, 1, codes[""])
		v := f.get(id)
		if v.Status() == model.Active {
			require.Equal(t, "accepted", v.A("invitation").Get("status").Text())
			require.Equal(t, many/2, codes[model.AlreadyInitialised])
			return
		}
		require.Equal(t, model.Invited, v.Status())
		require.Equal(t, "revoked", v.A("invitation").Get("status").Text())
		require.Equal(t, many/2, codes[model.Expired])
		require.Empty(t, f.password(id))
	})
}

// TestInvitedTwiceAtOnce: an address is invited once.
func TestInvitedTwiceAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		var mu sync.Mutex
		invited := 0
		atOnce(t, func(int) error {
			_, err := f.Invite(t.Context(), f.call, ada, nil)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				invited++
			}
			return nil
		})
		require.Equal(t, 1, invited)
		require.Len(t, f.sent(ada), 1)
	})
}

// TestRemovedAndSentAtOnce: nothing stays that could be redeemed after a
// restoration.
func TestRemovedAndSentAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.active(ada)
		atOnce(t, func(n int) error {
			if n == many/2 {
				return f.Users.Remove(t.Context(), f.call, id, nil)
			}
			_, err := f.reset(id, invitations.Reset{Channel: model.ByEmail})
			if err != nil {
				return nil // busy, or not found
			}
			return nil
		})
		_, err := f.Users.Restore(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		for _, l := range f.sent(ada)[1:] {
			_, err := f.completeReset(auth.Secret(tokens.FindString(l.Text)))
			refused(t, err, 410, model.Expired)
		}
	})
}

// isBusy reports that others were faster too often.
func isBusy(err error) bool {
	var e *scim.Error
	return errors.As(err, &e) && e.Status == 503
}
