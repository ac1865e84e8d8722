package invitations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// TestAccept: the user is active, verified, named and has a password.
func TestAccept(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		r, err := f.Accept(t.Context(), f.nobody, invitations.Acceptance{
			Token: f.token(ada), Password: password, GivenName: "Ada", FamilyName: "Lovelace",
		})
		require.NoError(t, err)
		require.Equal(t, invitations.Redemption{Account: account, User: id, Status: model.Active}, r)
		v := f.get(id)
		require.Equal(t, model.Active, v.Status())
		require.True(t, v.A("initialised").Bool())
		require.True(t, v.A("emailVerified").Bool())
		require.True(t, v.A("passwordSet").Bool())
		require.False(t, v.A("passwordChangeRequired").Bool())
		require.Equal(t, "accepted", v.A("invitation").Get("status").Text())
		require.Equal(t, "Ada", v.Get("name").Get("givenName").Text())
		require.Equal(t, "Lovelace", v.Get("name").Get("familyName").Text())
		require.Equal(t, "Ada Lovelace", v.Get("displayName").Text())
		require.Equal(t, hashOf(password), f.password(id))
		require.Len(t, f.sent(ada), 1, "nothing more is sent")
	})
}

// TestAcceptNames: names that are not said stay.
func TestAcceptNames(t *testing.T) {
	tests := []struct {
		name                              string
		a                                 invitations.Acceptance
		given, family, display, formatted string
	}{
		{"none", invitations.Acceptance{}, "Ada", "King", "Countess", "Ada King"},
		{"the same", invitations.Acceptance{GivenName: "Ada"}, "Ada", "King", "Countess", "Ada King"},
		{"one", invitations.Acceptance{FamilyName: "Lovelace"}, "Ada", "Lovelace", "Countess", ""},
		{"all", invitations.Acceptance{GivenName: "A", FamilyName: "L", DisplayName: "Al"}, "A", "L", "Al", ""},
	}
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for _, tt := range tests {
			email := strings.ReplaceAll(tt.name, " ", ".") + "@example.com"
			id := f.post(`{"userName": "` + email + `", "emails": [{"value": "` + email + `"}], "displayName": "Countess",
				"name": {"givenName": "Ada", "familyName": "King", "formatted": "Ada King"},
				"urn:ietf:params:scim:schemas:extension:account:2.0:User": {"sendInvitation": true}}`)
			tt.a.Token, tt.a.Password = f.token(email), password
			_, err := f.Accept(t.Context(), f.nobody, tt.a)
			require.NoError(t, err)
			v := f.get(id)
			name := v.Get("name")
			require.Equal(t, []string{tt.given, tt.family, tt.display, tt.formatted}, []string{
				name.Get("givenName").Text(), name.Get("familyName").Text(), v.Get("displayName").Text(), name.Get("formatted").Text()}, tt.name)
		}
	})
}

// TestBadPasswordUsesNothingUp: the token works with a better one.
func TestBadPasswordUsesNothingUp(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		for _, bad := range []string{"", "short", strings.Repeat("x", 73), strings.Repeat("é", 37)} {
			_, err := f.Accept(t.Context(), f.nobody, invitations.Acceptance{Token: f.token(ada), Password: auth.Secret(bad)})
			refused(t, err, 400, model.PasswordPolicy)
			_, err = f.Initialise(t.Context(), f.call, id, auth.Secret(bad), nil)
			refused(t, err, 400, model.PasswordPolicy)
			require.Equal(t, model.Invited, f.get(id).Status())
		}
		_, err := f.Accept(t.Context(), f.nobody, invitations.Acceptance{Token: f.token(ada), Password: auth.Secret(strings.Repeat("é", 36))})
		require.NoError(t, err)
	})
}

// TestTokensAreToldApartByNothing: text that is no token of that purpose is 400;
// whatever else is wrong with one is 410, alike.
func TestTokensAreToldApartByNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		user := f.active(ada)
		other := func(purpose factor.Purpose, a storage.Account, id string) auth.Secret {
			token, err := factor.Use{Purpose: purpose, Account: string(a), User: id}.Mint()
			require.NoError(t, err)
			return token
		}
		redeem := map[factor.Purpose]func(auth.Secret) error{
			"invitation": func(token auth.Secret) error { return second(f.accept(token)) },
			"verification": func(token auth.Secret) error {
				return second(f.VerifyByToken(t.Context(), f.nobody, token))
			},
			"reset": func(token auth.Secret) error {
				return second(f.CompleteReset(t.Context(), f.nobody, token, password))
			},
		}
		for purpose, try := range redeem {
			good := other(purpose, account, user)
			for name, token := range map[string]auth.Secret{
				"empty": "", "text": "nonsense", "cut off": good[:len(good)-1], "mistyped": good[:len(good)-1] + "_",
				"very long": auth.Secret(strings.Repeat("a", 1<<20)), "another purpose": other("passkey", account, user),
			} {
				t.Run(name, func(t *testing.T) { refused(t, try(token), 400, model.InvalidToken) })
			}
			stranger := storage.Account("0199a1b2-0000-7000-8000-00000000000b")
			var said []string
			for _, token := range []auth.Secret{
				good, other(purpose, account, storage.NewID()), other(purpose, stranger, user), other(purpose, account, string(account)),
			} {
				err := try(token)
				refused(t, err, 410, model.Expired)
				said = append(said, err.Error())
			}
			require.Equal(t, []string{said[0], said[0], said[0], said[0]}, said)
		}
	})
}

