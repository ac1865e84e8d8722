package invitations_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
)

const (
	ada  = "ada@example.com"
	bob  = "bob@example.com"
	week = 7 * 24 * time.Hour
)

// TestInvite (D1): a user is made of an e-mail address, and is sent a token.
func TestInvite(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.DefaultRoles = []string{"viewer"}
		v, err := f.Invite(t.Context(), f.call, ada, nil)
		require.NoError(t, err)
		v = f.get(v.ID())
		require.Equal(t, model.Invited, v.Status())
		require.Equal(t, ada, v.Email())
		require.Equal(t, ada, v.Get("userName").Text())
		require.Equal(t, "invite", v.A("source").Text())
		require.False(t, v.A("emailVerified").Bool())
		require.False(t, v.A("passwordSet").Bool())
		require.Equal(t, []string{"viewer"}, v.Roles(), "the account's default roles")
		require.Equal(t, "pending", v.A("invitation").Get("status").Text())
		require.Equal(t, f.after(0), v.A("invitation").Get("sentAt").Text())
		require.Equal(t, f.after(week), v.A("invitation").Get("expiresAt").Text())

		l := f.last(ada)
		require.Equal(t, notify.Invitation, l.Kind)
		require.Equal(t, f.clock.Now().Add(week), l.Expires)
		use, err := factor.ParseOneTime(f.token(ada))
		require.NoError(t, err)
		require.Equal(t, factor.Use{Purpose: "invitation", Account: string(account), User: v.ID()}, use)
	})
}

// TestInviteRoles: null is the default roles, and none is none (trap 4 and 11).
func TestInviteRoles(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.DefaultRoles = []string{"viewer"}
		for email, tt := range map[string]struct{ said, has []string }{
			"a@example.com": {nil, []string{"viewer"}},
			"b@example.com": {[]string{}, nil},
			"c@example.com": {[]string{"editor", "viewer"}, []string{"editor", "viewer"}},
			"d@example.com": {[]string{"editor", "editor"}, []string{"editor"}},
		} {
			v, err := f.Invite(t.Context(), f.call, email, tt.said)
			require.NoError(t, err)
			require.Equal(t, tt.has, v.Roles(), email)
		}
		_, err := f.Invite(t.Context(), f.call, ada, []string{"viewer", "king"})
		refused(t, err, 400, model.UnknownRole)
		require.Empty(t, f.sent(ada))
	})
}

// TestTrap4_InviteWhoIsThere: a live user's address is taken, a removed one's is
// free.
func TestTrap4_InviteWhoIsThere(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		invited := f.invite(ada)
		f.post(`{"userName": "bjensen", "emails": [{"value": "babs@example.com", "primary": true}]}`)
		f.post(`{"userName": "carol@example.com"}`)
		for _, email := range []string{ada, "ADA@example.com", "babs@example.com", "Carol@Example.com"} {
			taken(t, second(f.Invite(t.Context(), f.call, email, nil)))
		}
		require.Len(t, f.sent(ada), 1)
		require.Empty(t, f.sent("babs@example.com"))

		require.NoError(t, f.Users.Remove(t.Context(), f.call, invited, nil))
		again := f.invite(ada)
		require.NotEqual(t, invited, again)
		require.Len(t, f.sent(ada), 2)
	})
}

// taken checks that an error tells of a value that is another user's.
func taken(t *testing.T, err error) {
	t.Helper()
	var e *scim.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 409, e.Status)
	require.Equal(t, scim.Uniqueness, e.Type)
}

func TestInviteRefuses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.MailDomains = []string{"example.com"}
		for _, email := range []string{"", "ada", "@example.com", "ada@", "a b@example.com", "ada@example.com\r\nBcc: eve@example.com", "Ada <ada@example.com>"} {
			_, err := f.Invite(t.Context(), f.call, email, nil)
			refused(t, err, 400, "")
		}
		_, err := f.Invite(t.Context(), f.call, "ada@mail.example.com", nil)
		refused(t, err, 400, model.MailDomain)
		require.Empty(t, f.store.letters)
	})
}

