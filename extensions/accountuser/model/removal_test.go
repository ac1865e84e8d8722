package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// everything makes a user with all that a removal is about.
func (s *server) everything(name string) string {
	v := s.posted(`{"userName":"%[1]s@example.com","password":"correct horse","title":"Dr",
		"emails":[{"value":"%[1]s@example.com","primary":true}],"roles":[{"value":"viewer"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"7","department":"R"},
		"A":{"metadata":[{"key":"k","value":"AAE="}],"orgUnits":[{"value":"u1","roles":["approver"]}],
			"idpLinks":[{"value":"google","externalUserId":"1"}],"mfaSkipUntil":"2030-01-01T00:00:00Z","passwordChangeRequired":true}}`, name)
	s.edit(v.ID(), func(d *model.Draft) {
		d.View = d.With("authFactors", body(s.t, `[{"value":"otp","type":"otp","state":"ready"}]`))
		for _, side := range []string{model.SideFactor + "otp", model.SideReset, model.SideVerifyEmail, model.SideLink + "1", "anything"} {
			d.Sides = append(d.Sides, storage.Side{ID: d.ID, Name: side, Data: []byte("x")})
		}
	})
	return v.ID()
}

// TestTrap5RemoveAndRestore: a removal frees the names at once, keeps employee
// data, roles, units and metadata, and destroys what opened anything; a
// restoration is judged anew, and revives no credential and no membership.
func TestTrap5RemoveAndRestore(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.everything("ada")
		group := s.Host.Type(model.Group)
		made, err := s.Provider.Create(s.ctx, s.scim, group, body(t, `{"displayName":"g","members":[{"value":%q}]}`, id), provider.Projection{})
		require.NoError(t, err)
		s.fail(id, 3)
		before := s.view(id)

		require.NoError(t, s.delete(id))
		require.True(t, s.view(id).IsNull())
		require.Len(t, s.sides(id), 2, "metadata and its size: %v", s.sides(id))
		require.Zero(t, s.counter(model.FailuresCounter(id)))

		removed, total, err := s.Provider.SearchRemoved(s.ctx, s.api, s.Type, provider.ListRequest{Filter: `userName co "ada" and title eq "Dr"`, Count: 10, SortBy: "userName"})
		require.NoError(t, err)
		require.Equal(t, 1, total)
		v := model.Of(removed[0])
		require.Equal(t, model.Gone, v.Status())
		require.False(t, v.Get("active").Bool())
		require.False(t, v.A("passwordSet").Bool())
		require.Equal(t, model.TimeValue(s.Now()).Text(), v.A("removedAt").Text())
		require.Equal(t, "User", v.Get("meta").Get("resourceType").Text())

		other := s.posted(`{"userName":"ADA@example.com"}`)
		_, err = s.Restore(s.ctx, s.api, id, nil)
		requireCode(t, err, 409, model.Uniqueness)
		require.NoError(t, s.delete(other.ID()))
		other = s.posted(`{"userName":"other","emails":[{"value":"x@example.com"},{"value":"Ada@example.com","type":"home"}]}`)
		_, err = s.Restore(s.ctx, s.api, id, nil)
		requireCode(t, err, 409, model.Uniqueness)
		require.NoError(t, s.delete(other.ID()))
		s.settings.MailDomains = []string{"example.org"}
		_, err = s.Restore(s.ctx, s.api, id, nil)
		requireCode(t, err, 400, model.MailDomain)
		s.settings.MailDomains = []string{"example.com"}

		back, err := s.Restore(s.ctx, s.api, id, nil)
		require.NoError(t, err)
		require.Equal(t, model.Active, back.Status())
		require.True(t, back.Get("active").Bool())
		for _, name := range []string{"userName", "title", "emails", "roles", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"} {
			require.True(t, before.Get(name).Equal(back.Get(name)), name)
		}
		require.True(t, before.A("orgUnits").Equal(back.A("orgUnits")))
		require.True(t, before.A("idpLinks").Equal(back.A("idpLinks")))
		require.JSONEq(t, `[{"key":"k","value":"AAE="}]`, s.asked(id, "A:metadata").A("metadata").String())
		require.False(t, back.A("passwordSet").Bool())
		for _, name := range []string{"authFactors", "credentials", "invitation", "mfaSkipUntil", "passwordChangeRequired", "removedAt"} {
			require.True(t, back.A(name).IsNull(), name)
		}
		require.Len(t, s.sides(id), 2)
		g, err := s.Provider.Read(s.ctx, s.scim, group, made.ID, provider.Projection{})
		require.NoError(t, err)
		require.True(t, g.Get("members").IsNull())

		_, err = s.Restore(s.ctx, s.api, id, nil)
		requireCode(t, err, 409, model.NotRemoved)
		_, err = s.Restore(s.ctx, s.api, storage.NewID(), nil)
		require.True(t, isStatus(err, 404))
	})
}

