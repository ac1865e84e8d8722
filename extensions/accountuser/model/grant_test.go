package model_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

// known knows some roles and entitlements.
type known []string

func (k known) CheckRoles(_ context.Context, _ storage.Snapshot, roles []string) error {
	for _, role := range roles {
		if !slices.Contains(k, role) {
			return model.Refuse(400, model.UnknownRole, "unknown role %q", role)
		}
	}
	return nil
}

func (k known) CheckEntitlements(ctx context.Context, s storage.Snapshot, list []string) error {
	if err := k.CheckRoles(ctx, s, list); err != nil {
		return model.Refuse(400, model.UnknownEntitlement, "unknown")
	}
	return nil
}

// TestTrap11ReplaceRoles replaces the roles and nothing else.
func TestTrap11ReplaceRoles(t *testing.T) {
	s := newServer(t)
	s.Grants = known{"viewer", "editor"}
	id := s.posted(`{"userName":"ada","title":"Dr","roles":[{"value":"Viewer","display":"V"},{"value":"foreign"}],"entitlements":[{"value":"e"}]}`).ID()
	before := s.view(id)
	replace := func(roles ...string) (model.View, error) { return s.ReplaceRoles(s.ctx, s.api, id, roles, nil) }
	_, err := replace("editor", "king")
	requireCode(t, err, 400, model.UnknownRole)
	v, err := replace("Viewer", "foreign")
	require.NoError(t, err, "what the user has is not asked for again")
	require.Equal(t, etag(before), etag(v))
	v, err = replace("viewer", "editor", "VIEWER", "editor")
	require.NoError(t, err)
	require.JSONEq(t, `[{"value":"Viewer","display":"V"},{"value":"editor"}]`, v.Get("roles").String())
	v, err = replace()
	require.NoError(t, err)
	require.True(t, v.Get("roles").IsNull())
	require.True(t, before.WithCore("roles", scim.Value{}).WithCore("meta", scim.Value{}).Equal(v.WithCore("meta", scim.Value{}).Resource), "nothing else")
}

func TestBulkUpdate(t *testing.T) {
	s := newServer(t)
	s.Grants = known{"viewer", "editor", "badge"}
	ada := s.posted(`{"userName":"ada","roles":[{"value":"viewer"},{"value":"foreign"}],"A":{"orgUnits":[{"value":"u1","roles":["editor"]}]}}`).ID()
	bob := s.posted(`{"userName":"bob"}`).ID()
	gone := s.at(model.Gone, true)
	results, err := s.BulkUpdate(s.ctx, s.api, []string{bob, "absent", ada, gone, bob, ada}, model.BulkUpdate{
		Add:    model.Access{Roles: model.Say([]string{"Editor", "editor"}[1:]), OrgUnits: model.Say([]string{"u2", "u1"})},
		Remove: model.Access{Roles: model.Say([]string{"VIEWER", "nobody has it"})},
		Set:    model.Access{Entitlements: model.Say([]string{"badge"})},
	})
	require.NoError(t, err)
	require.Len(t, results, 4)
	for i, id := range []string{bob, "absent", ada, gone} {
		require.Equal(t, id, results[i].ID)
		require.Equal(t, id == bob || id == ada, results[i].Err == nil, id)
	}
	require.True(t, isStatus(results[1].Err, 404) && isStatus(results[3].Err, 404))
	require.Equal(t, []string{"editor"}, results[0].User.Roles())
	require.JSONEq(t, `[{"value":"u2"},{"value":"u1"}]`, results[0].User.A("orgUnits").String())
	require.Equal(t, []string{"foreign", "editor"}, results[2].User.Roles())
	require.JSONEq(t, `[{"value":"u1","roles":["editor"]},{"value":"u2"}]`, results[2].User.A("orgUnits").String())
	require.JSONEq(t, `[{"value":"badge"}]`, results[2].User.Get("entitlements").String())

	results, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, model.BulkUpdate{Add: model.Access{Roles: model.Say([]string{"king"})}})
	require.NoError(t, err)
	requireCode(t, results[0].Err, 400, model.UnknownRole)
	results, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, model.BulkUpdate{Set: model.Access{Roles: model.Say[[]string](nil)}})
	require.NoError(t, err)
	require.Empty(t, results[0].User.Roles())
	for _, b := range []model.BulkUpdate{{}, {Set: model.Access{Roles: model.Say[[]string](nil)}, Add: model.Access{Roles: model.Say([]string{"viewer"})}}} {
		_, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, b)
		requireCode(t, err, 400, "invalidValue")
	}
}
