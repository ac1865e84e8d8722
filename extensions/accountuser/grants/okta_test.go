package grants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
)

// okta is the fixture of an account whose clients read roles and entitlements as
// Okta does.
func (f *fixture) okta() *fixture {
	other := *f
	other.call.Profile.OktaGrants = true
	return &other
}

// shown reads a resource as it is answered.
func (f *fixture) shown(typeName, id string) scim.Value {
	f.t.Helper()
	r, err := f.Get(f.t.Context(), f.call, f.host.Type(typeName), id, provider.Projection{})
	require.NoError(f.t, err)
	return f.value(string(r.JSON))
}

// TestOktaGrants: the items that Okta's entitlement discovery reads, with the
// schemas that it looks for, and ids that users' roles have as values.
func TestOktaGrants(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		role := f.make(model.Role, `{"value": "role-1", "display": "First Role"}`)
		f.make(model.Entitlement, `{"value": "profile-123", "type": "Profile", %q: {"service": {"id": "s"}}}`, model.EntitlementExtraURN)
		o := f.okta()

		var urns []string
		for _, rt := range f.Represented(o.call.Profile, f.host.Types) {
			if rt.Name == model.Role || rt.Name == model.Entitlement {
				urns = append(urns, rt.Endpoint+" "+rt.Schema.ID)
			}
		}
		require.Equal(t, []string{"/Roles urn:okta:scim:schemas:core:1.0:Role", "/Entitlements urn:okta:scim:schemas:core:1.0:Entitlement"}, urns)

		for _, id := range []string{"role-1", "ROLE-1", role} {
			shown := o.shown(model.Role, id)
			require.Equal(t, "https://x/scim/v2/Roles/role-1", shown.Get("meta").Get("location").Text())
			require.JSONEq(t, `{"schemas": ["urn:okta:scim:schemas:core:1.0:Role"], "id": "role-1", "displayName": "First Role"}`,
				shown.With("meta", scim.Value{}).String())
		}
		require.JSONEq(t, `{"schemas": ["urn:okta:scim:schemas:core:1.0:Entitlement"], "id": "profile-123", "displayName": "profile-123", "type": "Profile"}`,
			o.shown(model.Entitlement, "profile-123").With("meta", scim.Value{}).String())

		list, err := o.List(t.Context(), o.call, o.host.Types, provider.ListRequest{Count: 100})
		require.NoError(t, err)
		var ids []string
		for _, r := range list.Resources {
			ids = append(ids, r.ID)
		}
		require.Equal(t, []string{"account-admin", "role-1", "profile-123"}, ids)

		ann := o.user("ann", "role-1")
		require.JSONEq(t, `["role-1"]`, f.a(ann, "memberships").At(0).Get("roles").String(), "which means the role")
		refused(t, o.delete(model.Role, "role-1"), 409, model.InUse)
		require.Equal(t, role, f.shown(model.Role, role).Get("id").Text(), "other accounts see what they always saw")
	})
}
