package grants_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// licence makes a role with seats.
func (f *fixture) licence(value string, seats int) string {
	return f.make(model.Role, `{"value": %q, "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": %d}`, value, seats)
}

func (f *fixture) used(role string) int {
	f.t.Helper()
	n, ok := f.get(model.Role, role, "totalAssignmentsUsed").Get("totalAssignmentsUsed").Int()
	require.True(f.t, ok)
	return n
}

// TestTrap7Seats: a seat is taken by whatever gives a user the role, on every way
// in, given back by whatever takes it, and never given when none is left.
func TestTrap7Seats(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		pro := f.licence("Pro", 1)
		ann, bob := f.user("ann", "pro"), f.user("bob")
		require.Equal(t, 1, f.used(pro))
		require.JSONEq(t, `["Pro"]`, f.a(ann, "licences").String())
		require.True(t, f.a(bob, "licences").IsNull())

		for name, way := range f.waysToGive(bob, "bob", "pro") {
			t.Run("none left by "+name, func(t *testing.T) {
				require.Contains(t, refused(t, way(), 409, model.NoSeat).Detail, "seats")
			})
		}
		require.Equal(t, 1, f.used(pro))

		same := f.version(model.User, ann)
		require.NoError(t, f.patch(model.User, ann, `[{"op": "add", "path": "roles", "value": [{"value": "pro"}]}]`))
		require.Equal(t, same, f.version(model.User, ann), "whoever has the seat needs no other")
		require.NoError(t, f.patch(model.User, ann, `[{"op": "add", "path": "roles", "value": [{"value": "PRO", "type": "again"}]}]`))
		require.Equal(t, 1, f.used(pro), "the same role written twice takes one seat")

		require.NoError(t, f.patch(model.User, ann, `[{"op": "replace", "path": "active", "value": false}]`))
		require.Equal(t, 1, f.used(pro), "an inactive user keeps it")
		require.NoError(t, f.put(model.User, ann, `{"userName": "ann"}`))
		require.Zero(t, f.used(pro))

		for name, way := range f.waysToGive(bob, "bob", "pro") {
			require.NoError(t, way(), name)
			require.Equal(t, 1, f.used(pro), name)
			require.NoError(t, f.patch(model.User, bob, `[{"op": "remove", "path": "roles"}]`))
			_ = f.deleteNamed("zoe")
			require.Zero(t, f.used(pro), name)
		}
	})
}

// waysToGive are all ways in by which a user can come to a role.
func (f *fixture) waysToGive(id, name, role string) map[string]func() error {
	whole := `{"userName": "` + name + `", "roles": [{"value": "` + role + `"}]}`
	ops := `[{"op": "add", "path": "roles", "value": [{"value": "` + role + `"}]}]`
	created := `{"userName": "zoe", "roles": [{"value": "` + role + `"}]}`
	return map[string]func() error{
		"POST":          func() error { return second(f.post(model.User, created)) },
		"PUT":           func() error { return f.put(model.User, id, whole) },
		"PATCH":         func() error { return f.patch(model.User, id, ops) },
		"POST in Bulk":  func() error { return f.bulk("POST", "/Users", created) },
		"PUT in Bulk":   func() error { return f.bulk("PUT", "/Users/"+id, whole) },
		"PATCH in Bulk": func() error { return f.bulk("PATCH", "/Users/"+id, patchOp(f, ops).String()) },
		"a verb": func() error {
			return f.edit(id, "user.roles.replaced", func(d *model.Draft) {
				d.View = d.WithCore("roles", f.value(elements([]string{role})))
			})
		},
	}
}

func (f *fixture) deleteNamed(userName string) error {
	found, _, err := f.Search(context.Background(), f.call, f.host.Type(model.User), listBy(`userName eq "`+userName+`"`))
	if err != nil || len(found) == 0 {
		return err
	}
	return f.delete(model.User, found[0].Get("id").Text())
}

// TestLimits: raising and lowering the limit is free, and takes nothing away.
func TestLimits(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		pro := f.licence("pro", 2)
		users := []string{f.user("ann", "pro"), f.user("bob", "pro")}
		limit := func(n int) {
			require.NoError(t, f.patch(model.Role, pro, fmt.Sprintf(`[{"op": "replace", "path": "totalAssignmentsPermitted", "value": %d}]`, n)))
		}
		limit(1)
		require.Equal(t, 2, f.used(pro))
		require.NoError(t, f.patch(model.User, users[0], `[{"op": "add", "path": "title", "value": "Dr"}]`), "both keep their seats")
		refused(t, second(f.post(model.User, `{"userName": "cy", "roles": [{"value": "pro"}]}`)), 409, model.NoSeat)
		limit(3)
		f.user("cy", "pro")
		require.NoError(t, f.patch(model.Role, pro, `[{"op": "replace", "path": "limitedAssignmentsPermitted", "value": false}]`))
		for i := range 3 {
			f.user(fmt.Sprint("u", i), "pro")
		}
		require.NoError(t, f.patch(model.Role, pro, `[{"op": "replace", "path": "limitedAssignmentsPermitted", "value": true}]`))
		refused(t, second(f.post(model.User, `{"userName": "dan", "roles": [{"value": "pro"}]}`)), 409, model.NoSeat)
	})
}

