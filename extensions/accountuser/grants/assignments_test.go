package grants_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

const units = model.UserURN + ":orgUnits"

// TestTrap29Assignments: users are given units that are there and active, see
// their names, and whatever says the same changes nothing.
func TestTrap29Assignments(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		berlin, paris := f.unit("Berlin", ""), f.unit("Paris", "")
		closed := f.make(model.OrgUnit, `{"name": "Closed", "active": false}`)
		ann := f.make(model.User, `{"userName": "ann", %q: {"orgUnits": [{"value": %q, "roles": ["approver", "Approver"], "display": "x", "$ref": "y"}]}}`, model.UserURN, berlin)
		want := `[{"value": "` + berlin + `", "roles": ["approver"], "$ref": "https://x/scim/v2/OrgUnits/` + berlin + `", "display": "Berlin"}]`
		require.JSONEq(t, want, f.a(ann, "orgUnits").String())
		require.NotContains(t, f.body(ann), "display", "names are not stored")
		require.JSONEq(t, want, f.get(model.User, ann).Get(model.UserURN).Get("orgUnits").String(), "by default")

		version := f.version(model.User, ann)
		for _, ops := range []string{
			`[{"op": "add", "path": "` + units + `", "value": [{"value": "` + berlin + `"}]}]`,
			`[{"op": "add", "path": "` + units + `", "value": ` + want + `}]`,
			`[{"op": "replace", "path": "` + units + `", "value": ` + want + `}]`,
			`[{"op": "replace", "path": "` + units + `[display eq \"berlin\"].roles", "value": ["approver"]}]`,
		} {
			require.NoError(t, f.patch(model.User, ann, ops))
			require.Equal(t, version, f.version(model.User, ann), ops)
		}

		for id, code := range map[string]string{"nowhere": model.UnknownOrgUnit, ann: model.UnknownOrgUnit, closed: model.InactiveOrgUnit} {
			body := `{"userName": "%s", "` + model.UserURN + `": {"orgUnits": [{"value": "` + id + `"}]}}`
			refused(t, second(f.post(model.User, fmt.Sprintf(body, "bob"))), 400, code)
			refused(t, f.put(model.User, ann, fmt.Sprintf(body, "ann")), 400, code)
			refused(t, f.patch(model.User, ann, `[{"op": "add", "path": "`+units+`", "value": [{"value": "`+id+`"}]}]`), 400, code)
			refused(t, f.bulk("POST", "/Users", fmt.Sprintf(body, "bob")), 400, "")
		}
		twice := `{"userName": "ann", "` + model.UserURN + `": {"orgUnits": [{"value": "` + paris + `", "roles": %s}, {"value": "` + paris + `", "roles": ["b"]}]}}`
		refused(t, f.put(model.User, ann, fmt.Sprintf(twice, `["a"]`)), 400, "")
		require.NoError(t, f.put(model.User, ann, fmt.Sprintf(twice, `[]`)))
		require.JSONEq(t, `{"value": "`+paris+`", "roles": ["b"], "display": "Paris", "$ref": "https://x/scim/v2/OrgUnits/`+paris+`"}`, f.a(ann, "orgUnits").At(0).String())
		require.NoError(t, f.patch(model.User, ann, `[{"op": "replace", "path": "`+units+`", "value": [{"value": "`+berlin+`"}]}]`))

		require.NoError(t, f.patch(model.OrgUnit, berlin, `[{"op": "replace", "path": "active", "value": false}]`))
		require.NoError(t, f.patch(model.User, ann, `[{"op": "add", "path": "`+units+`", "value": [{"value": "`+paris+`"}]}]`), "who was in the unit stays")
		refused(t, f.delete(model.OrgUnit, berlin), 409, model.InUse)
		require.NoError(t, f.patch(model.User, ann, `[{"op": "remove", "path": "`+units+`[value eq \"`+berlin+`\"]"}]`))
		require.NoError(t, f.delete(model.OrgUnit, berlin))
		_, total, err := f.Search(t.Context(), f.call, f.host.Type(model.User), listBy(units+`[value eq "`+paris+`" and display eq "PARIS"]`))
		require.NoError(t, err)
		require.Equal(t, 1, total)
	})
}

// body is what is stored of a resource.
func (f *fixture) body(id string) (text string) {
	require.NoError(f.t, f.Store.View(f.t.Context(), "a", func(s storage.Snapshot) error {
		d, err := s.Get(f.t.Context(), id)
		text = string(d.Body)
		return err
	}))
	return text
}

