package grants_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// administratorRole finds the role of administrators.
func (f *fixture) administratorRole() string {
	found, total, err := f.Search(context.Background(), f.call, f.host.Type(model.Role), provider.ListRequest{Filter: `value eq "account-admin"`, Count: 1})
	require.NoError(f.t, err)
	require.Equal(f.t, 1, total)
	return found[0].Get("id").Text()
}

// TestFound: every account has the role of administrators, once, however often
// and by how many at once it is founded.
func TestFound(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		outcomes := atOnce(20, func(int) error { return f.grants.Found(context.Background(), f.host, "other") })
		require.Equal(t, map[int]int{0: 20}, outcomes)
		f.call.Account = "other"
		before := f.version(model.Role, f.administratorRole())
		require.NoError(t, f.grants.Found(context.Background(), f.host, "other"))
		require.Equal(t, before, f.version(model.Role, f.administratorRole()))
		f.call.Account = "a"
	})
}

// TestRoles: what a role may be.
func TestRoles(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		editor := f.make(model.Role, `{"value": "Editor", "contains": []}`)
		require.True(t, f.get(model.Role, editor).Get("supported").Bool(), "by default")
		admin := f.administratorRole()
		for _, c := range []struct {
			name   string
			err    error
			status int
			code   string
		}{
			{"a value twice", second(f.post(model.Role, `{"value": "EDITOR"}`)), 409, ""},
			{"another value", f.patch(model.Role, editor, `[{"op": "replace", "path": "value", "value": "author"}]`), 400, ""},
			{"less than no seat", second(f.post(model.Role, `{"value": "x", "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": -1}`)), 400, ""},
			{"contains itself", second(f.post(model.Role, `{"value": "x", "contains": ["X"]}`)), 409, model.Cycle},
			{"contains administrators", second(f.post(model.Role, `{"value": "x", "contains": ["Account-Admin"]}`)), 400, ""},
			{"administrators limited", f.patch(model.Role, admin, `[{"op": "add", "value": {"limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 9}}]`), 400, ""},
			{"administrators unsupported", f.patch(model.Role, admin, `[{"op": "replace", "path": "supported", "value": false}]`), 400, ""},
			{"no administrators", f.delete(model.Role, admin), 409, model.InUse},
			{"no administrators, in a Bulk", f.bulk("DELETE", "/Roles/"+admin, `null`), 409, ""},
		} {
			t.Run(c.name, func(t *testing.T) { refused(t, c.err, c.status, c.code) })
		}
		require.NoError(t, f.patch(model.Role, admin, `[{"op": "add", "value": {"display": "Chefs", "contains": ["editor"]}}]`))
	})
}

// TestUnknownGrants: accounts whose clients may name what does not exist can do so
// for groups and catalogues as for users. It grants nothing, and a circle cannot
// come about by it.
func TestUnknownGrants(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		group := `{"displayName": "g", "` + model.GroupURN + `": {"roles": ["later"], "entitlements": [{"value": "never"}]}}`
		f.call.Profile = scim.StrictProfile()
		refused(t, second(f.post(model.Role, `{"schemas": ["`+model.RoleURN+`"], "value": "x", "contains": ["later"]}`)), 400, model.UnknownRole)
		refused(t, second(f.post(model.Group, strings.Replace(group, "{", `{"schemas": ["`+scim.SchemaGroup+`", "`+model.GroupURN+`"], `, 1))), 400, model.UnknownRole)

		f.call.Profile = scim.DefaultProfile()
		f.make(model.Role, `{"value": "x", "contains": ["later"]}`)
		f.make(model.Group, "%s", group)
		refused(t, second(f.post(model.Role, `{"value": "Later", "contains": ["X"]}`)), 409, model.Cycle)
		refused(t, second(f.post(model.Role, `{"value": "later", "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 1}`)), 409, model.InUse)
		f.make(model.Role, `{"value": "later"}`)
	})
}

// TestLimitWithoutNumber: it limits nothing yet.
func TestLimitWithoutNumber(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		role := f.make(model.Role, `{"value": "x", "limitedAssignmentsPermitted": true}`)
		f.make(model.User, `{"userName": "ada", "roles": [{"value": "x"}]}`)
		require.NoError(t, f.patch(model.Role, role, `[{"op": "add", "value": {"totalAssignmentsPermitted": 1}}]`))
		refused(t, second(f.post(model.User, `{"userName": "bob", "roles": [{"value": "x"}]}`)), 409, model.NoSeat)
	})
}

func second(_ string, err error) error { return err }

