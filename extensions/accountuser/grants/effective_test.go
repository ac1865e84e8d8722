package grants_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// TestEffectiveEntitlements: what a user is entitled to itself and through groups
// of groups that pass it on, with what that contains, and through what it comes.
func TestEffectiveEntitlements(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Entitlement, `{"value": "vpn", "display": "VPN", "type": "service", "contains": [], %q: {"service": {"id": "s", "serviceName": "vpn", "orgId": "o"}}}`, model.EntitlementExtraURN)
		f.make(model.Entitlement, `{"value": "helpdesk", "type": "admin", %q: {"roles": [{"id": "r", "name": "op", "displayName": "Operator"}], "scope": {"id": "x", "name": "all"}}}`, model.EntitlementExtraURN)
		f.make(model.Entitlement, `{"value": "suite", "type": "Service", "contains": ["VPN"]}`)
		f.make(model.Entitlement, `{"value": "car", "type": "other"}`)
		f.make(model.Entitlement, `{"value": "desk"}`)
		f.make(model.Entitlement, `{"value": "relic", "type": "admin", "contains": ["desk"], "supported": false}`)
		f.make(model.Entitlement, `{"value": "fleet", "type": "service", "contains": ["desk"]}`)

		ann := f.make(model.User, `{"userName": "ann", "entitlements": [{"value": "HelpDesk"}, {"value": "relic"}, {"value": "unknown"}]}`)
		group := func(name, member, own string) string {
			return f.make(model.Group, `{"displayName": %q, "members": [{"value": %q}], %q: %s}`, name, member, g, own)
		}
		inner := group("inner", ann, `{"entitlements": [{"value": "helpdesk"}, {"value": "car"}], "serviceEntitlementEnabled": true}`)
		outer := group("outer", inner, `{"entitlements": [{"value": "suite"}], "serviceEntitlementEnabled": true}`)
		off := group("off", ann, `{"entitlements": [{"value": "suite"}, {"value": "helpdesk"}, {"value": "fleet"}], "serviceEntitlementEnabled": false}`)

		require.JSONEq(t, `[
			{"value": "car", "type": "other", "via": ["`+inner+`"]},
			{"value": "helpdesk", "type": "admin", "via": ["`+ann+`"]},
			{"value": "suite", "type": "Service", "via": ["`+outer+`"]},
			{"value": "vpn", "display": "VPN", "type": "service", "via": ["`+outer+`"]}]`, f.a(ann, "effectiveEntitlements").String())

		admin, err := f.access.AdminEntitlements(t.Context(), f.call, ann)
		require.NoError(t, err)
		require.Len(t, admin, 1)
		text, err := json.Marshal(admin[0])
		require.NoError(t, err)
		require.JSONEq(t, `{"id": "`+admin[0].ID+`", "value": "helpdesk", "type": "admin", "roles": [{"id": "r", "name": "op", "displayName": "Operator"}],
			"scope": {"id": "x", "name": "all"}, "via": [{"type": "direct"}]}`, string(text))

		services, err := f.access.ServiceEntitlements(t.Context(), f.call, ann)
		require.NoError(t, err)
		require.Len(t, services, 2)
		text, err = json.Marshal(services[1])
		require.NoError(t, err)
		require.JSONEq(t, `{"id": "`+services[1].ID+`", "value": "vpn", "display": "VPN", "type": "service", "roles": [],
			"service": {"id": "s", "serviceName": "vpn", "orgId": "o"}, "via": [{"type": "group", "id": "`+outer+`", "display": "outer"}]}`, string(text))

		require.NoError(t, f.patch(model.Group, off, `[{"op": "replace", "path": "`+g+`:adminEntitlementEnabled", "value": true}]`))
		admin, err = f.access.AdminEntitlements(t.Context(), f.call, ann)
		require.NoError(t, err)
		require.Equal(t, "[{direct  } {group "+off+" off}]", fmt.Sprint(admin[0].Via), "read at once")

		nobody := f.user("bob")
		services, err = f.access.ServiceEntitlements(t.Context(), f.call, nobody)
		require.NoError(t, err)
		require.Equal(t, "[]", fmt.Sprint(services))
		require.True(t, f.a(nobody, "effectiveEntitlements").IsNull())
	})
}

// TestMemberships: where a user has which roles; roles that are not known mean
// nothing.
func TestMemberships(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Role, `{"value": "Editor"}`)
		f.make(model.Role, `{"value": "approver", "contains": ["Editor"]}`)
		f.licence("pro", 5)
		f.make(model.Role, `{"value": "all", "contains": ["approver"]}`)
		unit := f.unit("Berlin", "")
		ann := f.make(model.User, `{"userName": "ann", "roles": [{"value": "editor"}, {"value": "EDITOR"}, {"value": "unknown"}, {"value": "pro"}], %q: {"orgUnits": [{"value": %q, "roles": ["approver", "unknown"]}]}}`, model.UserURN, unit)
		inner := f.make(model.Group, `{"displayName": "inner", "members": [{"value": %q}]}`, ann)
		outer := f.make(model.Group, `{"displayName": "outer", "members": [{"value": %q}], %q: {"roles": ["ALL"]}}`, inner, g)

		list, err := f.access.Memberships(t.Context(), f.call, ann, "")
		require.NoError(t, err)
		require.Equal(t, "[{account a Example [Editor pro]} {orgUnit "+unit+" Berlin [approver]} {group "+outer+" outer [all]}]", fmt.Sprint(list))
		for scope, want := range map[string]int{"account": 1, "orgUnit": 1, "group": 1} {
			list, err := f.access.Memberships(t.Context(), f.call, ann, scope)
			require.NoError(t, err)
			require.Len(t, list, want)
			require.Equal(t, scope, list[0].ScopeType)
		}
		require.JSONEq(t, `[
			{"value": "a", "scopeType": "account", "display": "Example", "roles": ["Editor", "pro"]},
			{"value": "`+unit+`", "scopeType": "orgUnit", "display": "Berlin", "roles": ["approver"]},
			{"value": "`+outer+`", "scopeType": "group", "display": "outer", "roles": ["all"]}]`, f.a(ann, "memberships").String())

		roles, err := f.access.EffectiveRoles(t.Context(), f.call, ann)
		require.NoError(t, err)
		require.Equal(t, []string{"all", "approver", "Editor", "pro"}, roles, "with what they contain")
	})
}

// TestContainedBeyondTheLimit: what would read too much is refused instead of cut.
func TestContainedBeyondTheLimit(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.make(model.Role, `{"value": "a"}`)
		f.make(model.Role, `{"value": "b", "contains": ["a"]}`)
		ann := f.user("ann", "b")
		f.call.Limits.GroupClosure = 1
		_, err := f.access.EffectiveRoles(t.Context(), f.call, ann)
		require.Equal(t, scim.TooMany, refused(t, err, 400, "").Type)
	})
}
