package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	roleSchema  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"]`
	groupSchema = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","urn:ietf:params:scim:schemas:extension:account:2.0:Group"]`
	unitSchema  = `"schemas":["urn:ietf:params:scim:schemas:account:2.0:OrgUnit"]`
)

func TestGroups(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	for i := range 5 {
		w.resource("Group", fmt.Sprintf(`{%s,"displayName":"G%d","members":[{"value":"%s"}]}`, groupSchema, i, idOf(ada)))
	}
	inner := w.resource("Group", `{`+groupSchema+`,"displayName":"inner","members":[{"value":"`+idOf(ada)+`"}],
		"urn:ietf:params:scim:schemas:extension:account:2.0:Group":{"description":"D","idp":"google","dynamic":true,"adminEntitlementEnabled":true}}`)
	w.resource("Group", `{`+groupSchema+`,"displayName":"outer","members":[{"value":"`+inner+`"}]}`)
	a := w.send("GET", ada+"/groups?take=2&from=5", "").is(200)
	require.EqualValues(t, 7, a.get("rowCount"))
	require.Equal(t, map[string]any{"id": inner, "displayName": "inner", "type": "direct", "description": "D", "source": "scim", "idp": "google",
		"dynamic": true, "adminEntitlementEnabled": true, "serviceEntitlementEnabled": false}, a.get("results.0"))
	require.Equal(t, "indirect", a.get("results.1.type"))
	w.send("GET", ada+"/groups?take=1001", "").is(400, "invalid_parameter")
	require.Len(t, w.send("GET", ada, "").get("groups"), 7)
}

