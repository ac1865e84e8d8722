package credentials_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// role makes a role.
func (s *server) role(value string) {
	s.t.Helper()
	_, err := s.Users.Provider.Create(s.ctx, s.call, s.Users.Host.Type(model.Role), parse(s.t, `{"value":"`+value+`"}`), provider.Projection{})
	require.NoError(s.t, err)
}

// roles gives a user these roles instead of those that it has.
func (s *server) roles(id string, roles ...string) {
	s.t.Helper()
	_, err := s.Users.ReplaceRoles(s.ctx, s.call, id, roles, nil)
	require.NoError(s.t, err)
}

// TestAdmit: a token that an operator made for a user is good while the user is.
func TestAdmit(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		eve := &auth.Principal{Account: string(acme), User: id, Scopes: []auth.Scope{auth.SCIMRead}}
		admit := func() error {
			p, err := s.Admit(s.ctx, eve)
			if err == nil {
				require.Same(t, eve, p, "nothing is to be resolved")
			}
			return err
		}
		type verb = func(context.Context, provider.Call, string, provider.Precondition) (model.View, error)
		for _, way := range []struct{ end, back verb }{
			{s.Users.Deactivate, s.Users.Reactivate}, {s.Users.Lock, s.Users.Unlock},
		} {
			require.NoError(t, admit())
			_, err := way.end(s.ctx, s.call, id, nil)
			require.NoError(t, err)
			require.ErrorIs(t, admit(), auth.ErrUnauthenticated)
			_, err = way.back(s.ctx, s.call, id, nil)
			require.NoError(t, err)
		}
		require.NoError(t, admit())
		require.NoError(t, s.Users.Remove(s.ctx, s.call, id, nil))
		require.ErrorIs(t, admit(), auth.ErrUnauthenticated)
		_, err := s.Admit(s.ctx, &auth.Principal{Account: string(acme), User: "nobody"})
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
	})
}

// TestAdmitResolvesRoles: what the roles of a user allow stands in the place of
// the scope, at each time anew, and the principal that is shared stays as it is.
func TestAdmitResolvesRoles(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.settings.RoleScopes = map[string][]auth.Scope{"reader": {auth.SCIMRead, auth.UserRead}}
		s.role("reader")
		id := s.ada()
		shared := &auth.Principal{Account: string(acme), Subject: "t", User: id, Domain: "hr", Method: auth.ByToken,
			Scopes: []auth.Scope{auth.UserAuthenticate, auth.Roles, auth.SCIMRead}}
		may := func() []auth.Scope {
			p, err := s.Admit(s.ctx, shared)
			require.NoError(t, err)
			require.Equal(t, []auth.Scope{auth.UserAuthenticate, auth.Roles, auth.SCIMRead}, shared.Scopes)
			scopes := p.Scopes
			rest := *p
			rest.Scopes = shared.Scopes
			require.Equal(t, shared, &rest)
			return scopes
		}
		require.Equal(t, []auth.Scope{auth.UserAuthenticate, auth.SCIMRead}, may())
		s.roles(id, "reader")
		require.Equal(t, []auth.Scope{auth.UserAuthenticate, auth.SCIMRead, auth.UserRead}, may())
		s.roles(id)
		require.Equal(t, []auth.Scope{auth.UserAuthenticate, auth.SCIMRead}, may())

		boss := s.human("boss@example.com")
		s.roles(boss, "account-admin")
		shared.User = boss
		require.ElementsMatch(t, auth.AdministratorScopes(), may())
		invited := s.add(model.NewUser{UserPatch: model.UserPatch{Email: model.Say("new@example.com"), GivenName: model.Say("N"),
			FamilyName: model.Say("N"), Roles: model.Say([]string{"account-admin"})}})
		require.Equal(t, model.Invited, s.user(invited).Status())
		shared.User = invited
		require.Equal(t, []auth.Scope{auth.UserAuthenticate, auth.SCIMRead}, may(), "who was only invited is not active yet")
		shared.User = boss
		shared.Account = string(globex)
		_, err := s.Admit(s.ctx, shared)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
	})
}

// BenchmarkAdmit is done for each request of a token that belongs to a user.
func BenchmarkAdmit(b *testing.B) {
	for name, scopes := range map[string][]auth.Scope{"without roles": {auth.SCIM}, "roles": {auth.Roles}} {
		b.Run(name, func(b *testing.B) {
			s := newServerOn(b, boltIn(b, b.TempDir()))
			s.settings.RoleScopes = map[string][]auth.Scope{"reader": {auth.SCIMRead}}
			s.role("reader")
			p := &auth.Principal{Account: string(acme), User: s.ada(), Scopes: scopes}
			s.roles(p.User, "reader")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Admit(s.ctx, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCurrent is done for each request with an access token of the token
// endpoint.
func BenchmarkCurrent(b *testing.B) {
	s := newServerOn(b, boltIn(b, b.TempDir()))
	c := s.client(time.Time{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.clients().Current(s.ctx, c.bySecret); err != nil {
			b.Fatal(err)
		}
	}
}
