package model_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/storage"
)

// TestStatusOfNewUsers: a user is active at once if ready to log in, or brought by
// an identity provider, and else invited.
func TestStatusOfNewUsers(t *testing.T) {
	s := newServer(t)
	for i, c := range []struct {
		body       string
		status     model.Status
		invitation string
	}{
		{`{}`, model.Active, ""},
		{`{"active":true}`, model.Active, ""},
		{`{"active":false}`, model.Inactive, ""},
		{`{"A":{"locked":true}}`, model.Locked, ""},
		{`{"active":false,"A":{"locked":true}}`, model.Inactive, ""},
		{`{"A":{"kind":"machine"}}`, model.Active, ""},
		{`{"emails":[{"value":"a@x.example"}],"A":{"sendInvitation":true}}`, model.Invited, "pending"},
		{`{"emails":[{"value":"a@x.example"}],"A":{"sendInvitation":"True"}}`, model.Invited, "pending"},
		{`{"emails":[{"value":"a@x.example"}],"A":{"sendInvitation":false}}`, model.Active, ""},
		{`{"password":"correct horse","emails":[{"value":"a@x.example"}],"A":{"sendInvitation":true}}`, model.Invited, "pending"},
		{`{"password":"correct horse","emails":[{"value":"a@x.example"}],"A":{"sendInvitation":true,"emailVerified":true}}`, model.Active, ""},
		{`{"emails":[{"value":"a@x.example"}],"A":{"sendInvitation":true,"idpLinks":[{"value":"g","externalUserId":"1"}]}}`, model.Active, ""},
		{`{"active":false,"emails":[{"value":"a@x.example"}],"A":{"sendInvitation":true}}`, model.Inactive, ""},
		{`{"A":{"status":"removed","initialised":false,"removedAt":"2026-01-01T00:00:00Z","source":"jit","accountId":"b"}}`, model.Active, ""},
	} {
		v := s.posted(`{"userName":"u%d",%s`, i, trimmed(c.body))
		require.Equal(t, c.status, v.Status(), c.body)
		require.Equal(t, c.status != model.Inactive, v.IsActive(), c.body)
		require.Equal(t, strings.Contains(c.body, "active"), !v.Get("active").IsNull(), "read as written: %s", c.body)
		require.Equal(t, c.status == model.Locked, v.A("locked").Bool(), c.body)
		require.Equal(t, c.status != model.Invited && !(c.status == model.Inactive && i == 12), v.A("initialised").Bool(), c.body)
		require.Equal(t, c.invitation, v.A("invitation").Get("status").Text(), c.body)
		require.True(t, v.A("sendInvitation").IsNull() && v.A("removedAt").IsNull())
		require.Equal(t, "scim", v.A("source").Text())
		require.Equal(t, "a", v.A("accountId").Text())
	}
	_, err := s.post(`{"userName":"x","A":{"sendInvitation":true}}`)
	requireCode(t, err, 400, model.NoChannel)
}

// trimmed is what follows other members of an object.
func trimmed(object string) string {
	if object == "{}" {
		return `"title":"x"}`
	}
	return object[1:]
}

// TestStatusOfAddedUsers: the companion API invites who is not ready to log in.
func TestStatusOfAddedUsers(t *testing.T) {
	s := newServer(t)
	for i, c := range []struct {
		change     func(*model.NewUser)
		status     model.Status
		invitation string
	}{
		{func(n *model.NewUser) {}, model.Invited, ""},
		{func(n *model.NewUser) { n.SendInvitation = true }, model.Invited, "pending"},
		{func(n *model.NewUser) { n.SendInvitation, n.Password = true, "correct horse" }, model.Invited, "pending"},
		{func(n *model.NewUser) { n.SendInvitation, n.EmailVerified = true, model.Say(true) }, model.Invited, "pending"},
		{func(n *model.NewUser) { n.SendInvitation = true; ready(n) }, model.Active, ""},
		{func(n *model.NewUser) {
			n.SendInvitation, n.IdPLinks = true, []model.IdPLink{{IdP: "g", ExternalUserID: "7"}}
		}, model.Active, ""},
	} {
		v := s.added(func(n *model.NewUser) {
			n.Email = model.Say(fmt.Sprintf("u%d@example.com", i))
			c.change(n)
		})
		require.Equal(t, c.status, v.Status(), "%d", i)
		require.Equal(t, c.invitation, v.A("invitation").Get("status").Text(), "%d", i)
		require.True(t, v.A("invitation").Get("sentAt").IsNull(), "a rule behind the model's sends it")
		require.True(t, v.Get("active").Bool())
	}
}