// TestTrap4_Expiry: an invitation expires by being looked at, not by being written
// to.
func TestTrap4_Expiry(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		version := f.get(id).Get("meta").Get("version").Text()
		f.clock.Advance(week - time.Millisecond)
		require.Equal(t, "pending", f.get(id).A("invitation").Get("status").Text())
		require.Equal(t, 1, f.count(`urn:ietf:params:scim:schemas:extension:account:2.0:User:invitation.status eq "pending"`))
		f.clock.Advance(time.Millisecond)
		v := f.get(id)
		require.Equal(t, "expired", v.A("invitation").Get("status").Text())
		require.Equal(t, version, v.Get("meta").Get("version").Text())
		require.Equal(t, model.Invited, v.Status())
		require.Equal(t, 0, f.count(`urn:ietf:params:scim:schemas:extension:account:2.0:User:invitation.status eq "pending"`))
		require.Equal(t, 1, f.count(`urn:ietf:params:scim:schemas:extension:account:2.0:User:invitation.status eq "expired"`))

		_, err := f.accept(f.token(ada))
		refused(t, err, 410, model.Expired)
		require.Equal(t, model.Invited, f.get(id).Status())
		f.patch(id, "nickName", `"Ada"`)
		require.Equal(t, "expired", f.get(id).A("invitation").Get("status").Text(), "a change of something else leaves it")

		_, err = f.Resend(t.Context(), f.call, id, "")
		require.NoError(t, err)
		require.Equal(t, "pending", f.get(id).A("invitation").Get("status").Text())
		_, err = f.accept(f.token(ada))
		require.NoError(t, err)
	})
}

func (f *fixture) count(filter string) int {
	_, total, err := f.provider.Search(f.t.Context(), f.call, f.Users.Type, provider.ListRequest{Filter: filter})
	require.NoError(f.t, err)
	return total
}

func (f *fixture) accept(token auth.Secret) (invitations.Redemption, error) {
	return f.Accept(f.t.Context(), f.nobody, invitations.Acceptance{Token: token, Password: password})
}

// TestTrap4_ResendReplaces: the old token dies at once, also at the same moment.
func TestTrap4_ResendReplaces(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		first := f.token(ada)
		v, err := f.Resend(t.Context(), f.call, id, "")
		require.NoError(t, err)
		require.Equal(t, f.after(week), v.A("invitation").Get("expiresAt").Text())
		require.Len(t, f.sent(ada), 2)
		f.clock.Advance(time.Hour)
		_, err = f.accept(first)
		refused(t, err, 410, model.Expired)
		r, err := f.accept(f.token(ada))
		require.NoError(t, err)
		require.Equal(t, invitations.Redemption{Account: account, User: id, Status: model.Active}, r)
	})
}

// TestResendElsewhere (T25): the invitation goes to another address, which is the
// user's from then on.
func TestResendElsewhere(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.MailDomains = []string{"example.com"}
		id := f.invite("adda@example.com")
		mistyped := f.token("adda@example.com")
		f.invite(bob)
		_, err := f.Resend(t.Context(), f.call, id, "ada@example.org")
		refused(t, err, 400, model.MailDomain)
		taken(t, second(f.Resend(t.Context(), f.call, id, bob)))
		_, err = f.Resend(t.Context(), f.call, id, "nonsense")
		refused(t, err, 400, "")
		require.Len(t, f.sent(bob), 1)
		require.NotContains(t, f.get(id).Email(), bob)

		_, err = f.Resend(t.Context(), f.call, id, ada)
		require.NoError(t, err)
		v := f.get(id)
		require.Equal(t, ada, v.Email())
		require.Equal(t, ada, v.Get("userName").Text(), "that was the address")
		require.Equal(t, "pending", v.A("invitation").Get("status").Text())
		_, err = f.accept(mistyped)
		refused(t, err, 410, model.Expired)
		_, err = f.accept(f.token(ada))
		require.NoError(t, err)
		require.True(t, f.get(id).A("emailVerified").Bool())
		f.invite("adda@example.com")
	})
}

// TestResendKeepsUserName: a user name that is no address stays.
func TestResendKeepsUserName(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.post(`{"userName": "alovelace", "emails": [{"value": "adda@example.com"}],
			"urn:ietf:params:scim:schemas:extension:account:2.0:User": {"sendInvitation": true}}`)
		_, err := f.Resend(t.Context(), f.call, id, ada)
		require.NoError(t, err)
		require.Equal(t, "alovelace", f.get(id).Get("userName").Text())
		require.Len(t, f.sent(ada), 1)
	})
}

// TestRevoke: a revoked invitation is worth nothing; the user stays invited.
func TestRevoke(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		v, err := f.Revoke(t.Context(), f.call, id)
		require.NoError(t, err)
		require.Equal(t, "revoked", v.A("invitation").Get("status").Text())
		require.Equal(t, model.Invited, v.Status())
		_, err = f.accept(f.token(ada))
		refused(t, err, 410, model.Expired)
		_, err = f.Revoke(t.Context(), f.call, id)
		refused(t, err, 404, model.NotFound)

		_, err = f.Resend(t.Context(), f.call, id, "")
		require.NoError(t, err)
		f.clock.Advance(week)
		_, err = f.Revoke(t.Context(), f.call, id)
		refused(t, err, 404, model.NotFound)

		_, err = f.Revoke(t.Context(), f.call, f.active(bob))
		refused(t, err, 409, model.AlreadyInitialised)
		_, err = f.Revoke(t.Context(), f.call, "nobody")
		refused(t, err, 404, "")
	})
}

