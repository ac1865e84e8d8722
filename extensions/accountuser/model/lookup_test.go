package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// TestTrap13Uniqueness: either is a conflict, in any case, of invited users too.
func TestTrap13Uniqueness(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.added(nil)
		s.posted(`{"userName":"bob","emails":[{"value":"bob@example.com"},{"value":"second@example.com"}]}`)
		for _, c := range []struct {
			userName, email string
			conflicts       []string
		}{
			{"ADA@example.com", "free@example.com", []string{"userName"}},
			{"free", "Ada@Example.com", []string{"email"}},
			{"Bob", "SECOND@example.com", []string{"userName", "email"}},
			{"", "ada@example.com", []string{"email"}},
			{"ada@example.com", "", []string{"userName"}},
			{"free", "free@example.com", nil},
			{"bob@example.com", "", nil},
		} {
			conflicts, err := s.Uniqueness(s.ctx, s.api, c.userName, c.email)
			require.NoError(t, err)
			require.Equal(t, c.conflicts, conflicts, "%q %q", c.userName, c.email)
		}
		s.posted(`{"userName":"carl","emails":[{"value":"ada@example.com"}]}`)
		conflicts, err := s.Uniqueness(s.ctx, s.api, "", "ada@example.com")
		require.NoError(t, err)
		require.Equal(t, []string{"email"}, conflicts, "identity providers may give it twice")
	})
}

// TestAddressStaysTaken: an address that a verb gave is kept through changes of
// other things, and free when it is given up.
func TestAddressStaysTaken(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.added(ready).ID()
		take := func() error {
			_, err := s.add(func(n *model.NewUser) { n.UserName = model.Say(storage.NewID()) })
			return err
		}
		require.NoError(t, s.patch(id, `{"op":"add","path":"title","value":"Dr"}`))
		requireCode(t, take(), 409, model.Uniqueness)
		_, err := s.ChangeEmail(s.ctx, s.api, id, "other@example.com", true, nil)
		require.NoError(t, err)
		require.NoError(t, take())
	})
}

// TestByLoginName is exact, in the own account first.
func TestByLoginName(t *testing.T) {
	s := newServer(t)
	make := func(account storage.Account, name string) string {
		c := s.scim
		c.Account = account
		r, err := s.Provider.Create(s.ctx, c, s.Type, body(t, `{"userName":%q}`, name), provider.Projection{})
		require.NoError(t, err)
		return r.ID
	}
	own, foreign := make("a", "Ada"), make("b", "bob")
	make("b", "Ada")
	make("b", "both")
	make("c", "both")
	for _, c := range []struct {
		name    string
		global  bool
		account string
		id      string
		code    string
	}{
		{"Ada", false, "a", own, ""},
		{"Ada", true, "a", own, ""},
		{"ada", false, "", "", model.NotFound},
		{"ada", true, "", "", model.NotFound},
		{"bob", false, "", "", model.NotFound},
		{"bob", true, "b", foreign, ""},
		{"both", false, "", "", model.NotFound},
		{"both", true, "", "", model.Ambiguous},
		{"", true, "", "", model.NotFound},
	} {
		account, id, err := s.ByLoginName(s.ctx, s.api, c.name, c.global)
		require.Equal(t, c.code, model.CodeOf(err), c.name)
		if err == nil {
			require.Equal(t, c.account+c.id, account+id, c.name)
		}
	}
	require.NoError(t, s.delete(own))
	_, _, err := s.ByLoginName(s.ctx, s.api, "Ada", false)
	requireCode(t, err, 404, model.NotFound)
}

// TestTrap24IdPLinks: a link is named by the pair; the last way in is kept unless
// it is forced; whether the user logs in by an identity provider follows.
func TestTrap24IdPLinks(t *testing.T) {
	s := newServer(t)
	links := `"idpLinks":[{"value":"g","externalUserId":"1"},{"value":"g","externalUserId":"2"},{"value":"h","externalUserId":"1"}]`
	id := s.posted(`{"userName":"ada","A":{%s}}`, links).ID()
	require.Equal(t, "1", s.view(id).A("identity").Text())
	remove := func(idp, user string, force bool) (model.View, error) {
		return s.RemoveIdPLink(s.ctx, s.api, id, idp, user, force, nil)
	}
	_, err := remove("h", "2", true)
	requireCode(t, err, 404, model.NotFound)
	v, err := remove("g", "1", false)
	require.NoError(t, err)
	require.Equal(t, "2", v.A("identity").Text())
	_, err = remove("h", "1", false)
	require.NoError(t, err)
	_, err = remove("g", "2", false)
	requireCode(t, err, 409, model.OnlyWayIn)
	v, err = remove("g", "2", true)
	require.NoError(t, err)
	require.False(t, v.A("ssoUser").Bool())
	require.True(t, v.A("identity").IsNull())

	requireCode(t, s.patch(id, `{"op":"add","path":"A:idpLinks","value":[{"value":"x","externalUserId":"9"}]}`), 400, "mutability")
	requireCode(t, s.put(id, `{"userName":"ada","A":{%s}}`, links), 400, "mutability")
	with := s.posted(`{"userName":"bob","password":"correct horse","A":{%s}}`, links).ID()
	requireCode(t, s.patch(with, `{"op":"remove","path":"A:idpLinks"}`), 400, "mutability")
	requireCode(t, s.put(with, `{"userName":"bob","A":{"idpLinks":[{"value":"x","externalUserId":"9"}]}}`), 400, "mutability")
	require.NoError(t, s.put(with, `{"userName":"bob","A":{"gender":"m"}}`), "left out, they stay")
	require.Equal(t, 3, s.view(with).A("idpLinks").Len())
	id = with
	for _, pair := range [][2]string{{"g", "1"}, {"g", "2"}, {"h", "1"}} {
		_, err = remove(pair[0], pair[1], false)
		require.NoError(t, err, "there is a password")
	}
}