// TestTrap29Verbs: the verbs replace and merge, and answer the list.
func TestTrap29Verbs(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.make(model.Role, `{"value": "approver"}`)
		europe := f.make(model.OrgUnit, `{"name": "Europe", "level": "region", "code": "EU"}`)
		berlin := f.unit("Berlin", europe)
		ann := f.user("ann")
		shown := func(list []grants.OrgUnit, user model.View, err error) string {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, f.version(model.User, ann), user.Get("meta").Get("version").Text())
			return fmt.Sprint(list)
		}
		require.Equal(t, `[]`, shown(f.access.OrgUnits(ctx, f.call, ann)))
		require.Equal(t, `[{`+berlin+` Berlin   /Europe/Berlin true [approver]}]`,
			shown(f.access.AddOrgUnits(ctx, f.call, ann, nil, []grants.Assignment{{ID: berlin, Roles: []string{"approver"}}})))
		both := `[{` + berlin + ` Berlin   /Europe/Berlin true [approver]} {` + europe + ` Europe EU region /Europe true []}]`
		require.Equal(t, both, shown(f.access.AddOrgUnits(ctx, f.call, ann, nil, []grants.Assignment{{ID: europe}, {ID: berlin}})), "without roles they stay")
		require.Equal(t, both, shown(f.access.OrgUnits(ctx, f.call, ann)))
		require.Equal(t, `[{`+berlin+` Berlin   /Europe/Berlin true []}]`,
			shown(f.access.ReplaceOrgUnits(ctx, f.call, ann, nil, []grants.Assignment{{ID: berlin}})), "without roles there are none")
		require.Equal(t, `[]`, shown(f.access.ReplaceOrgUnits(ctx, f.call, ann, nil, nil)))

		for code, list := range map[string][]grants.Assignment{
			"":                    {{ID: berlin}, {ID: berlin}},
			model.UnknownOrgUnit:  {{ID: "nowhere"}},
			model.UnknownRole:     {{ID: berlin, Roles: []string{"nobody"}}},
			model.InactiveOrgUnit: {{ID: f.make(model.OrgUnit, `{"name": "Closed", "active": false}`)}},
		} {
			_, _, err := f.access.AddOrgUnits(ctx, f.call, ann, nil, list)
			refused(t, err, 400, code)
			_, _, err = f.access.ReplaceOrgUnits(ctx, f.call, ann, nil, list)
			refused(t, err, 400, code)
		}
		stale := func(string) error { return scim.Errorf(412, "", "stale") }
		_, _, err := f.access.ReplaceOrgUnits(ctx, f.call, ann, stale, nil)
		refused(t, err, 412, "")
		_, _, err = f.access.OrgUnits(ctx, f.call, berlin)
		refused(t, err, 404, "")
	})
}

// TestTrap28RemovedUsers: a removed user is in no unit, holds no role, and is
// nobody's member; restored it is again, but for what is gone.
func TestTrap28RemovedUsers(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Role, `{"value": "editor"}`)
		seat := f.make(model.Role, `{"value": "seat"}`)
		gone, kept := f.unit("Gone", ""), f.unit("Kept", "")
		ann := f.make(model.User, `{"userName": "ann", "roles": [{"value": "editor"}, {"value": "relic"}], "entitlements": [{"value": "relic"}], %q: {"orgUnits": [{"value": %q}, {"value": %q, "roles": ["seat", "editor"]}]}}`, model.UserURN, gone, kept)
		group := f.make(model.Group, `{"displayName": "g", "members": [{"value": %q}]}`, ann)
		require.NoError(t, f.delete(model.User, ann))
		for name, err := range map[string]error{
			"memberships": second2(f.access.Memberships(t.Context(), f.call, ann, "")),
			"roles":       second2(f.access.EffectiveRoles(t.Context(), f.call, ann)),
			"units":       third(f.access.OrgUnits(t.Context(), f.call, ann)),
			"groups":      third(f.access.Groups(t.Context(), f.call, ann, 0, 10)),
			"services":    second2(f.access.ServiceEntitlements(t.Context(), f.call, ann)),
			"admin":       second2(f.access.AdminEntitlements(t.Context(), f.call, ann)),
		} {
			t.Run(name, func(t *testing.T) { refused(t, err, 404, "") })
		}
		require.NoError(t, f.delete(model.OrgUnit, gone), "it is in no unit")
		require.NoError(t, f.patch(model.OrgUnit, kept, `[{"op": "replace", "path": "active", "value": false}]`))
		require.NoError(t, f.patch(model.Role, seat, `[{"op": "add", "value": {"limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 0}}]`))

		require.NoError(t, f.restore(ann))
		require.JSONEq(t, `[{"value": "`+kept+`", "display": "Kept", "$ref": "https://x/scim/v2/OrgUnits/`+kept+`", "roles": ["editor"]}]`, f.a(ann, "orgUnits").String())
		require.JSONEq(t, elements([]string{"editor", "relic"}), f.get(model.User, ann).Get("roles").String())
		require.True(t, f.get(model.Group, group).Get("members").IsNull())
		refused(t, f.delete(model.OrgUnit, kept), 409, model.InUse)

		require.NoError(t, f.delete(model.User, ann))
		require.NoError(t, f.strict().restore(ann))
		require.JSONEq(t, elements([]string{"editor"}), f.get(model.User, ann).Get("roles").String(), "a strict account takes only what it knows")
		require.True(t, f.get(model.User, ann).Get("entitlements").IsNull())
	})
}

func second2[T any](_ T, err error) error       { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

// TestUnitRemovedWhileGiven: no user ends in a unit that is gone.
func TestUnitRemovedWhileGiven(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for i := range 20 {
			unit, user := f.unit(fmt.Sprint("unit", i), ""), f.user(fmt.Sprint("user", i))
			outcomes := atOnce(2, func(n int) error {
				if n == 0 {
					return f.delete(model.OrgUnit, unit)
				}
				return f.patch(model.User, user, `[{"op": "add", "path": "`+units+`", "value": [{"value": "`+unit+`"}]}]`)
			})
			require.Equal(t, 1, outcomes[0], outcomes)
		}
	})
}