// at brings a user to a status.
func (s *server) at(status model.Status, initialised bool) string {
	v := s.added(func(n *model.NewUser) {
		n.Email = model.Say(storage.NewID() + "@example.com")
		n.SendInvitation = true
		if initialised {
			ready(n)
		}
	})
	var err error
	switch status {
	case model.Inactive:
		_, err = s.Deactivate(s.ctx, s.api, v.ID(), nil)
	case model.Locked:
		_, err = s.Lock(s.ctx, s.api, v.ID(), nil)
	case model.Gone:
		err = s.Remove(s.ctx, s.api, v.ID(), nil)
	}
	require.NoError(s.t, err)
	return v.ID()
}

// TestVerbsWalkTheTable: every verb, at a user of every status, does what the
// table says, and refuses what it refuses.
func TestVerbsWalkTheTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		do := func(trigger model.Trigger) func(id string) error {
			return func(id string) error {
				_, err := s.Edit(s.ctx, s.api, id, "", nil, func(_ context.Context, d *model.Draft) error { return d.Do(trigger) })
				return err
			}
		}
		verbs := map[model.Trigger]func(id string) error{
			model.Initialise: do(model.Initialise), model.Resend: do(model.Resend),
			model.Deactivate: func(id string) error { _, err := s.Deactivate(s.ctx, s.api, id, nil); return err },
			model.Reactivate: func(id string) error { _, err := s.Reactivate(s.ctx, s.api, id, nil); return err },
			model.Lock:       func(id string) error { _, err := s.Lock(s.ctx, s.api, id, nil); return err },
			model.Unlock:     func(id string) error { _, err := s.Unlock(s.ctx, s.api, id, nil); return err },
			model.Remove:     func(id string) error { return s.Remove(s.ctx, s.api, id, nil) },
			model.Restore:    func(id string) error { _, err := s.Restore(s.ctx, s.api, id, nil); return err },
		}
		for _, from := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked, model.Gone} {
			for trigger, verb := range verbs {
				for _, initialised := range []bool{false, true} {
					if from == model.Invited && initialised || from == model.Active && !initialised {
						continue // there is no such user
					}
					id := s.at(from, initialised)
					want, refusal := model.Next(from, trigger, initialised)
					err := verb(id)
					require.Equal(t, refusal == nil, err == nil, "%s %s: %v", from, trigger, err)
					if refusal != nil {
						require.Equal(t, refusal.(*model.Refusal).SCIM.Status, statusOf(err), "%s %s", from, trigger)
						if want != model.Gone {
							require.Equal(t, model.CodeOf(refusal), model.CodeOf(err), "%s %s", from, trigger)
						}
					}
					v := s.view(id)
					if want == model.Gone {
						require.True(t, v.IsNull(), "%s %s", from, trigger)
						continue
					}
					require.Equal(t, want, v.Status(), "%s %s", from, trigger)
					require.Equal(t, want != model.Inactive, v.Get("active").Bool())
					require.Equal(t, want == model.Locked, v.A("locked").Bool())
				}
			}
		}
	})
}

// TestSCIMWalksTheTable: what `active` and `locked` say leads through the same
// table, by PATCH and PUT, and what is so already changes nothing.
func TestSCIMWalksTheTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for _, c := range []struct {
			from           model.Status
			initialised    bool
			active, locked string // as JSON, "" for not sent
			patched        string // status, or code of the refusal
			replaced       string
		}{
			{model.Invited, false, "true", "", "invited", "invited"},
			{model.Invited, false, "false", "", "inactive", "inactive"},
			{model.Invited, false, "", "true", "locked", "locked"},
			{model.Invited, false, "", "false", "invited", "invited"},
			{model.Active, true, "true", "false", "active", "active"},
			{model.Active, true, "false", "true", "inactive", "inactive"},
			{model.Active, true, "", "true", "locked", "locked"},
			{model.Locked, true, "true", "", "locked", "locked"},
			{model.Locked, true, "true", "true", "locked", "locked"},
			{model.Locked, true, "true", "false", "active", "active"},
			{model.Locked, false, "", "false", "invited", "invited"},
			{model.Locked, true, "false", "true", "inactive", "inactive"},
			{model.Inactive, true, "false", "", "inactive", "inactive"},
			{model.Inactive, true, "", "false", "inactive", "inactive"},
			{model.Inactive, true, "true", "", "active", "active"},
			{model.Inactive, false, "true", "", "invited", "invited"},
			{model.Inactive, true, "true", "true", "locked", "locked"},
			{model.Inactive, true, "", "true", "not_active", "inactive"},
			{model.Inactive, true, "false", "true", "not_active", "inactive"},
		} {
			name := fmt.Sprintf("%s initialised=%t active=%s locked=%s", c.from, c.initialised, c.active, c.locked)
			id := s.at(c.from, c.initialised)
			s.requireOutcome(id, c.from, s.patchStatus(id, c.active, c.locked), c.patched, "PATCH "+name)
			id = s.at(c.from, c.initialised)
			s.requireOutcome(id, c.from, s.putStatus(id, c.active, c.locked), c.replaced, "PUT "+name)
		}
	})
}