// TestUnknownRoleCounts: a role that users had before it was made counts them.
func TestUnknownRoleCounts(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.user("ann", "later")
		later := f.licence("Later", 1)
		require.Equal(t, 1, f.used(later))
		refused(t, second(f.post(model.User, `{"userName": "bob", "roles": [{"value": "later"}]}`)), 409, model.NoSeat)
		refused(t, f.delete(model.Role, later), 409, model.InUse)
	})
}

// TestSeatsOfRemovedUsers: a removed user gives its seat back, and takes one anew
// when it is restored.
func TestSeatsOfRemovedUsers(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		pro := f.licence("pro", 1)
		ann := f.user("ann", "pro")
		require.NoError(t, f.delete(model.User, ann))
		require.Zero(t, f.used(pro))
		bob := f.user("bob", "pro")
		refused(t, f.restore(ann), 409, model.NoSeat)
		require.NoError(t, f.delete(model.User, bob))
		require.NoError(t, f.restore(ann))
		require.Equal(t, 1, f.used(pro))
		require.JSONEq(t, `["pro"]`, f.a(ann, "licences").String())
	})
}

// TestSeatsAtOnce: of many who want the last seats, so many get one as there are.
func TestSeatsAtOnce(t *testing.T) {
	const seats, callers = 5, 40
	onEachEngine(t, func(t *testing.T, f *fixture) {
		pro := f.licence("pro", seats)
		users := make([]string, callers)
		for i := range users {
			users[i] = f.user(fmt.Sprint("user", i))
		}
		outcomes := atOnce(callers, func(i int) error {
			if i%2 == 0 {
				return f.patch(model.User, users[i], `[{"op": "add", "path": "roles", "value": [{"value": "pro"}]}]`)
			}
			return second(f.post(model.User, fmt.Sprintf(`{"userName": "more%d", "roles": [{"value": "Pro"}]}`, i)))
		})
		require.Equal(t, map[int]int{0: seats, 409: callers - seats}, outcomes)
		require.Equal(t, seats, f.used(pro))
	})
}

// TestSeatsInBulk: operations take seats one by one; creations that come together
// take all that they need, or none.
func TestSeatsInBulk(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		pro := f.licence("pro", 1)
		post := func(name, manager string) string {
			return `{"method": "POST", "path": "/Users", "bulkId": "` + name + `", "data": {"userName": "` + name + `", "roles": [{"value": "pro"}],
				"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "bulkId:` + manager + `"}}}}`
		}
		for _, err := range f.bulks("[" + post("ann", "bob") + "," + post("bob", "ann") + "]") {
			require.Contains(t, refused(t, err, 409, "").Detail, "seats")
		}
		require.Zero(t, f.used(pro))

		one := func(name string) string {
			return `{"method": "POST", "path": "/Users", "bulkId": "` + name + `", "data": {"userName": "` + name + `", "roles": [{"value": "pro"}]}}`
		}
		refusals := f.bulks("[" + one("ann") + "," + one("bob") + "]")
		require.NoError(t, refusals[0])
		require.Equal(t, scim.ScimType(""), refused(t, refusals[1], 409, "").Type)
	})
}

// TestSeatsAreForUsersOnly: nothing else than a user itself can have a role that
// takes a seat, whichever of the two comes first.
func TestSeatsAreForUsersOnly(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.licence("pro", 5)
		unit := f.make(model.OrgUnit, `{"name": "Berlin"}`)
		for i, role := range []string{"pro", "account-admin"} {
			for name, body := range map[string][2]string{
				"group": {model.Group, `{"displayName": "g%d", "` + model.GroupURN + `": {"roles": [%q]}}`},
				"role":  {model.Role, `{"value": "r%d", "contains": [%q]}`},
				"unit":  {model.User, `{"userName": "u%d", "` + model.UserURN + `": {"orgUnits": [{"value": "` + unit + `", "roles": [%q]}]}}`},
			} {
				t.Run(name+" "+role, func(t *testing.T) {
					refused(t, second(f.post(body[0], fmt.Sprintf(body[1], i, role))), 400, "")
				})
			}
		}
		plain := f.make(model.Role, `{"value": "plain"}`)
		group := f.make(model.Group, `{"displayName": "g", "`+model.GroupURN+`": {"roles": ["plain"]}}`)
		limit := `[{"op": "add", "value": {"limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 1}}]`
		refused(t, f.patch(model.Role, plain, limit), 409, model.InUse)
		require.NoError(t, f.delete(model.Group, group))
		require.NoError(t, f.patch(model.Role, plain, limit))
	})
}

// TestSeatsAndGroupsAtOnce: a role does not become one with seats while a group
// takes it up.
func TestSeatsAndGroupsAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for i := range 20 {
			role := f.make(model.Role, `{"value": "role%d"}`, i)
			group := f.make(model.Group, `{"displayName": "group%d"}`, i)
			atOnce(2, func(n int) error {
				if n == 0 {
					return f.patch(model.Role, role, `[{"op": "add", "value": {"limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 1}}]`)
				}
				return f.patch(model.Group, group, fmt.Sprintf(`[{"op": "add", "path": "%s:roles", "value": ["role%d"]}]`, model.GroupURN, i))
			})
			limited := f.get(model.Role, role).Get("limitedAssignmentsPermitted").Bool()
			require.NotEqual(t, limited, f.get(model.Group, group).Get(model.GroupURN).Get("roles").Len() == 1)
		}
	})
}
