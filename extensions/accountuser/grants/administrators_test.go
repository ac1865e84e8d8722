package grants_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// administrators counts the active users with the role.
func (f *fixture) administrators() int {
	_, total, err := f.Search(f.t.Context(), f.call, f.host.Type(model.User), listBy(`roles.value eq "account-admin" and `+model.UserURN+`:status eq "active"`))
	require.NoError(f.t, err)
	return total
}

// waysOut are all ways by which an administrator can become none.
func (f *fixture) waysOut(id, name string) map[string]func() error {
	patches := map[string]string{
		"deactivate":           `[{"op": "replace", "path": "active", "value": false}]`,
		"deactivate, no path":  `[{"op": "replace", "value": {"active": "False"}}]`,
		"lock":                 `[{"op": "add", "path": "` + model.UserURN + `:locked", "value": true}]`,
		"take the role":        `[{"op": "remove", "path": "roles[value eq \"Account-Admin\"]"}]`,
		"take all roles":       `[{"op": "remove", "path": "roles"}]`,
		"replace the roles":    `[{"op": "replace", "path": "roles", "value": [{"value": "other"}]}]`,
		"rename the role away": `[{"op": "replace", "path": "roles[value eq \"account-admin\"].value", "value": "other"}]`,
	}
	bodies := map[string]string{
		"without roles": `{"userName": "` + name + `"}`,
		"inactive":      `{"userName": "` + name + `", "active": false, "roles": [{"value": "account-admin"}]}`,
	}
	ways := map[string]func() error{
		"DELETE":         func() error { return f.delete(model.User, id) },
		"DELETE in Bulk": func() error { return f.bulk("DELETE", "/Users/"+id, `null`) },
		"verb: roles":    func() error { return second2(f.users.ReplaceRoles(f.t.Context(), f.call, id, []string{}, nil)) },
		"verb: bulk update": func() error {
			var none model.BulkUpdate
			none.Remove.Roles = model.Maybe[[]string]{Sent: true, Value: []string{"ACCOUNT-ADMIN"}}
			results, err := f.users.BulkUpdate(f.t.Context(), f.call, []string{id}, none)
			require.NoError(f.t, err)
			return results[0].Err
		},
		"verb: lock":       func() error { return second2(f.users.Lock(f.t.Context(), f.call, id, nil)) },
		"verb: deactivate": func() error { return second2(f.users.Deactivate(f.t.Context(), f.call, id, nil)) },
		"verb: remove":     func() error { return f.users.Remove(f.t.Context(), f.call, id, nil) },
	}
	for what, ops := range patches {
		ways["PATCH: "+what] = func() error { return f.patch(model.User, id, ops) }
		ways["PATCH in Bulk: "+what] = func() error { return f.bulk("PATCH", "/Users/"+id, patchOp(f, ops).String()) }
	}
	for what, body := range bodies {
		ways["PUT: "+what] = func() error { return f.put(model.User, id, body) }
		ways["PUT in Bulk: "+what] = func() error { return f.bulk("PUT", "/Users/"+id, body) }
	}
	return ways
}

// TestTrap10LastAdministrator: on no way in can the last administrator become
// none; with another one there, on all of them.
func TestTrap10LastAdministrator(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ann := f.user("ann", "Account-Admin")
		f.make(model.User, `{"userName": "inactive", "active": false, "roles": [{"value": "account-admin"}]}`)
		f.make(model.User, `{"userName": "locked", "roles": [{"value": "account-admin"}], "`+model.UserURN+`": {"locked": true}}`)
		removed := f.user("removed", "account-admin")
		require.NoError(t, f.delete(model.User, removed))
		require.Equal(t, 1, f.administrators())
		for name, way := range f.waysOut(ann, "ann") {
			t.Run(name, func(t *testing.T) {
				e := refused(t, way(), 409, model.LastAdministrator)
				require.Contains(t, e.Detail, "last")
			})
		}
		require.NoError(t, f.patch(model.User, ann, `[{"op": "add", "path": "title", "value": "Dr"}]`))
		require.NoError(t, f.put(model.User, ann, `{"userName": "ann", "roles": [{"value": "account-admin"}]}`), "without active")

		f.user("bob", "account-admin")
		i := 0
		for name := range f.waysOut("", "") {
			i++
			id := f.user(fmt.Sprint("cy", i), "account-admin")
			require.NoError(t, f.waysOut(id, fmt.Sprint("cy", i))[name](), name)
			require.Equal(t, 2, f.administrators(), name)
		}
	})
}