// TestStanding: what resend, revoke and accept say to users of each standing.
func TestStanding(t *testing.T) {
	tests := []struct {
		name                   string
		prepare                func(*fixture, string) error
		accept, resend, revoke string // codes, "" for success
	}{
		{"invited", func(*fixture, string) error { return nil }, "", "", ""},
		{"locked", func(f *fixture, id string) error { return second(f.Users.Lock(f.t.Context(), f.call, id, nil)) },
			model.Expired, model.NotActive, ""},
		{"inactive", func(f *fixture, id string) error {
			return second(f.Users.Deactivate(f.t.Context(), f.call, id, nil))
		}, model.Expired, model.NotActive, model.NotFound},
		{"inactive and active again", func(f *fixture, id string) error {
			_, err := f.Users.Deactivate(f.t.Context(), f.call, id, nil)
			require.NoError(f.t, err)
			return second(f.Users.Reactivate(f.t.Context(), f.call, id, nil))
		}, model.Expired, "", model.NotFound},
		{"locked and unlocked", func(f *fixture, id string) error {
			_, err := f.Users.Lock(f.t.Context(), f.call, id, nil)
			require.NoError(f.t, err)
			return second(f.Users.Unlock(f.t.Context(), f.call, id, nil))
		}, "", "", ""},
		{"initialised", func(f *fixture, id string) error {
			return second(f.Initialise(f.t.Context(), f.call, id, password, nil))
		}, model.AlreadyInitialised, model.AlreadyInitialised, model.AlreadyInitialised},
		{"given a password over SCIM", func(f *fixture, id string) error {
			f.patch(id, "password", `"another password"`)
			return nil
		}, model.AlreadyInitialised, model.AlreadyInitialised, model.AlreadyInitialised},
		{"accepted", func(f *fixture, _ string) error { return second(f.accept(f.token(ada))) },
			model.Expired, model.AlreadyInitialised, model.AlreadyInitialised},
		{"removed", func(f *fixture, id string) error { return f.Users.Remove(f.t.Context(), f.call, id, nil) },
			model.Expired, notFound, notFound},
		{"removed and restored", func(f *fixture, id string) error {
			require.NoError(f.t, f.Users.Remove(f.t.Context(), f.call, id, nil))
			return second(f.Users.Restore(f.t.Context(), f.call, id, nil))
		}, model.Expired, "", model.NotFound},
	}
	verbs := []struct {
		name string
		code func(int) string
		do   func(*fixture, string) error
	}{
		{"accept", func(i int) string { return tests[i].accept }, func(f *fixture, _ string) error { return second(f.accept(f.token(ada))) }},
		{"resend", func(i int) string { return tests[i].resend }, func(f *fixture, id string) error { return second(f.Resend(f.t.Context(), f.call, id, "")) }},
		{"revoke", func(i int) string { return tests[i].revoke }, func(f *fixture, id string) error { return second(f.Revoke(f.t.Context(), f.call, id)) }},
	}
	for i, tt := range tests {
		for _, verb := range verbs {
			t.Run(verb.name+" "+tt.name, func(t *testing.T) {
				onEachEngine(t, func(t *testing.T, f *fixture) {
					id := f.invite(ada)
					require.NoError(t, tt.prepare(f, id))
					err := verb.do(f, id)
					switch code := verb.code(i); code {
					case "":
						require.NoError(t, err)
					case notFound:
						refused(t, err, 404, "")
					default:
						refused(t, err, statusOf[code], code)
					}
				})
			})
		}
	}
}

// notFound is the refusal of somebody who is not there.
const notFound = "nobody"

var statusOf = map[string]int{
	model.Expired: 410, model.NotActive: 409, model.AlreadyInitialised: 409, model.NotFound: 404,
	model.NotInitialised: 409, model.WrongType: 409, model.SSOOnly: 409, model.NoChannel: 409, model.AlreadyVerified: 409,
}

func second[T any](_ T, err error) error { return err }

// TestTrap6_UnlockedInvitedUserIsNotActive: a lock ends where it began.
func TestTrap6_UnlockedInvitedUserIsNotActive(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		_, err := f.Users.Lock(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		_, err = f.accept(f.token(ada))
		refused(t, err, 410, model.Expired)
		require.Equal(t, model.Locked, f.get(id).Status(), "the token does not undo the lock")
		_, err = f.Users.Unlock(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		v := f.get(id)
		require.Equal(t, model.Invited, v.Status())
		require.Equal(t, "pending", v.A("invitation").Get("status").Text())
		r, err := f.accept(f.token(ada))
		require.NoError(t, err)
		require.Equal(t, model.Active, r.Status)
	})
}
