package credentials_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

func (s *server) clients() credentials.Clients {
	return credentials.Clients{Credentials: s.Credentials}
}

// shown is who calls by a client secret or a personal access token.
func (s *server) shown(text auth.Secret) (*auth.Principal, error) {
	if m, err := factor.ParseMachineToken(text); err == nil && m.Form == factor.ClientSecret {
		p, _, err := s.clients().WithSecret(s.ctx, m.User, text)
		return p, err
	}
	return credentials.Authenticator{Credentials: s.Credentials}.Authenticate(s.ctx, text)
}

// client is a machine with a way in of each kind.
type client struct {
	*server
	user, id       string // id is that of the client
	secret, token  auth.Secret
	key            credentials.Key
	secretID       string
	bySecret, byID string // handles: of the secret, and of the key
}

func (s *server) client(expires time.Time) *client {
	s.t.Helper()
	c := &client{server: s, user: s.robot()}
	made, v, err := s.CreateSecret(s.ctx, s.call, c.user, credentials.NewSecret{Expires: expires, Granter: operator()}, nil)
	require.NoError(s.t, err)
	c.id, c.secret, c.secretID = made.ClientID, made.Secret, v.A("credentials").At(0).Get("value").Text()
	c.key, _, _, err = s.CreateKey(s.ctx, s.call, c.user, credentials.NewKey{Expires: expires, Granter: operator()}, nil)
	require.NoError(s.t, err)
	_, c.token, _, err = s.CreateToken(s.ctx, s.call, c.user, credentials.NewToken{Expires: expires, Granter: operator()}, nil)
	require.NoError(s.t, err)
	_, c.bySecret, err = s.clients().WithSecret(s.ctx, c.id, c.secret)
	require.NoError(s.t, err)
	_, _, c.byID, err = s.clients().Key(s.ctx, c.id, c.key.ID)
	require.NoError(s.t, err)
	return c
}

// open lists which ways in are open: by the secret, the key, the personal access
// token, and the access tokens that the first two gave.
func (c *client) open() (ways []string) {
	try := func(way string, err error) {
		if err == nil {
			ways = append(ways, way)
			return
		}
		require.ErrorIs(c.t, err, auth.ErrUnauthenticated)
	}
	_, _, err := c.clients().WithSecret(c.ctx, c.id, c.secret)
	try("secret", err)
	_, _, _, err = c.clients().Key(c.ctx, c.id, c.key.ID)
	try("key", err)
	_, err = c.shown(c.token)
	try("token", err)
	_, err = c.clients().Current(c.ctx, c.bySecret)
	try("by secret", err)
	_, err = c.clients().Current(c.ctx, c.byID)
	try("by key", err)
	return ways
}

var allWays = []string{"secret", "key", "token", "by secret", "by key"}

