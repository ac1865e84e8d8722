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

func statusOf(err error) int {
	for _, status := range []int{400, 404, 409, 412, 413} {
		if isStatus(err, status) {
			return status
		}
	}
	return 0
}
