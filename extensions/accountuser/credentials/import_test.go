package credentials_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

const bcryptHash = "$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG" // of "pässword"

// importing makes Ada, with what she brings.
func (s *server) importing(i credentials.Import, more ...func(*model.NewUser)) (id string, link credentials.Link, err error) {
	n := model.NewUser{UserPatch: model.UserPatch{
		Email: model.Say("ada@example.com"), EmailVerified: model.Say(true), GivenName: model.Say("Ada"), FamilyName: model.Say("Lovelace"),
	}}
	for _, change := range more {
		change(&n)
	}
	v, err := s.Users.Add(s.ctx, s.call, n, func(_ context.Context, d *model.Draft) (err error) {
		link, err = s.Import(d, i)
		return err
	})
	return v.ID(), link, err
}

func (s *server) stored(id, side string) (data string) {
	s.view(acme, func(snapshot storage.Snapshot) error {
		b, err := snapshot.Side(s.ctx, id, side)
		data = string(b)
		return err
	})
	return data
}

// TestImportedHash: a user logs in by the password of another system, and from then
// on the hash is one of this server. The user is not changed by that.
func TestImportedHash(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id, _, err := s.importing(credentials.Import{PasswordHash: bcryptHash})
		require.NoError(t, err)
		require.True(t, s.user(id).A("passwordSet").Bool())
		require.Equal(t, model.Active, s.user(id).Status(), "a password and a verified address are a way in")
		before := s.user(id).String()

		_, err = s.login("passwort")
		requireCode(t, err, 403, model.AuthenticationFailed)
		require.Equal(t, bcryptHash, s.stored(id, model.SidePassword))
		for range 2 {
			_, err = s.login("pässword")
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(s.stored(id, model.SidePassword), "$argon2id$"))
		}
		require.Equal(t, before, s.user(id).String())
	})
}

// TestRehashGivesWay: a password that is set while the old one is being verified
// stays.
func TestRehashGivesWay(t *testing.T) {
	s := newServer(t)
	id, _, err := s.importing(credentials.Import{PasswordHash: bcryptHash})
	require.NoError(t, err)
	s.hasher.afterVerify = func() {
		s.hasher.afterVerify = nil
		_, err := s.SetPassword(s.ctx, s.call, id, right, false, nil)
		require.NoError(t, err)
	}
	_, err = s.login("pässword") // was right when it began
	require.NoError(t, err)
	_, err = s.login("pässword")
	requireCode(t, err, 403, model.AuthenticationFailed)
	_, err = s.login(right)
	require.NoError(t, err)
}

// TestImportedFactors: an authenticator app and recovery codes of another system go
// on working.
func TestImportedFactors(t *testing.T) {
	s := newServer(t)
	id, _, err := s.importing(credentials.Import{TOTP: "jbsw y3dp ehpk 3pxp", RecoveryCodes: []auth.Secret{"abcd-efgh-12", "zzzz-yyyy-99"}},
		func(n *model.NewUser) { n.Password = right })
	require.NoError(t, err)
	list, _, err := s.Factors(s.ctx, s.call, id)
	require.NoError(t, err)
	require.Equal(t, []credentials.Factor{
		{ID: "otp", Type: "otp", State: "ready", Display: "Authenticator app"},
		{ID: "recovery-codes", Type: "recoveryCodes", State: "ready", Display: "Recovery codes", Remaining: 2},
	}, list)
	require.NoError(t, s.answer(s.begun(), credentials.TOTP, s.code("JBSWY3DPEHPK3PXP")))
	require.NoError(t, s.answer(s.begun(), credentials.Recovery, "ABCDEFGH12"))
}

// TestImportedLink: a user who is made with a link registers a passkey by it.
func TestImportedLink(t *testing.T) {
	s := newServer(t)
	id, link, err := s.importing(credentials.Import{PasskeyLink: true})
	require.NoError(t, err)
	require.Equal(t, model.Invited, s.user(id).Status())
	require.Equal(t, "https://app.example.com/passkey#"+link.Token.Reveal(), link.URL.Reveal())
	require.Equal(t, s.now().Add(time.Hour).UTC(), link.Expires)
	s.finishByLink(link.Token)
	require.Equal(t, model.Active, s.user(id).Status(), "a passkey and a verified address are a way in")
}

// TestImportRefused: what cannot be imported makes no user.
func TestImportRefused(t *testing.T) {
	machine := func(n *model.NewUser) {
		*n = model.NewUser{Kind: model.Machine, UserPatch: model.UserPatch{UserName: model.Say("robot"), DisplayName: model.Say("Robot")}}
	}
	for name, tt := range map[string]struct {
		bring  credentials.Import
		change func(*model.NewUser)
		status int
		code   string
	}{
		"plain password":    {credentials.Import{PasswordHash: "secret"}, nil, 400, model.PasswordHash},
		"unknown prefix":    {credentials.Import{PasswordHash: "$1$abc$def"}, nil, 400, model.PasswordHash},
		"absurd cost":       {credentials.Import{PasswordHash: "$2b$31$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG"}, nil, 400, model.PasswordHash},
		"no base32":         {credentials.Import{TOTP: "0189"}, nil, 400, "invalidValue"},
		"short code":        {credentials.Import{RecoveryCodes: []auth.Secret{"abcdefgh", "short"}}, nil, 400, "invalidValue"},
		"many codes":        {credentials.Import{RecoveryCodes: slices.Repeat([]auth.Secret{"abcdefgh"}, 21)}, nil, 400, "invalidValue"},
		"machine with hash": {credentials.Import{PasswordHash: bcryptHash}, machine, 409, model.WrongType},
		"machine with link": {credentials.Import{PasskeyLink: true}, machine, 409, model.WrongType},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			change := tt.change
			if change == nil {
				change = func(*model.NewUser) {}
			}
			_, link, err := s.importing(tt.bring, change)
			requireCode(t, err, tt.status, tt.code)
			require.NotContains(t, err.Error(), "secret$")
			require.Zero(t, link)
			for _, loginName := range []string{"ada@example.com", "robot"} {
				_, _, err = s.Users.ByLoginName(s.ctx, s.call, loginName, false)
				require.Error(t, err, "no user was made")
			}
		})
	}
}
