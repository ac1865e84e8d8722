package invitations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
)

const newPassword = auth.Secret("another horse")

// notModified is a precondition that does not hold.
func notModified(string) error { return scim.Errorf(412, "", "the user was changed") }

func (f *fixture) reset(id string, r invitations.Reset) (time.Time, error) {
	return f.ResetPassword(f.t.Context(), f.call, id, r, nil)
}

func (f *fixture) completeReset(token auth.Secret) (invitations.Redemption, error) {
	return f.CompleteReset(f.t.Context(), f.nobody, token, newPassword)
}

// TestReset (Z7, S9, T34): a token goes out, by which a new password is set.
func TestReset(t *testing.T) {
	for _, tt := range []struct {
		by model.Channel
		to string
	}{{model.ByEmail, ada}, {model.ByPhone, number}} {
		t.Run(string(tt.by), func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				id := f.active(ada)
				_, err := f.Users.ChangePhone(t.Context(), f.call, id, number, true, nil)
				require.NoError(t, err)
				expires, err := f.reset(id, invitations.Reset{Channel: tt.by})
				require.NoError(t, err)
				require.Equal(t, f.clock.Now().Add(time.Hour), expires)
				l := f.last(tt.to)
				require.Equal(t, notify.PasswordReset, l.Kind)
				require.Equal(t, expires, l.Expires)
				require.Equal(t, hashOf(password), f.password(id), "the present password works until then")
				require.True(t, f.get(id).A("passwordSet").Bool())

				r, err := f.completeReset(f.token(tt.to))
				require.NoError(t, err)
				require.Equal(t, invitations.Redemption{Account: account, User: id, Status: model.Active}, r)
				require.Equal(t, hashOf(newPassword), f.password(id))
				require.False(t, f.get(id).A("passwordChangeRequired").Bool())
				_, err = f.completeReset(f.token(tt.to))
				refused(t, err, 410, model.Expired)
			})
		})
	}
}

// TestTrap19_Invalidate: the present password is disabled at once.
func TestTrap19_Invalidate(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.active(ada)
		_, err := f.reset(id, invitations.Reset{Channel: model.ByEmail, Invalidate: true})
		require.NoError(t, err)
		v := f.get(id)
		require.Empty(t, f.password(id))
		require.False(t, v.A("passwordSet").Bool())
		require.Equal(t, model.Active, v.Status(), "the user was initialised once")
		_, err = f.reset(id, invitations.Reset{Channel: model.ByEmail, Invalidate: true})
		require.NoError(t, err, "also if there is none any more")
		_, err = f.completeReset(f.token(ada))
		require.NoError(t, err)
		require.Equal(t, hashOf(newPassword), f.password(id))
		require.True(t, f.get(id).A("passwordSet").Bool())
	})
}

// TestResetOfAnSSOUserWithAPassword: disabling it does not shut the user out of
// the reset.
func TestResetOfAnSSOUserWithAPassword(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		n := human(ada, false)
		n.Password, n.IdPLinks = password, []model.IdPLink{{IdP: "google", ExternalUserID: "1187"}}
		v, err := f.Users.Add(t.Context(), f.call, n)
		require.NoError(t, err)
		_, err = f.reset(v.ID(), invitations.Reset{Channel: model.ByEmail, Invalidate: true})
		require.NoError(t, err)
		_, err = f.completeReset(f.token(ada))
		require.NoError(t, err)
		require.Equal(t, hashOf(newPassword), f.password(v.ID()))
	})
}

func TestResetRefuses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		n := human("sso@example.com", false)
		n.IdPLinks = []model.IdPLink{{IdP: "google", ExternalUserID: "1187"}}
		sso, err := f.Users.Add(t.Context(), f.call, n)
		require.NoError(t, err)
		active, locked, inactive := f.active(ada), f.active("locked@example.com"), f.active("inactive@example.com")
		_, err = f.Users.Lock(t.Context(), f.call, locked, nil)
		require.NoError(t, err)
		_, err = f.Users.Deactivate(t.Context(), f.call, inactive, nil)
		require.NoError(t, err)
		sent := len(f.store.letters)
		tests := []struct {
			name, id string
			by       model.Channel
			status   int
			code     string
		}{
			{"invited", f.post(`{"userName": "new", "emails": [{"value": "new@example.com"}], ` + extension + `: {"sendInvitation": true}}`), model.ByEmail, 409, model.NotInitialised},
			{"machine", f.machine(), model.ByEmail, 409, model.WrongType},
			{"identity provider alone", sso.ID(), model.ByEmail, 409, model.SSOOnly},
			{"no phone", active, model.ByPhone, 409, model.NoChannel},
			{"no e-mail", f.post(`{"userName": "bare"}`), model.ByEmail, 409, model.NoChannel},
			{"e-mail that is none", f.post(`{"userName": "odd", "emails": [{"value": "nowhere"}]}`), model.ByEmail, 409, model.NoChannel},
			{"locked", locked, model.ByEmail, 409, model.NotActive},
			{"inactive", inactive, model.ByEmail, 409, model.NotActive},
			{"channel", active, "carrier pigeon", 400, ""},
			{"nobody", "nobody", model.ByEmail, 404, ""},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := f.reset(tt.id, invitations.Reset{Channel: tt.by, Invalidate: true})
				refused(t, err, tt.status, tt.code)
			})
		}
		_, err = f.ResetPassword(t.Context(), f.call, active, invitations.Reset{Channel: model.ByEmail}, notModified)
		refused(t, err, 412, "")
		require.Len(t, f.store.letters, sent+1, "the invitation")
		require.Equal(t, hashOf(password), f.password(active))
		require.Equal(t, hashOf(password), f.password(locked), "a refused reset disables nothing")
	})
}

