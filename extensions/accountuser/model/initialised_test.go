package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/storage"
)

// TestTrap6Unlock: an unlocked user has the employee data as before and counts
// failures from none; one who never was initialised is invited again.
func TestTrap6Unlock(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		employee := func(id string) string {
			return s.view(id).Get("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User").String()
		}
		for name, unlock := range map[string]func(id string) error{
			"verb":  func(id string) error { _, err := s.Unlock(s.ctx, s.api, id, nil); return err },
			"patch": func(id string) error { return s.patch(id, `{"op":"replace","path":"A:locked","value":false}`) },
			"reactivate": func(id string) error {
				if _, err := s.Deactivate(s.ctx, s.api, id, nil); err != nil {
					return err
				}
				_, err := s.Reactivate(s.ctx, s.api, id, nil)
				return err
			},
		} {
			for _, initialised := range []bool{true, false} {
				id := s.at(model.Locked, initialised)
				_, err := s.Patch(s.ctx, s.api, id, model.UserPatch{EmployeeNumber: model.Say("7"), CostCenter: model.Say("R")}, nil)
				require.NoError(t, err)
				before := employee(id)
				s.fail(id, 10)
				require.EqualValues(t, 10, s.counter(model.FailuresCounter(id)))
				require.NoError(t, unlock(id), name)
				require.Equal(t, before, employee(id))
				require.Zero(t, s.counter(model.FailuresCounter(id)), name)
				require.Equal(t, initialised, s.view(id).Status() == model.Active, name)
			}
		}
	})
}

// TestInitialised: once ready to log in, a user stays one who was; over SCIM, a
// password is enough, because the identity provider vouches for the rest.
func TestInitialised(t *testing.T) {
	s := newServer(t)
	id := s.at(model.Invited, false)
	require.NoError(t, s.patch(id, `{"op":"add","path":"title","value":"Dr"}`))
	require.Equal(t, model.Invited, s.view(id).Status())
	require.NoError(t, s.patch(id, `{"op":"add","path":"password","value":"correct horse"}`))
	require.Equal(t, model.Active, s.view(id).Status())
	require.Equal(t, "accepted", s.view(id).A("invitation").Get("status").Text())
	require.NoError(t, s.patch(id, `{"op":"remove","path":"password"}`))
	require.Equal(t, model.Active, s.view(id).Status(), "sticky")
	require.False(t, s.view(id).A("passwordSet").Bool())

	id = s.at(model.Invited, false)
	s.edit(id, func(d *model.Draft) { d.View = d.WithCore("password", body(t, `"correct horse"`)) })
	require.Equal(t, model.Invited, s.view(id).Status(), "nobody verified the address")
	s.edit(id, func(d *model.Draft) { d.View = d.With("emailVerified", body(t, `true`)) })
	require.Equal(t, model.Active, s.view(id).Status())

	id = s.at(model.Inactive, false)
	require.Equal(t, "revoked", s.view(id).A("invitation").Get("status").Text())
	s.edit(id, func(d *model.Draft) {
		ready := d.With("emailVerified", body(t, `true`))
		d.View = ready.WithCore("password", body(t, `"correct horse"`))
	})
	require.Equal(t, model.Inactive, s.view(id).Status())
	_, err := s.Reactivate(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.Equal(t, model.Active, s.view(id).Status())
}

// TestPasskeyIsAWayIn counts for a user whose address is verified.
func TestPasskeyIsAWayIn(t *testing.T) {
	s := newServer(t)
	id := s.at(model.Invited, false)
	s.edit(id, func(d *model.Draft) {
		d.View = d.With("emailVerified", body(t, `true`)).With("authFactors", body(t, `[{"value":"k","type":"passkey","state":"notReady"}]`))
	})
	require.Equal(t, model.Invited, s.view(id).Status())
	s.edit(id, func(d *model.Draft) {
		d.View = d.With("authFactors", body(t, `[{"value":"k","type":"passkey","state":"ready"}]`))
	})
	require.Equal(t, model.Active, s.view(id).Status())
}

// TestUsersFromBefore: users that were made before there was an account model are
// what `active` says, and get a status with their first change.
func TestUsersFromBefore(t *testing.T) {
	s := newServer(t)
	id := storage.NewID()
	created, _ := storage.IDTime(id)
	_, err := s.Store.Apply(s.ctx, "a", storage.Batch{Puts: []storage.Put{{Document: storage.Document{
		Type: "User", ID: id, Version: "1", Created: created, Modified: created, Body: []byte(`{"id":"` + id + `","userName":"old","active":false}`)}}}})
	require.NoError(t, err)
	_, err = s.Reactivate(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.Equal(t, model.Active, s.view(id).Status())
	require.Equal(t, "human", s.view(id).A("kind").Text())
}
