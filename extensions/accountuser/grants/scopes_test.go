package grants_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// allowed lists what the roles of a user allow.
func (f *fixture) allowed(id string) (scopes []auth.Scope) {
	f.t.Helper()
	settings, err := f.grants.Config.Settings(f.ctx, "a")
	require.NoError(f.t, err)
	require.NoError(f.t, f.host.Store.View(f.ctx, "a", func(s storage.Snapshot) error {
		d, err := s.Get(f.ctx, id)
		require.NoError(f.t, err)
		scopes, err = f.grants.Scopes(f.ctx, s, settings, f.call, d)
		return err
	}))
	return scopes
}

// TestScopes: what the roles of a user allow follows from the settings and from what
// the user has itself, through groups and in other roles, at that time.
func TestScopes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.RoleScopes = map[string][]auth.Scope{
			"Reader": {auth.UserRead, auth.SCIMRead}, "writer": {auth.SCIM, auth.UserRead}, "relic": {auth.UserDelete}, "ghost": {auth.UserWrite},
			"greedy": {auth.PlatformAdmin, auth.UserGlobal, auth.Roles, auth.Open, "nonsense", auth.UserMembership},
		}
		for _, role := range []string{"READER", "writer", "greedy", "plain"} {
			f.make(model.Role, `{"value": %q}`, role)
		}
		f.make(model.Role, `{"value": "relic", "supported": false}`)
		f.make(model.Role, `{"value": "lead", "contains": ["reader"]}`)
		unit := f.unit("Berlin", "")
		for _, tt := range []struct {
			roles []string
			want  []auth.Scope
		}{
			{nil, nil},
			{[]string{"plain"}, nil},
			{[]string{"reader"}, []auth.Scope{auth.SCIMRead, auth.UserRead}},
			{[]string{"Writer", "reader"}, []auth.Scope{auth.SCIM, auth.SCIMRead, auth.UserRead}},
			{[]string{"lead"}, []auth.Scope{auth.SCIMRead, auth.UserRead}},
			{[]string{"relic", "ghost"}, nil},
			{[]string{"greedy"}, []auth.Scope{auth.UserMembership}},
			{[]string{"account-admin"}, auth.AdministratorScopes()},
			{[]string{"reader", "Account-Admin"}, auth.AdministratorScopes()},
		} {
			user := f.user("u"+strings.Join(tt.roles, "-"), tt.roles...)
			require.Equal(t, tt.want, f.allowed(user), "%v", tt.roles)
		}
		inUnit := f.make(model.User, `{"userName": "ann", %q: {"orgUnits": [{"value": %q, "roles": ["reader"]}]}}`, model.UserURN, unit)
		require.Empty(t, f.allowed(inUnit), "a role in a unit is for that unit")

		bob := f.user("bob")
		inner := f.make(model.Group, `{"displayName": "inner", "members": [{"value": %q}]}`, bob)
		outer := f.make(model.Group, `{"displayName": "outer", "members": [{"value": %q}], %q: {"roles": ["lead"]}}`, inner, g)
		require.Equal(t, []auth.Scope{auth.SCIMRead, auth.UserRead}, f.allowed(bob), "through groups")
		f.settings.ProtectRoles = true
		require.Empty(t, f.allowed(bob), "protected roles are the user's own")
		require.Empty(t, f.allowed(f.user("cyd", "lead")))
		require.Equal(t, []auth.Scope{auth.SCIMRead, auth.UserRead}, f.allowed(f.user("dan", "reader", "relic", "ghost")))
		f.settings.ProtectRoles = false
		require.NoError(t, f.delete(model.Group, outer))
		require.Empty(t, f.allowed(bob))

		f.call.Limits.GroupClosure = 1
		many := f.user("many", "lead")
		require.Empty(t, f.allowed(many), "more than is looked at")
		boss := f.user("boss", "lead", "account-admin")
		require.Equal(t, auth.AdministratorScopes(), f.allowed(boss))
	})
}

// TestProtectedRoles: where the account wants so, only who may write the account
// gives a role that allows something; such a role can be taken by all who write
// users.
func TestProtectedRoles(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.RoleScopes = map[string][]auth.Scope{"Reader": {auth.UserRead}, "unknown": {auth.UserRead}}
		f.make(model.Role, `{"value": "reader"}`)
		f.make(model.Role, `{"value": "plain"}`)
		connector, operator := f.with(auth.SCIM, auth.UserWrite), f.with(auth.SCIM, auth.AccountWrite)
		f.user("boss", grants.Administrator)
		give := func(by *fixture, id, role string) map[string]error {
			list := `[{"value": "` + role + `"}]`
			_, api := by.users.ReplaceRoles(by.ctx, by.call, id, []string{role}, nil)
			return map[string]error{
				"PATCH":  by.patch(model.User, id, `[{"op": "add", "path": "roles", "value": `+list+`}]`),
				"PUT":    by.put(model.User, id, `{"userName": "ann", "roles": `+list+`}`),
				"Bulk":   by.bulk("PUT", "/Users/"+id, `{"userName": "ann", "roles": `+list+`}`),
				"create": second(by.post(model.User, `{"userName": "`+role+`", "roles": `+list+`}`)),
				"API":    api,
			}
		}
		ann := f.user("ann")
		for _, role := range []string{"reader", "READER", "Account-Admin"} {
			f.settings.ProtectRoles = true
			for way, err := range give(connector, ann, role) {
				e := refused(t, err, 403, model.InsufficientScope)
				require.Contains(t, e.Detail, auth.AccountWrite, way)
				require.Equal(t, "null", f.get(model.User, ann).Get("roles").String(), way)
			}
		}
		require.NoError(t, connector.patch(model.User, ann, `[{"op": "add", "path": "roles", "value": [{"value": "plain"}]}]`))
		refused(t, connector.patch(model.User, ann, `[{"op": "add", "path": "roles", "value": [{"value": "unknown"}]}]`), 403, model.InsufficientScope)

		bob := operator.user("bob", "reader", grants.Administrator)
		require.NoError(t, connector.patch(model.User, bob, `[{"op": "replace", "path": "displayName", "value": "Bob"}]`))
		require.NoError(t, connector.put(model.User, bob, `{"userName": "bob", "roles": `+elements([]string{"READER", "account-admin", "plain"})+`}`))
		require.NoError(t, connector.delete(model.User, bob))
		require.NoError(t, connector.restore(bob), "who had the role has it again")
		require.NoError(t, connector.patch(model.User, bob, `[{"op": "remove", "path": "roles"}]`))
		refused(t, connector.patch(model.User, bob, `[{"op": "add", "path": "roles", "value": [{"value": "reader"}]}]`), 403, model.InsufficientScope)

		require.NoError(t, f.patch(model.User, bob, `[{"op": "add", "path": "roles", "value": [{"value": "reader"}]}]`), "the server itself")
		f.settings.ProtectRoles = false
		for i, role := range []string{"reader", "account-admin"} {
			_, err := connector.post(model.User, fmt.Sprintf(`{"userName": "free%d", "roles": %s}`, i, elements([]string{role})))
			require.NoError(t, err)
		}
	})
}
