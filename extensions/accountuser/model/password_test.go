package model_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

// TestTrap18Password: at most 72 bytes, not characters, and at least as many
// characters as the account asks for, on every way in.
func TestTrap18Password(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada"}`).ID()
	ways := map[string]func(password string) error{
		"POST": func(p string) error {
			_, err := s.post(`{"userName":%q,"password":%q}`, storage.NewID(), p)
			return err
		},
		"PUT":   func(p string) error { return s.put(id, `{"userName":"ada","password":%q}`, p) },
		"PATCH": func(p string) error { return s.patch(id, `{"op":"replace","path":"password","value":%q}`, p) },
		"PATCH without path": func(p string) error {
			return s.patch(id, `{"op":"add","value":{"password":%q}}`, p)
		},
		"add": func(p string) error {
			_, err := s.add(func(n *model.NewUser) {
				n.Email, n.Password = model.Say(storage.NewID()+"@example.com"), auth.Secret(p)
			})
			return err
		},
		"edit": func(p string) error {
			_, err := s.Edit(s.ctx, s.api, id, "", nil, func(_ context.Context, d *model.Draft) error {
				d.View = d.WithCore("password", scim.StringValue(p))
				return nil
			})
			return err
		},
	}
	for password, ok := range map[string]bool{
		"correct horse":               true,
		strings.Repeat("x", 72):       true,
		strings.Repeat("x", 73):       false,
		strings.Repeat("é", 36):       true,
		strings.Repeat("é", 36) + "x": false,
		"éééééééé":                    true,
		"ééééééé":                     false, // 14 bytes
		"1234567":                     false,
	} {
		for name, set := range ways {
			if err := set(password); ok {
				require.NoError(t, err, "%s %q", name, password)
			} else {
				requireCode(t, err, 400, model.PasswordPolicy)
				require.NotContains(t, err.Error(), password)
			}
		}
	}
	require.ErrorContains(t, s.bulk("POST", "/Users", `{"userName":"x","password":"`+strings.Repeat("x", 73)+`"}`), "400 invalidValue the password has more than 72 bytes")
	require.ErrorContains(t, s.bulk("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","path":"password","value":"short"}]}`), "at least 8 characters")
}

// TestPasswordSet says whether there is one, whoever sets and removes it.
func TestPasswordSet(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.posted(`{"userName":"ada"}`).ID()
		set := func() bool { return s.view(id).A("passwordSet").Bool() }
		require.False(t, set())
		require.NoError(t, s.put(id, `{"userName":"ada","password":"correct horse"}`))
		require.True(t, set())
		before := etag(s.view(id))
		require.NoError(t, s.put(id, `{"userName":"ada","A":{"passwordSet":false}}`), "a PUT without it leaves it")
		require.NoError(t, s.patch(id, `{"op":"replace","value":{"A":{"passwordSet":true}}}`))
		require.True(t, set())
		require.Equal(t, before, etag(s.view(id)))
		require.NoError(t, s.patch(id, `{"op":"remove","path":"password"}`))
		require.False(t, set())
		require.NotContains(t, s.sides(id), model.SidePassword)
		s.edit(id, func(d *model.Draft) {
			d.View = d.With("passwordSet", scim.BoolValue(true))
			d.Sides = append(d.Sides, storage.Side{ID: id, Name: model.SidePassword, Data: []byte("$2b$...")})
		})
		require.True(t, set(), "the hash was brought")
		require.NoError(t, s.patch(id, `{"op":"add","path":"title","value":"Dr"}`))
		require.True(t, set())
		s.edit(id, func(d *model.Draft) {
			d.View = d.With("passwordSet", scim.BoolValue(false))
			d.Sides = append(d.Sides, storage.Side{ID: id, Name: model.SidePassword})
		})
		require.False(t, set())
		s.edit(id, func(d *model.Draft) { d.View = d.WithCore("password", scim.StringValue("correct horse")) })
		require.True(t, set())
		s.edit(id, func(d *model.Draft) { d.View = d.WithCore("password", scim.Value{}) })
		require.False(t, set())
	})
}