func TestEntitlements(t *testing.T) {
	w := newWorld(t)
	for value, kind := range map[string]string{"helpdesk": "admin", "crm": "service"} {
		w.resource("Entitlement", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Entitlement","urn:ietf:params:scim:schemas:extension:account:2.0:Entitlement"],
			"value":"`+value+`","display":"D","type":"`+kind+`","urn:ietf:params:scim:schemas:extension:account:2.0:Entitlement":{
			"roles":[{"id":"1","name":"op","displayName":"Operator"}],"scope":{"id":"s"},"service":{"id":"v","serviceName":"CRM"}}}`)
	}
	ada := w.human("ada", `,"entitlements":["helpdesk"]`)
	group := w.resource("Group", `{`+groupSchema+`,"displayName":"G","members":[{"value":"`+idOf(ada)+`"}],
		"urn:ietf:params:scim:schemas:extension:account:2.0:Group":{"serviceEntitlementEnabled":true,"entitlements":[{"value":"crm"},{"value":"helpdesk"}]}}`)
	admin := w.send("GET", ada+"/admin-entitlements", "").is(200)
	require.Len(t, admin.get("results"), 1)
	require.Equal(t, "helpdesk", admin.get("results.0.value"))
	require.Equal(t, []any{map[string]any{"type": "direct"}}, admin.get("results.0.via"))
	require.Equal(t, "Operator", admin.get("results.0.roles.0.displayName"))
	service := w.send("GET", ada+"/service-entitlements", "").is(200)
	require.Equal(t, "crm", service.get("results.0.value"))
	require.Equal(t, "CRM", service.get("results.0.service.serviceName"))
	require.Equal(t, group, service.get("results.0.via.0.id"))
}

func TestMemberships(t *testing.T) {
	w := newWorld(t)
	for _, role := range []string{"viewer", "approver", "member"} {
		w.resource("Role", `{`+roleSchema+`,"value":"`+role+`"}`)
	}
	unit := w.resource("OrgUnit", `{`+unitSchema+`,"name":"Berlin"}`)
	ada := w.human("ada", `,"roles":["viewer"],"orgUnits":[{"id":"`+unit+`","roles":["approver"]}]`)
	w.resource("Group", `{`+groupSchema+`,"displayName":"G","members":[{"value":"`+idOf(ada)+`"}],
		"urn:ietf:params:scim:schemas:extension:account:2.0:Group":{"roles":["member"]}}`)
	all := w.send("GET", ada+"/memberships", "").is(200)
	require.Len(t, all.get("results"), 3)
	require.Equal(t, map[string]any{"scopeType": "account", "scopeId": w.acme, "display": "acme", "roles": []any{"viewer"}}, all.get("results.0"))
	require.Equal(t, []any{"approver"}, w.send("GET", ada+"/memberships?scope=orgUnit", "").get("results.0.roles"))
	require.Equal(t, []any{"member"}, w.send("GET", ada+"/memberships?scope=group", "").get("results.0.roles"))
	w.send("GET", ada+"/memberships?scope=planet", "").is(400, "invalid_parameter")
	w.send("GET", ada+"/memberships", "", "token: user.read").is(403, "insufficient_scope")
}

// TestOrgUnits is trap 29 as far as users are concerned.
func TestOrgUnits(t *testing.T) {
	w := newWorld(t)
	w.resource("Role", `{`+roleSchema+`,"value":"approver"}`)
	land := w.resource("OrgUnit", `{`+unitSchema+`,"name":"DE","level":"country"}`)
	city := w.resource("OrgUnit", `{`+unitSchema+`,"name":"Berlin","code":"BER","parent":{"value":"`+land+`"}}`)
	closed := w.resource("OrgUnit", `{`+unitSchema+`,"name":"Bonn","active":false}`)
	ada := w.human("ada")
	require.Equal(t, []any{}, w.send("GET", ada+"/org-units", "").is(200).get("results"))
	a := w.send("PUT", ada+"/org-units", `{"orgUnits":[{"id":"`+city+`","roles":["approver"]}]}`).is(200)
	require.Equal(t, []any{map[string]any{"id": city, "name": "Berlin", "code": "BER", "path": "/DE/Berlin", "active": true, "roles": []any{"approver"}}}, a.get("results"))
	require.Equal(t, w.send("GET", ada, "").header.Get("ETag"), a.header.Get("ETag"))

	a = w.send("POST", ada+"/org-units", `{"orgUnits":[{"id":"`+land+`"},{"id":"`+city+`"}]}`).is(200)
	require.Len(t, a.get("results"), 2)
	require.Equal(t, []any{"approver"}, a.get("results.0.roles"), "roles that are not said stay")
	require.Equal(t, []any{}, a.get("results.1.roles"))
	a = w.send("PUT", ada+"/org-units", `{"orgUnits":[{"id":"`+land+`"}]}`).is(200)
	require.Equal(t, land, a.get("results.0.id"))
	require.Len(t, a.get("results"), 1)
	for body, code := range map[string]string{
		`{"orgUnits":[{"id":"nowhere"}]}`: "unknown_org_unit", `{"orgUnits":[{"id":"` + closed + `"}]}`: "inactive_org_unit",
		`{"orgUnits":[{"id":"` + city + `","roles":["nobody"]}]}`:    "unknown_role",
		`{"orgUnits":[{"id":"` + city + `"},{"id":"` + city + `"}]}`: "invalid_value",
		`{"orgUnits":null}`: "invalid_value", `{}`: "invalid_value", `{"orgUnits":["` + city + `"]}`: "invalid_value",
	} {
		require.Equal(t, code, w.send("PUT", ada+"/org-units", body).get("code"), body)
		require.Equal(t, code, w.send("POST", ada+"/org-units", body).get("code"), body)
	}
	require.Equal(t, []any{}, w.send("PUT", ada+"/org-units", `{"orgUnits":[]}`).is(200).get("results"))
}

func TestIdPLinks(t *testing.T) {
	w := newWorld(t)
	links := `,"idpLinks":[{"idpId":"google","externalUserId":"a/1"},{"idpId":"entra","externalUserId":"2"}]`
	ada := "/users/" + w.send("POST", "/users", `{"emailAddress":"ada@example.com","givenName":"A","familyName":"L","emailVerified":true`+links+`}`).is(201).text("userId")
	require.Len(t, w.send("GET", ada+"/idp-links", "").is(200).get("results"), 2)
	w.send("DELETE", ada+"/idp-links/google/2", "").is(404, "not_found")
	w.send("DELETE", ada+"/idp-links/google/a%2F1", "").is(204)
	w.send("DELETE", ada+"/idp-links/entra/2", "").is(409, "only_way_in")
	w.send("DELETE", ada+"/idp-links/entra/2?force=true", "").is(204)
	require.Equal(t, []any{}, w.send("GET", ada+"/idp-links", "").get("results"))
}
