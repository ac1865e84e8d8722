package credentials_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// TestAuthenticate: the password lets in whoever may log in, by a login name in
// any case.
func TestAuthenticate(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		for _, name := range []string{"ada@example.com", "ADA@Example.com", "ａda@example.com"} {
			a, err := s.Authenticate(s.ctx, s.call, name, right)
			require.NoError(t, err)
			require.Equal(t, id, a.User)
			require.Nil(t, a.Next)
			require.False(t, a.PasswordChangeRequired)
		}
		_, err := s.login(wrong)
		requireCode(t, err, 403, model.AuthenticationFailed)
	})
}

// TestNobodyElseGetsIn: whoever is refused is told the same, and it costs the same:
// one hash, and one write.
func TestNobodyElseGetsIn(t *testing.T) {
	for name, prepare := range map[string]func(s *server, id string) (loginName string){
		"wrong password": func(_ *server, _ string) string { return "ada@example.com" },
		"unknown":        func(_ *server, _ string) string { return "eve@example.com" },
		"no name":        func(_ *server, _ string) string { return "" },
		"machine":        func(s *server, _ string) string { s.robot(); return "robot" },
		"removed":        verb(func(s *server, id string) error { return s.Users.Remove(s.ctx, s.call, id, nil) }),
		"inactive":       verb(func(s *server, id string) error { _, err := s.Users.Deactivate(s.ctx, s.call, id, nil); return err }),
		"locked":         verb(func(s *server, id string) error { _, err := s.Users.Lock(s.ctx, s.call, id, nil); return err }),
		"invited": func(s *server, _ string) string {
			s.human("bob@example.com", func(n *model.NewUser) { n.EmailVerified = model.Say(false) })
			return "bob@example.com"
		},
		"without password": func(s *server, _ string) string {
			s.human("bob@example.com", func(n *model.NewUser) {
				n.Password, n.IdPLinks = "", []model.IdPLink{{IdP: "google", ExternalUserID: "1"}}
			})
			return "bob@example.com"
		},
		"other account": func(s *server, _ string) string { s.call.Account = globex; return "ada@example.com" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			loginName := prepare(s, s.ada())
			password := right
			if name == "wrong password" {
				password = wrong
			}
			writes := s.meddler.applied.Load()
			_, err := s.Authenticate(s.ctx, s.call, loginName, password)
			requireCode(t, err, 403, model.AuthenticationFailed)
			require.EqualValues(t, 1, s.hasher.verified.Load()+s.hasher.burnt.Load(), "one hash")
			require.Equal(t, writes+1, s.meddler.applied.Load(), "one write")
			_, plain := s.Authenticate(s.ctx, s.call, "nobody", wrong)
			require.Equal(t, plain.Error(), err.Error())
		})
	}
}

func verb(do func(s *server, id string) error) func(s *server, id string) string {
	return func(s *server, id string) string {
		require.NoError(s.t, do(s, id))
		return "ada@example.com"
	}
}

// TestSuccessWritesNothing: neither the user nor the history shows a login.
func TestSuccessWritesNothing(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	before, events, writes := s.user(id).String(), s.history(id), s.meddler.applied.Load()
	_, err := s.login(right)
	require.NoError(t, err)
	require.Equal(t, writes, s.meddler.applied.Load())
	require.Equal(t, before, s.user(id).String())
	require.Equal(t, events, s.history(id))
	require.Zero(t, s.failures(id))
}

// TestPasswordChangeRequired: what an administrator set is to be changed, what the
// user chose is not.
func TestPasswordChangeRequired(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	for _, required := range []bool{true, false} {
		v, err := s.SetPassword(s.ctx, s.call, id, "another horse", required, nil)
		require.NoError(t, err)
		require.Equal(t, required, v.A("passwordChangeRequired").Bool())
		a, err := s.login("another horse")
		require.NoError(t, err)
		require.Equal(t, required, a.PasswordChangeRequired)
	}
	_, err := s.login(right)
	requireCode(t, err, 403, model.AuthenticationFailed)
	require.Contains(t, s.history(id), "user.password.set")
}

// TestNewPasswordEndsReset: whoever reads the user's mail cannot undo a password
// that an administrator set, by a reset that was sent before.
func TestNewPasswordEndsReset(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		_, err := s.Users.Store.Apply(s.ctx, acme, storage.Batch{Sides: []storage.Side{{ID: id, Name: model.SideReset, Data: []byte("{}")}}})
		require.NoError(t, err)
		require.Equal(t, "{}", s.stored(id, model.SideReset))
		_, err = s.SetPassword(s.ctx, s.call, id, "another horse", false, nil)
		require.NoError(t, err)
		s.view(acme, func(snapshot storage.Snapshot) error {
			_, err := snapshot.Side(s.ctx, id, model.SideReset)
			require.ErrorIs(t, err, storage.ErrNotFound)
			return nil
		})
	})
}

// TestTrap18Password: the password's policy holds for a password that is set, and not
// everybody can have one.
func TestTrap18Password(t *testing.T) {
	s := newServer(t)
	ada := s.ada()
	invited := s.human("bob@example.com", func(n *model.NewUser) { n.EmailVerified = model.Say(false) })
	sso := s.human("cem@example.com", func(n *model.NewUser) {
		n.Password, n.IdPLinks = "", []model.IdPLink{{IdP: "google", ExternalUserID: "1"}}
	})
	for name, tt := range map[string]struct {
		id       string
		password auth.Secret
		status   int
		code     string
	}{
		"short":             {ada, "horse", 400, model.PasswordPolicy},
		"none":              {ada, "", 400, model.PasswordPolicy},
		"73 bytes":          {ada, auth.Secret(strings.Repeat("x", 73)), 400, model.PasswordPolicy},
		"73 bytes in runes": {ada, auth.Secret(strings.Repeat("é", 36) + "x"), 400, model.PasswordPolicy},
		"invited":           {invited, right, 409, model.NotInitialised},
		"sso only":          {sso, right, 409, model.SSOOnly},
		"machine":           {s.robot(), right, 409, model.WrongType},
		"nobody":            {"x", right, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.SetPassword(s.ctx, s.call, tt.id, tt.password, false, nil)
			requireCode(t, err, tt.status, tt.code)
		})
	}
	longest := auth.Secret(strings.Repeat("é", 36))
	_, err := s.SetPassword(s.ctx, s.call, ada, longest, false, nil)
	require.NoError(t, err)
	_, err = s.login(longest)
	require.NoError(t, err)
}

// TestPrecondition: a verb holds to the version that it was meant for.
func TestPrecondition(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	stale := func(etag string) error { return scim.Errorf(412, "", "not %s", etag) }
	_, err := s.SetPassword(s.ctx, s.call, id, "another horse", true, provider.Precondition(stale))
	requireCode(t, err, 412, "")
}