// TestActorOfARedemption is the user, in the account of the token, whatever else
// the request is authenticated as.
func TestActorOfARedemption(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		stranger := f.nobody
		stranger.Account = "0199a1b2-0000-7000-8000-00000000000b"
		stranger.Actor = provider.Actor{ID: "x", Name: "y", User: "z"}
		_, err := f.Accept(t.Context(), stranger, invitations.Acceptance{Token: f.token(ada), Password: password})
		require.NoError(t, err)
		last := f.actions.changes[len(f.actions.changes)-1]
		require.Equal(t, invitations.ActionInvitationUsed, last.Action)
		require.Equal(t, provider.Actor{ID: id, User: id}, last.Call.Actor)
		require.Equal(t, account, last.Call.Account)
	})
}

// TestInitialise (T32): an invited user is given a password, and is ready.
func TestInitialise(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		v, err := f.Initialise(t.Context(), f.call, id, password, nil)
		require.NoError(t, err)
		require.Equal(t, model.Active, v.Status())
		require.True(t, v.A("emailVerified").Bool())
		require.Equal(t, "accepted", v.A("invitation").Get("status").Text())
		require.Equal(t, hashOf(password), f.password(id))

		_, err = f.Initialise(t.Context(), f.call, id, "another password", nil)
		refused(t, err, 409, model.AlreadyInitialised)
		require.Equal(t, hashOf(password), f.password(id))
		_, err = f.Initialise(t.Context(), f.call, f.machine(), password, nil)
		refused(t, err, 409, model.WrongType)
		locked := f.invite(bob)
		_, err = f.Users.Lock(t.Context(), f.call, locked, nil)
		require.NoError(t, err)
		_, err = f.Initialise(t.Context(), f.call, locked, password, nil)
		refused(t, err, 409, model.NotActive)
		_, err = f.Initialise(t.Context(), f.call, "nobody", password, nil)
		refused(t, err, 404, "")
	})
}

// TestInitialiseWhoWasNotInvited: a user who was never sent an invitation has none
// afterwards.
func TestInitialiseWhoWasNotInvited(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		v, err := f.Users.Add(t.Context(), f.call, human(ada, false))
		require.NoError(t, err)
		require.Empty(t, f.store.letters)
		require.Equal(t, model.Invited, v.Status())
		v, err = f.Initialise(t.Context(), f.call, v.ID(), password, nil)
		require.NoError(t, err)
		require.True(t, v.A("invitation").IsNull())
		require.Equal(t, model.Active, v.Status())
	})
}

// TestCompanionCreate: who is not ready to log in is invited, unless that is not
// wanted.
func TestCompanionCreate(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		_, err := f.Users.Add(t.Context(), f.call, human(ada, true))
		require.NoError(t, err)
		require.Len(t, f.sent(ada), 1)

		ready := human(bob, true)
		ready.EmailVerified, ready.Password = model.Say(true), password
		v, err := f.Users.Add(t.Context(), f.call, ready)
		require.NoError(t, err)
		require.Equal(t, model.Active, v.Status())
		require.True(t, v.A("invitation").IsNull())
		require.Empty(t, f.sent(bob))

		f.clock.Advance(time.Hour)
		_, err = f.accept(f.token(ada))
		require.NoError(t, err)
	})
}

func human(email string, invite bool) model.NewUser {
	n := model.NewUser{SendInvitation: invite}
	n.Email, n.GivenName, n.FamilyName = model.Say(email), model.Say("Ada"), model.Say("Lovelace")
	return n
}

func (f *fixture) machine() string {
	n := model.NewUser{Kind: model.Machine}
	n.UserName, n.DisplayName = model.Say("robot"), model.Say("Robot")
	v, err := f.Users.Add(f.t.Context(), f.call, n)
	require.NoError(f.t, err)
	return v.ID()
}
