package grants_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

const g = model.GroupURN

// TestGroups: what a group gives its members is known, where the account wants so.
func TestGroups(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Role, `{"value": "editor"}`)
		f.make(model.Role, `{"value": "relic", "supported": false}`)
		f.make(model.Entitlement, `{"value": "vpn"}`)
		group := f.make(model.Group, `{"displayName": "g", "`+g+`": {"roles": ["EDITOR"], "entitlements": [{"value": "vpn"}], "source": "ui"}}`)
		require.Equal(t, "scim", f.get(model.Group, group).Get(g).Get("source").Text(), "the server's")
		f.call.Profile.UnknownGrants = false
		for body, code := range map[string]string{
			`{"roles": ["nobody"]}`:                    model.UnknownRole,
			`{"roles": ["editor", "relic"]}`:           model.UnknownRole,
			`{"entitlements": [{"value": "nothing"}]}`: model.UnknownEntitlement,
		} {
			refused(t, second(f.post(model.Group, `{"displayName": "h", "`+g+`": `+body+`}`)), 400, code)
			refused(t, f.put(model.Group, group, `{"displayName": "g", "`+g+`": `+body+`}`), 400, code)
			refused(t, f.patch(model.Group, group, `[{"op": "add", "path": "`+g+`", "value": `+body+`}]`), 400, code)
			refused(t, f.bulk("PUT", "/Groups/"+group, `{"displayName": "g", "`+g+`": `+body+`}`), 400, "")
		}
		f.call.Profile.UnknownGrants = true
		before := f.get(model.Group, group).Get(g)
		require.NoError(t, f.put(model.Group, group, `{"displayName": "renamed"}`))
		require.JSONEq(t, before.String(), f.get(model.Group, group).Get(g).String(), "a client that does not know the extension takes nothing away")
		require.NoError(t, f.put(model.Group, group, `{"displayName": "renamed", "`+g+`": {"description": "x"}}`))
		require.True(t, f.get(model.Group, group).Get(g).Get("roles").IsNull())
	})
}

// TestDynamicGroup: whoever makes a dynamic group says who is in it; nobody can
// write its members later.
func TestDynamicGroup(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ann, bob := f.user("ann"), f.user("bob")
		member := func(id string) string { return `[{"value": "` + id + `"}]` }
		plain := f.make(model.Group, `{"displayName": "plain"}`)
		refused(t, f.patch(model.Group, plain, `[{"op": "add", "path": "`+g+`:dynamic", "value": true}]`), 400, "")
		refused(t, f.put(model.Group, plain, `{"displayName": "plain", "`+g+`": {"dynamic": true}}`), 400, "")
		group := f.make(model.Group, `{"displayName": "g", "members": %s, %q: {"dynamic": true}}`, member(ann), g)
		add := `[{"op": "add", "path": "members", "value": ` + member(bob) + `}]`
		for name, err := range map[string]error{
			"PUT":               f.put(model.Group, group, `{"displayName": "g", "members": `+member(bob)+`, "`+g+`": {"dynamic": true}}`),
			"PUT, none":         f.put(model.Group, group, `{"displayName": "g"}`),
			"PATCH add":         f.patch(model.Group, group, add),
			"PATCH remove":      f.patch(model.Group, group, `[{"op": "remove", "path": "members"}]`),
			"PATCH remove one":  f.patch(model.Group, group, `[{"op": "remove", "path": "members[value eq \"`+ann+`\"]"}]`),
			"PATCH replace":     f.patch(model.Group, group, `[{"op": "replace", "value": {"members": `+member(bob)+`}}]`),
			"PATCH in Bulk":     f.bulk("PATCH", "/Groups/"+group, patchOp(f, add).String()),
			"no longer dynamic": f.put(model.Group, group, `{"displayName": "g", "members": `+member(ann)+`, "`+g+`": {"dynamic": false}}`),
		} {
			require.Equal(t, scim.Mutability, refused(t, err, 400, "").Type, name)
		}
		require.NoError(t, f.patch(model.Group, group, `[{"op": "add", "path": "members", "value": `+member(ann)+`}]`), "it changes nothing")
		require.NoError(t, f.put(model.Group, group, `{"displayName": "renamed", "members": `+member(ann)+`}`))
		require.NoError(t, f.delete(model.User, ann))
		require.True(t, f.get(model.Group, group).Get("members").IsNull(), "a removed user is in no group")
		require.NoError(t, f.delete(model.Group, group))
	})
}

// TestTrap12GroupsOfAUser: paged in a stable order, with the total of all, also
// of those that come through others, for 1,024 groups and circles among them.
func TestTrap12GroupsOfAUser(t *testing.T) {
	const direct = 1024
	onEachEngine(t, func(t *testing.T, f *fixture) {
		ann := f.user("ann")
		var ids []string
		for i := range direct {
			ids = append(ids, f.make(model.Group, `{"displayName": "group %d", "members": [{"value": %q}]}`, i, ann))
		}
		outer := f.make(model.Group, `{"displayName": "outer", "members": [{"value": %q}], "`+g+`": {"dynamic": true, "description": "all", "idp": "okta", "adminEntitlementEnabled": true}}`, ids[0])
		require.NoError(t, f.patch(model.Group, ids[0], `[{"op": "add", "path": "members", "value": [{"value": "`+outer+`"}]}]`), "a circle")

		var seen []string
		for from := 0; ; from += 100 {
			page, total, err := f.access.Groups(t.Context(), f.call, ann, from, 100)
			require.NoError(t, err)
			require.Equal(t, direct+1, total)
			if len(page) == 0 {
				break
			}
			for _, group := range page {
				seen = append(seen, group.ID)
			}
		}
		require.Equal(t, append(ids, outer), seen)

		page, _, err := f.access.Groups(t.Context(), f.call, ann, direct, 20)
		require.NoError(t, err)
		require.Len(t, page, 1)
		require.Equal(t, "indirect", page[0].Type)
		require.Equal(t, "outer all okta scim true true false", fmt.Sprint(page[0].DisplayName, " ", page[0].Description, " ", page[0].IdP, " ", page[0].Source, " ", page[0].Dynamic, " ", page[0].Admin, " ", page[0].Service))
		page, total, err := f.access.Groups(t.Context(), f.call, ann, 0, 0)
		require.NoError(t, err)
		require.Empty(t, page)
		require.Equal(t, direct+1, total)
		page, _, err = f.access.Groups(t.Context(), f.call, ann, 1<<40, 20)
		require.NoError(t, err)
		require.Empty(t, page, "beyond the end")
		_, _, err = f.access.Groups(t.Context(), f.call, outer, 0, 20)
		refused(t, err, 404, "")
	})
}