// TestRoleInUse: what somebody has cannot be removed.
func TestRoleInUse(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		unit := f.make(model.OrgUnit, `{"name": "Berlin"}`)
		for i, c := range []struct{ holder, body string }{
			{model.User, `{"userName": "ann", "roles": [{"value": "ROLE"}]}`},
			{model.User, `{"userName": "bob", "urn:ietf:params:scim:schemas:extension:account:2.0:User": {"orgUnits": [{"value": "` + unit + `", "roles": ["role"]}]}}`},
			{model.Group, `{"displayName": "g", "urn:ietf:params:scim:schemas:extension:account:2.0:Group": {"roles": ["Role"]}}`},
			{model.Role, `{"value": "more", "contains": ["role"]}`},
		} {
			t.Run(fmt.Sprint(i, c.holder), func(t *testing.T) {
				role := f.make(model.Role, `{"value": "role"}`)
				holder := f.make(c.holder, "%s", c.body)
				refused(t, f.delete(model.Role, role), 409, model.InUse)
				require.NoError(t, f.delete(c.holder, holder))
				require.NoError(t, f.delete(model.Role, role))
			})
		}
		entitlement := f.make(model.Entitlement, `{"value": "vpn"}`)
		ann := f.make(model.User, `{"userName": "cy", "entitlements": [{"value": "VPN"}]}`)
		refused(t, f.delete(model.Entitlement, entitlement), 409, model.InUse)
		require.NoError(t, f.patch(model.User, ann, `[{"op": "remove", "path": "entitlements"}]`))
		require.NoError(t, f.delete(model.Entitlement, entitlement))
	})
}

// TestRoleRemovedWhileGiven: a strict account never ends with a user whose role
// is gone.
func TestRoleRemovedWhileGiven(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		strict := f.strict()
		for i := range 20 {
			role := f.make(model.Role, `{"value": "role%d"}`, i)
			user := f.user(fmt.Sprint("user", i))
			removed, given := false, false
			atOnce(2, func(n int) (err error) {
				if n == 0 {
					err = f.delete(model.Role, role)
					removed = err == nil
				} else {
					err = strict.patch(model.User, user, fmt.Sprintf(`[{"op": "add", "path": "roles", "value": [{"value": "role%d"}]}]`, i))
					given = err == nil
				}
				return err
			})
			require.NotEqual(t, removed, given)
		}
	})
}

// TestContains: roles and entitlements contain others without circles, and know
// who contains them.
func TestContains(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for _, typeName := range []string{model.Role, model.Entitlement} {
			a := f.make(typeName, `{"value": "A"}`)
			f.make(typeName, `{"value": "B", "contains": ["a"]}`)
			f.make(typeName, `{"value": "C", "contains": ["b"]}`)
			e := refused(t, f.patch(typeName, a, `[{"op": "add", "path": "contains", "value": ["c"]}]`), 409, model.Cycle)
			require.Contains(t, e.Detail, "contains")
			require.JSONEq(t, `["B"]`, f.get(typeName, a, "containedBy").Get("containedBy").String())
			require.Equal(t, 409, refused(t, f.delete(typeName, a), 409, model.InUse).Status)
		}
	})
}

// TestContainsAtOnce: two that take up one another at once do not become a circle.
func TestContainsAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for i := range 20 {
			ids := []string{f.make(model.Role, `{"value": "a%d"}`, i), f.make(model.Role, `{"value": "b%d"}`, i)}
			outcomes := atOnce(2, func(n int) error {
				return f.patch(model.Role, ids[n], fmt.Sprintf(`[{"op": "add", "path": "contains", "value": ["%c%d"]}]`, "ba"[n], i))
			})
			require.Equal(t, map[int]int{0: 1, 409: 1}, outcomes)
		}
	})
}

// TestKnows: what exists and is supported.
func TestKnows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Role, `{"value": "editor"}`)
		f.make(model.Role, `{"value": "relic", "supported": false}`)
		f.make(model.Entitlement, `{"value": "vpn"}`)
		strict := f.strict()
		post := func(attribute, value string) error {
			return second(strict.post(model.User, `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "`+attribute+value+`", "`+attribute+`": [{"value": "`+value+`"}]}`))
		}
		require.NoError(t, post("roles", "EDITOR"))
		require.NoError(t, post("entitlements", "vpn"))
		refused(t, post("roles", "vpn"), 400, "")
		refused(t, post("roles", "relic"), 400, "")
		refused(t, post("entitlements", "editor"), 400, "")
		ann := f.user("ann", "no such role")
		_, err := f.users.ReplaceRoles(t.Context(), f.call, ann, []string{"no such role", "editor"}, nil)
		require.NoError(t, err, "what the user has already is not asked for")
		_, err = f.users.ReplaceRoles(t.Context(), f.call, ann, []string{"another one"}, nil)
		refused(t, err, 400, model.UnknownRole)

		require.NoError(t, f.Store.View(t.Context(), "a", func(s storage.Snapshot) error {
			require.NoError(t, f.grants.CheckRoles(t.Context(), s, []string{"Editor", grants.Administrator}))
			refused(t, f.grants.CheckRoles(t.Context(), s, []string{"Editor", "relic"}), 400, model.UnknownRole)
			refused(t, f.grants.CheckEntitlements(t.Context(), s, []string{"x"}), 400, model.UnknownEntitlement)
			e := refused(t, f.grants.CheckRoles(t.Context(), s, []string{"x"}), 400, model.UnknownRole)
			require.Equal(t, scim.InvalidValue, e.Type)
			return nil
		}))
	})
}