// TestWaysInEnd at once, also for access tokens that were given before.
func TestWaysInEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(c *client) error
		left []string
	}{
		"deactivated": {func(c *client) error { _, err := c.Users.Deactivate(c.ctx, c.call, c.user, nil); return err }, nil},
		"locked":      {func(c *client) error { _, err := c.Users.Lock(c.ctx, c.call, c.user, nil); return err }, nil},
		"removed":     {func(c *client) error { return c.Users.Remove(c.ctx, c.call, c.user, nil) }, nil},
		"deleted by SCIM": {func(c *client) error {
			return c.Users.Provider.Delete(c.ctx, c.call, c.Users.Type, c.user, nil)
		}, nil},
		"inactive by SCIM": {func(c *client) error {
			body := parse(c.t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`)
			_, err := c.Users.Provider.Patch(c.ctx, c.call, c.Users.Type, c.user, body, nil, provider.Projection{})
			return err
		}, nil},
		"expired": {func(c *client) error { c.pass(time.Hour); return nil }, nil},
		"secret removed": {func(c *client) error { _, err := c.RemoveSecret(c.ctx, c.call, c.user, nil); return err },
			[]string{"key", "token", "by key"}},
		"secret replaced": {func(c *client) error {
			_, _, err := c.CreateSecret(c.ctx, c.call, c.user, credentials.NewSecret{Granter: operator()}, nil)
			return err
		}, []string{"key", "token", "by key"}},
		"key removed": {func(c *client) error { _, err := c.RemoveKey(c.ctx, c.call, c.user, c.key.ID, nil); return err },
			[]string{"secret", "token", "by secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				c := s.client(s.now().Add(time.Hour))
				require.Equal(t, allWays, c.open())
				require.NoError(t, tt.end(c))
				require.Equal(t, tt.left, c.open())
			})
		})
	}
}

// TestForgedClients: nobody is let in by what is not said exactly so, also not by
// the secrets of another machine or in another account.
func TestForgedClients(t *testing.T) {
	s := newServer(t)
	c := s.client(time.Time{})
	other := s.add(model.NewUser{Kind: model.Machine, UserPatch: model.UserPatch{UserName: model.Say("other"), DisplayName: model.Say("Other")}})
	ada := s.ada()
	for _, id := range []string{
		"", "@", "robot", "robot@acme", c.user + "@", "@" + string(acme), c.user + "@acme", c.user + "@" + string(globex),
		other, other + "@" + string(acme), ada + "@" + string(acme), c.id + " ", " " + c.id, c.id + "@", c.id + "/x",
		"X" + c.id[1:], c.user + "@@" + string(acme), c.user + "\x00@" + string(acme), string(acme) + "@" + c.user, longText,
	} {
		t.Run(fmt.Sprintf("%.80q", id), func(t *testing.T) {
			p, handle, err := s.clients().WithSecret(s.ctx, id, c.secret)
			require.ErrorIs(t, err, auth.ErrUnauthenticated)
			require.True(t, p == nil && handle == "")
			_, _, _, err = s.clients().Key(s.ctx, id, c.key.ID)
			require.ErrorIs(t, err, auth.ErrUnauthenticated)
			for _, credential := range []string{"secret/" + id + "/" + c.secretID, "key/" + id + "/" + c.key.ID} {
				_, err = s.clients().Current(s.ctx, credential)
				require.ErrorIs(t, err, auth.ErrUnauthenticated)
			}
		})
	}
	for _, id := range []string{c.id, c.user} {
		_, handle, err := s.clients().WithSecret(s.ctx, id, c.secret)
		require.NoError(t, err, "the secret says the account")
		require.Equal(t, "secret/"+c.id+"/"+c.secretID, handle)
	}
	_, _, _, err := s.clients().Key(s.ctx, c.user, c.key.ID)
	require.ErrorIs(t, err, auth.ErrUnauthenticated, "a key does not say the account")
	for _, id := range []string{"x", c.secretID, string(acme), "../" + c.key.ID, c.key.ID + "\x00", longText} {
		_, _, _, err := s.clients().Key(s.ctx, c.id, id)
		require.ErrorIs(t, err, auth.ErrUnauthenticated, "%.80q", id)
	}
	for _, text := range []auth.Secret{"", "x", c.token, c.secret + "x", c.secret[:len(c.secret)-1], auth.Secret(longText)} {
		_, _, err := s.clients().WithSecret(s.ctx, c.id, text)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
	}
	for _, handle := range []string{
		"", "/", "//", "secret", "secret/" + c.id + "/", "key/" + c.id, "pat/" + c.id + "/" + c.secretID, "key/" + c.id + "/" + c.secretID, "secret/" + c.id + "/" + c.key.ID,
		c.bySecret + "/", "/" + c.bySecret, c.bySecret + "x", "SECRET" + c.bySecret[6:], longText,
	} {
		_, err := s.clients().Current(s.ctx, handle)
		require.ErrorIs(t, err, auth.ErrUnauthenticated, "%.80q", handle)
	}
	_, _, err = s.clients().Federated(s.ctx, c.id, "https://login.example.com", c.user, []string{"x"})
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	require.Equal(t, allWays, c.open())
}

var longText = string(make([]byte, 1<<20))

// TestOnlyKey: an assertion need not name the key of a machine that has one only.
func TestOnlyKey(t *testing.T) {
	s := newServer(t)
	c := s.client(time.Time{})
	key := func(id string) (string, error) {
		_, p, handle, err := s.clients().Key(s.ctx, c.id, id)
		if err == nil {
			require.Equal(t, "key/"+c.id+"/"+p.Subject, handle)
			return p.Subject, nil
		}
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		return "", err
	}
	id, err := key("")
	require.NoError(t, err)
	require.Equal(t, c.key.ID, id)
	_, _, _, err = s.CreateKey(s.ctx, s.call, c.user, credentials.NewKey{Expires: s.now().Add(time.Hour), Granter: operator()}, nil)
	require.NoError(t, err)
	_, err = key("")
	require.Error(t, err, "there are two")
	id, err = key(c.key.ID)
	require.NoError(t, err)
	require.Equal(t, c.key.ID, id)
	s.pass(time.Hour)
	_, err = key("")
	require.NoError(t, err, "the other one has expired")
	_, err = s.RemoveKey(s.ctx, s.call, c.user, c.key.ID, nil)
	require.NoError(t, err)
	_, err = key("")
	require.Error(t, err, "there is none")
}

// TestClientMayWhatItsRolesAllow, at each time, and a machine without roles nothing;
// a personal access token is not widened by roles.
func TestClientMayWhatItsRolesAllow(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.settings.RoleScopes = map[string][]auth.Scope{"Reader": {auth.UserRead, auth.SCIMRead}}
		s.role("reader")
		s.roles(s.ada(), "account-admin")
		c := s.client(time.Time{})
		scopes := func() (all [][]auth.Scope) {
			p, _, err := s.clients().WithSecret(s.ctx, c.id, c.secret)
			require.NoError(t, err)
			require.Equal(t, auth.ByOAuth, p.Method)
			_, q, _, err := s.clients().Key(s.ctx, c.id, c.key.ID)
			require.NoError(t, err)
			all = append(all, p.Scopes, q.Scopes)
			for _, handle := range []string{c.bySecret, c.byID} {
				p, err := s.clients().Current(s.ctx, handle)
				require.NoError(t, err)
				all = append(all, p.Scopes)
			}
			pat, err := s.shown(c.token)
			require.NoError(t, err)
			require.Equal(t, []auth.Scope{auth.SCIM}, pat.Scopes)
			require.Equal(t, auth.ByPAT, pat.Method)
			return all
		}
		each := func(s ...auth.Scope) [][]auth.Scope { return [][]auth.Scope{s, s, s, s} }
		require.Equal(t, each(), scopes())
		s.roles(c.user, "READER", "unknown")
		require.Equal(t, each(auth.SCIMRead, auth.UserRead), scopes())
		s.roles(c.user, "account-admin")
		require.Equal(t, each(auth.AdministratorScopes()...), scopes())
		s.roles(c.user)
		require.Equal(t, each(), scopes())
	})
}

// TestCredentialOpensNoMoreThanItsMakerMay: who may handle credentials does not
// become an administrator by the secret of a machine that is one.
func TestCredentialOpensNoMoreThanItsMakerMay(t *testing.T) {
	s := newServer(t)
	s.settings.RoleScopes = map[string][]auth.Scope{"reader": {auth.SCIMRead, auth.UserRead}}
	s.role("reader")
	s.roles(s.ada(), "account-admin")
	id := s.robot()
	for name, tt := range map[string]struct {
		roles    []string
		granter  []auth.Scope
		inactive bool
		refused  bool
	}{
		"nothing":                {granter: []auth.Scope{auth.UserCredential}},
		"as much":                {roles: []string{"reader"}, granter: []auth.Scope{auth.UserCredential, auth.SCIM, auth.UserRead}},
		"less":                   {roles: []string{"reader"}, granter: []auth.Scope{auth.UserCredential, auth.UserRead}, refused: true},
		"of an administrator":    {roles: []string{"account-admin"}, granter: []auth.Scope{auth.UserCredential, auth.UserWrite, auth.SCIM}, refused: true},
		"by an administrator":    {roles: []string{"account-admin"}, granter: auth.AdministratorScopes()},
		"of one who is inactive": {roles: []string{"reader"}, granter: []auth.Scope{auth.UserCredential}, inactive: true, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			s.roles(id, tt.roles...)
			if tt.inactive {
				_, err := s.Users.Deactivate(s.ctx, s.call, id, nil)
				require.NoError(t, err)
				defer func() {
					_, err := s.Users.Reactivate(s.ctx, s.call, id, nil)
					require.NoError(t, err)
				}()
			}
			granter := &auth.Principal{Scopes: tt.granter}
			secret, _, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Granter: granter}, nil)
			_, file, _, err2 := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Granter: granter}, nil)
			if !tt.refused {
				require.NoError(t, err)
				require.NoError(t, err2)
				return
			}
			requireCode(t, err, 403, model.InsufficientScope)
			requireCode(t, err2, 403, model.InsufficientScope)
			require.Empty(t, secret.Secret)
			require.Empty(t, file)
		})
	}
}

// TestUseOfClientsIsNoted once it is proven: an id of a key that anybody may write
// is no use of it.
func TestUseOfClientsIsNoted(t *testing.T) {
	s := newServer(t)
	c := s.client(time.Time{})
	s.Settle()
	used := func() time.Time {
		s.Settle()
		k, err := s.KeyByID(s.ctx, s.call, c.user, c.key.ID)
		require.NoError(t, err)
		list, _, err := s.Keys(s.ctx, s.call, c.user, 0, 1)
		require.NoError(t, err)
		require.Equal(t, k, list[0])
		return k.Used
	}
	require.Zero(t, used())
	_, err := s.clients().Current(s.ctx, c.byID)
	require.NoError(t, err)
	require.True(t, used().Equal(s.now()))
	require.Contains(t, s.sides(c.user), "used:"+c.secretID)
	_, err = s.RemoveKey(s.ctx, s.call, c.user, c.key.ID, nil)
	require.NoError(t, err)
	_, err = s.RemoveSecret(s.ctx, s.call, c.user, nil)
	require.NoError(t, err)
	for _, gone := range []string{"used:" + c.secretID, "used:" + c.key.ID, model.SideSecret + c.secretID, model.SideKey + c.key.ID} {
		require.NotContains(t, s.sides(c.user), gone)
	}
}

// TestRevocationUnderUse: who asks after a way in was ended is refused, however many
// use it at the same time.
func TestRevocationUnderUse(t *testing.T) {
	for name, end := range map[string]func(c *client) error{
		"deactivated": func(c *client) error { _, err := c.Users.Deactivate(c.ctx, c.call, c.user, nil); return err },
		"removed":     func(c *client) error { return c.Users.Remove(c.ctx, c.call, c.user, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				c := s.client(time.Time{})
				var ended atomic.Bool
				var late, uses atomic.Int64
				var running sync.WaitGroup
				for range 4 {
					running.Go(func() {
						for over := false; !over; {
							over = ended.Load()
							ways := len(c.open())
							uses.Add(1)
							if over {
								late.Add(int64(ways))
							}
						}
					})
				}
				for uses.Load() < 20 {
					_, err := s.Users.Get(s.ctx, s.call, c.user, provider.Projection{})
					require.NoError(t, err)
				}
				require.NoError(t, end(c))
				ended.Store(true)
				running.Wait()
				require.Zero(t, late.Load())
			})
		})
	}
}