// TestResetTokenEnds: by time, by the next one, by another address, by a lock, and
// with the user.
func TestResetTokenEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(f *fixture, id string) error
	}{
		{"time", func(f *fixture, _ string) error { f.clock.Advance(time.Hour); return nil }},
		{"the next one", func(f *fixture, id string) error {
			return second(f.reset(id, invitations.Reset{Channel: model.ByEmail}))
		}},
		{"another address", func(f *fixture, id string) error {
			return second(f.Users.ChangeEmail(f.t.Context(), f.call, id, newMail, true, nil))
		}},
		{"another address over SCIM", func(f *fixture, id string) error {
			f.patch(id, "emails", `[{"value": "`+newMail+`"}]`)
			return nil
		}},
		{"another password over SCIM", func(f *fixture, id string) error { f.patch(id, "password", `"set by somebody"`); return nil }},
		{"lock", func(f *fixture, id string) error { return second(f.Users.Lock(f.t.Context(), f.call, id, nil)) }},
		{"deactivation", func(f *fixture, id string) error { f.patch(id, "active", `false`); return nil }},
		{"removal", func(f *fixture, id string) error { return f.Users.Remove(f.t.Context(), f.call, id, nil) }},
		{"removal and restoration", func(f *fixture, id string) error {
			require.NoError(f.t, f.Users.Remove(f.t.Context(), f.call, id, nil))
			return second(f.Users.Restore(f.t.Context(), f.call, id, nil))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				id := f.active(ada)
				_, err := f.reset(id, invitations.Reset{Channel: model.ByEmail})
				require.NoError(t, err)
				token := f.token(ada)
				require.NoError(t, tt.end(f, id))
				_, err = f.completeReset(token)
				refused(t, err, 410, model.Expired)
				require.NotEqual(t, hashOf(newPassword), f.password(id))
			})
		})
	}
}

// TestResetTokenEndsWithTheNumber that it was sent to.
func TestResetTokenEndsWithTheNumber(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		_, err := f.reset(id, invitations.Reset{Channel: model.ByPhone})
		require.NoError(t, err)
		token := f.token(number)
		_, err = f.Users.ChangePhone(t.Context(), f.call, id, "+4930555", true, nil)
		require.NoError(t, err)
		_, err = f.completeReset(token)
		refused(t, err, 410, model.Expired)
	})
}

// TestResetHoldsThePolicy, and a password that does not uses nothing up.
func TestResetHoldsThePolicy(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.active(ada)
		_, err := f.reset(id, invitations.Reset{Channel: model.ByEmail})
		require.NoError(t, err)
		for _, bad := range []string{"", "short", strings.Repeat("x", 73)} {
			_, err = f.CompleteReset(t.Context(), f.nobody, f.token(ada), auth.Secret(bad))
			refused(t, err, 400, model.PasswordPolicy)
			require.Equal(t, hashOf(password), f.password(id))
		}
		_, err = f.completeReset(f.token(ada))
		require.NoError(t, err)
	})
}

// TestResetEndsAChangeThatIsRequired: the user has just chosen one.
func TestResetEndsAChangeThatIsRequired(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.active(ada)
		f.patch(id, "urn:ietf:params:scim:schemas:extension:account:2.0:User:passwordChangeRequired", `true`)
		_, err := f.reset(id, invitations.Reset{Channel: model.ByEmail})
		require.NoError(t, err)
		require.True(t, f.get(id).A("passwordChangeRequired").Bool(), "a reset that nobody completes changes nothing")
		_, err = f.completeReset(f.token(ada))
		require.NoError(t, err)
		require.False(t, f.get(id).A("passwordChangeRequired").Bool())
	})
}