func (s *server) patchStatus(id, active, locked string) error {
	ops := `{"op":"add","path":"title","value":"x"}`
	if active != "" {
		ops += `,{"op":"replace","path":"active","value":` + active + `}`
	}
	if locked != "" {
		ops += `,{"op":"replace","path":"A:locked","value":` + locked + `}`
	}
	return s.patch(id, ops)
}

func (s *server) putStatus(id, active, locked string) error {
	v := s.view(id).WithCore("active", body(s.t, "null"))
	extension := v.Get(model.UserURN).With("locked", body(s.t, "null"))
	if active != "" {
		v = v.WithCore("active", body(s.t, "%s", active))
	}
	if locked != "" {
		extension = extension.With("locked", body(s.t, "%s", locked))
	}
	return s.put(id, "%s", v.WithCore(model.UserURN, extension).String())
}

// requireOutcome: the user has come to that status, or was refused with that code.
func (s *server) requireOutcome(id string, from model.Status, err error, want, name string) {
	s.t.Helper()
	if err != nil {
		require.Equal(s.t, want, model.CodeOf(err), "%s: %v", name, err)
		want = string(from)
	}
	require.Equal(s.t, want, string(s.view(id).Status()), name)
}

// TestTrap8 and TestTrap27: neither a write of what is so already nor a PUT of what
// was read bumps the version, and a PUT without them leaves `active` and `locked`.
func TestTrap8IdempotentWrites(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for _, status := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked} {
			id := s.at(status, status != model.Invited)
			before := s.view(id)
			for _, change := range []func() error{
				func() error {
					return s.patch(id, `{"op":"replace","path":"active","value":%t}`, before.Get("active").Bool())
				},
				func() error {
					return s.patch(id, `{"op":"replace","path":"A:locked","value":%t}`, before.A("locked").Bool())
				},
				func() error { return s.patch(id, `{"op":"remove","path":"active"}`) },
				func() error { return s.patch(id, `{"op":"replace","value":%s}`, before.String()) },
				func() error { return s.put(id, "%s", before.String()) },
				func() error { return s.put(id, "%s", s.asked(id).String()) },
				func() error {
					return s.put(id, "%s", before.WithCore("active", body(t, "null")).WithCore(model.UserURN, body(t, "null")).String())
				},
				func() error { return s.bulk("PUT", "/Users/"+id, before.String()) },
			} {
				require.NoError(t, change())
				require.Equal(t, etag(before), etag(s.view(id)), "%s", status)
				require.True(t, before.Equal(s.view(id).Resource))
			}
		}
		id := s.at(model.Active, true)
		_, err := s.Reactivate(s.ctx, s.api, id, nil)
		requireCode(t, err, 409, model.NotInactive)
	})
}

func TestTrap27PutWithoutActive(t *testing.T) {
	s := newServer(t)
	for _, status := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked} {
		id := s.at(status, status != model.Invited)
		name := s.view(id).Get("userName").Text()
		require.NoError(t, s.put(id, `{"userName":%q,"title":"changed"}`, name))
		require.Equal(t, status, s.view(id).Status())
		require.NoError(t, s.put(id, `{"userName":%q,"A":{"gender":"f"}}`, name))
		require.Equal(t, status, s.view(id).Status())
		require.Equal(t, "f", s.view(id).A("gender").Text())
		require.NoError(t, s.put(id, `{"userName":%q,"active":null,"A":{"locked":null,"gender":"m"}}`, name))
		require.Equal(t, status, s.view(id).Status())
	}
	id := s.at(model.Active, true)
	require.NoError(t, s.put(id, `{"userName":"x","active":false}`))
	require.Equal(t, model.Inactive, s.view(id).Status())
}

// TestUnlockByRemoval: who is not said to be locked after a PATCH that removes the
// lock is not locked.
func TestUnlockByRemoval(t *testing.T) {
	s := newServer(t)
	id := s.at(model.Locked, true)
	require.NoError(t, s.patch(id, `{"op":"remove","path":"A:locked"}`))
	require.Equal(t, model.Active, s.view(id).Status())
}

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

func statusOf(err error) int {
	for _, status := range []int{400, 404, 409, 412, 413} {
		if isStatus(err, status) {
			return status
		}
	}
	return 0
}