// TestRestoreIsNotReactivate: whoever was removed comes home, as a user who was
// ready to log in, or as one who still has to be invited.
func TestRestoreIsNotReactivate(t *testing.T) {
	s := newServer(t)
	for _, from := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked} {
		for _, initialised := range []bool{true, false} {
			if from == model.Invited && initialised || from == model.Active && !initialised {
				continue
			}
			id := s.at(from, initialised)
			require.NoError(t, s.Remove(s.ctx, s.api, id, nil))
			_, err := s.Reactivate(s.ctx, s.api, id, nil)
			require.True(t, isStatus(err, 404))
			v, err := s.Restore(s.ctx, s.api, id, nil)
			require.NoError(t, err)
			require.Equal(t, map[bool]model.Status{true: model.Active, false: model.Invited}[initialised], v.Status())
			require.True(t, v.A("invitation").IsNull(), "the old one is dead")
		}
	}
}

// TestTrap28RemovedIsGone: no list, count, filter, verb or uniqueness check sees a
// removed user.
func TestTrap28RemovedIsGone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.everything("ada")
		require.NoError(t, s.Remove(s.ctx, s.api, id, nil))
		for _, filter := range []string{"", `userName eq "ada@example.com"`, `emails.value co "ada"`, `A:status eq "removed"`, `A:metadata.key eq "k"`, `id eq "` + id + `"`} {
			_, total, err := s.Provider.Search(s.ctx, s.api, s.Type, provider.ListRequest{Filter: expand(filter), Count: 10})
			require.NoError(t, err, filter)
			require.Zero(t, total, filter)
		}
		conflicts, err := s.Uniqueness(s.ctx, s.api, "ada@example.com", "ada@example.com")
		require.NoError(t, err)
		require.Empty(t, conflicts)
		for name, verb := range s.verbs(id) {
			require.True(t, isStatus(verb(), 404), name)
		}
		_, err = s.Provider.Create(s.ctx, s.scim, s.Host.Type(model.Group), body(t, `{"displayName":"g","members":[{"value":%q}]}`, id), provider.Projection{})
		require.True(t, isStatus(err, 400), "nobody to refer to: %v", err)
	})
}

// verbs are all that are about one user, but the restoration.
func (s *server) verbs(id string) map[string]func() error {
	one := func(_ any, err error) error { return err }
	profile := model.Profile{GivenName: "A", FamilyName: "B", DisplayName: "C"}
	return map[string]func() error{
		"get":        func() error { return one(s.Get(s.ctx, s.api, id, provider.Projection{})) },
		"deactivate": func() error { return one(s.Deactivate(s.ctx, s.api, id, nil)) },
		"reactivate": func() error { return one(s.Reactivate(s.ctx, s.api, id, nil)) },
		"lock":       func() error { return one(s.Lock(s.ctx, s.api, id, nil)) },
		"unlock":     func() error { return one(s.Unlock(s.ctx, s.api, id, nil)) },
		"remove":     func() error { return s.Remove(s.ctx, s.api, id, nil) },
		"patch":      func() error { return one(s.Patch(s.ctx, s.api, id, model.UserPatch{}, nil)) },
		"roles":      func() error { return one(s.ReplaceRoles(s.ctx, s.api, id, nil, nil)) },
		"profile":    func() error { return one(s.ReplaceProfile(s.ctx, s.api, id, profile, nil)) },
		"email":      func() error { return one(s.ChangeEmail(s.ctx, s.api, id, "x@example.com", true, nil)) },
		"phone":      func() error { return one(s.ChangePhone(s.ctx, s.api, id, "+4930123456", true, nil)) },
		"no phone":   func() error { return one(s.RemovePhone(s.ctx, s.api, id, nil)) },
		"avatar":     func() error { return one(s.RemoveAvatar(s.ctx, s.api, id, nil)) },
		"idp link":   func() error { return one(s.RemoveIdPLink(s.ctx, s.api, id, "google", "1", true, nil)) },
		"metadata":   func() error { return one(s.Metadata(s.ctx, s.api, id, "k")) },
		"all metadata": func() error {
			_, _, err := s.ListMetadata(s.ctx, s.api, id, model.MetadataQuery{Take: 10})
			return err
		},
		"change metadata": func() error {
			return one(s.ChangeMetadata(s.ctx, s.api, id, []model.Metadata{{Key: "k", Value: []byte("x")}}, nil, nil))
		},
		"bulk": func() error {
			results, err := s.BulkUpdate(s.ctx, s.api, []string{id}, model.BulkUpdate{Set: model.Access{Roles: model.Say[[]string](nil)}})
			if err != nil {
				return err
			}
			return results[0].Err
		},
	}
}