// TestTrap10SelfLockout: nobody takes one's own administration away, also with
// others there.
func TestTrap10SelfLockout(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.user("other", "account-admin")
		ann, bob := f.user("ann", "account-admin"), f.user("bob")
		for name, way := range f.as(ann).waysOut(ann, "ann") {
			t.Run(name, func(t *testing.T) { refused(t, way(), 409, model.SelfLockout) })
		}
		require.NoError(t, f.as(bob).delete(model.User, bob), "who is no administrator may leave")
		require.NoError(t, f.as(ann).patch(model.User, ann, `[{"op": "add", "path": "title", "value": "Dr"}]`))
		require.NoError(t, f.delete(model.User, ann), "another one may")
	})
}

// TestNoAdministratorYet: the rule starts with the first administrator.
func TestNoAdministratorYet(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ann := f.user("ann", "editor")
		require.NoError(t, f.patch(model.User, ann, `[{"op": "replace", "path": "active", "value": false}]`))
		require.NoError(t, f.delete(model.User, ann))
	})
}

// TestLockedByFailures: wrong passwords lock the last administrator too.
func TestLockedByFailures(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ann := f.user("ann", "account-admin")
		lock := func(d *model.Draft) { d.View = d.With("locked", scim.BoolValue(true)) }
		refused(t, f.edit(ann, "user.locked", lock), 409, model.LastAdministrator)
		require.NoError(t, f.edit(ann, model.ActionLockOut, lock))
		require.Zero(t, f.administrators())
		require.NoError(t, f.patch(model.User, ann, `[{"op": "replace", "path": "`+model.UserURN+`:locked", "value": false}]`))
	})
}

// TestTrap9LastAdministratorOfABatch: operations are judged one after the other,
// so that one administrator stays whatever a Bulk asks for.
func TestTrap9LastAdministratorOfABatch(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		users := []string{f.user("ann", "account-admin"), f.user("bob", "account-admin"), f.user("cy", "account-admin")}
		var operations string
		for _, id := range users {
			operations += `,{"method": "DELETE", "path": "/Users/` + id + `"}`
		}
		refusals := f.bulks("[" + operations[1:] + "]")
		require.NoError(t, refusals[0])
		require.NoError(t, refusals[1])
		refused(t, refusals[2], 409, "")
		require.Equal(t, 1, f.administrators())

		users = []string{users[2], f.user("dan", "account-admin"), f.user("eve", "account-admin")}
		var demote model.BulkUpdate
		demote.Set.Roles = model.Maybe[[]string]{Sent: true}
		results, err := f.users.BulkUpdate(t.Context(), f.call, users, demote)
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		require.NoError(t, results[1].Err)
		refused(t, results[2].Err, 409, model.LastAdministrator)
		require.Equal(t, 1, f.administrators())
	})
}

// TestAdministratorsAtOnce: administrators who remove, lock and demote one another
// at once leave one.
func TestAdministratorsAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for round := range 10 {
			keeper := f.user(fmt.Sprint("keeper", round), "account-admin")
			other := f.user(fmt.Sprint("other", round), "account-admin")
			ids := []string{keeper, other}
			outcomes := atOnce(2, func(i int) error { return f.as(ids[i]).delete(model.User, ids[1-i]) })
			require.Equal(t, 1, outcomes[409], outcomes)
			require.Equal(t, 1, f.administrators())
			for _, id := range ids { // free the stage for the next round
				_ = f.edit(id, model.ActionLockOut, func(d *model.Draft) { d.View = d.With("locked", scim.BoolValue(true)) })
			}
			require.Zero(t, f.administrators())
		}
		const many = 30
		var ids []string
		for i := range many {
			ids = append(ids, f.user(fmt.Sprint("user", i), "account-admin"))
		}
		outcomes := atOnce(many, func(i int) error {
			switch i % 3 {
			case 0:
				return f.delete(model.User, ids[i])
			case 1:
				return f.patch(model.User, ids[i], `[{"op": "replace", "path": "active", "value": false}]`)
			}
			return f.patch(model.User, ids[i], `[{"op": "remove", "path": "roles"}]`)
		})
		left := f.administrators()
		require.GreaterOrEqual(t, left, 1)
		require.Equal(t, many-left, outcomes[0])
		require.Zero(t, outcomes[-1])
	})
}
