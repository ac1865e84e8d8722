package server_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage/memory"
)

const roleDefinition = `[{"id": "urn:example:Role", "name": "Role", "attributes": [{"name": "value", "required": true, "uniqueness": "server"}]},
	{"name": "Role", "endpoint": "/Roles", "schema": "urn:example:Role"}]`

const otherRoleDefinition = `[{"id": "urn:example:OtherRole", "name": "Role", "attributes": [{"name": "displayName"}]},
	{"name": "Role", "endpoint": "/Roles", "schema": "urn:example:OtherRole"}]`

// newRoleServer serves roles, and to the account "other" in another form.
func newRoleServer(t *testing.T) http.Handler {
	define := func(text string) []*schema.ResourceType {
		definitions, err := schema.Define(nil, schema.Source{Name: "role", Text: text})
		require.NoError(t, err)
		return definitions.Types
	}
	types := define(roleDefinition)
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Hasher: plainHasher{}, Representations: []provider.Representation{{
		Type: define(otherRoleDefinition)[2],
		For:  func(p scim.Profile) bool { return p.OktaGrants },
		ID:   "value",
		Show: func(r scim.Resource) scim.Resource {
			return scim.ObjectValue(scim.Member{Name: "displayName", Value: r.Get("value")})
		},
	}}})
	require.NoError(t, err)
	return serve(t, &bytes.Buffer{}, server.Config{Provider: p, Types: types,
		Settings: func(_ context.Context, account string) (scim.Profile, scim.Limits, error) {
			profile := scim.DefaultProfile()
			profile.OktaGrants = account == "other"
			return profile, scim.DefaultLimits(), nil
		}})
}

// TestRepresented: the clients of an account discover types as they are answered
// to them, and nobody else does.
func TestRepresented(t *testing.T) {
	s := newRoleServer(t)
	read := func(request string) scim.Value {
		t.Helper()
		w := send(t, s, request, "")
		require.Equal(t, 200, w.Code, w.Body)
		v, err := scim.ParseJSON(w.Body.Bytes())
		require.NoError(t, err)
		return v
	}
	const other = "\nAuthorization: Bearer other"
	for as, urn := range map[string]string{"": "urn:example:Role", "\nAuthorization: ": "urn:example:Role", other: "urn:example:OtherRole"} {
		require.Equal(t, urn, read("GET /ResourceTypes/Role"+as).Get("schema").Text())
		require.Equal(t, urn, read("GET /ResourceTypes"+as).Get("Resources").At(2).Get("schema").Text())
		require.Equal(t, urn, read("GET /Schemas/"+urn+as).Get("id").Text())
		require.Equal(t, 3, read("GET /ResourceTypes"+as).Get("Resources").Len())
	}
	require.Equal(t, 404, send(t, s, "GET /Schemas/urn:example:OtherRole", "").Code)
	require.Equal(t, 404, send(t, s, "GET /Schemas/urn:example:Role"+other, "").Code)

	made := send(t, s, "POST /Roles"+other, `{"schemas": ["urn:example:Role"], "value": "editor"}`)
	require.Equal(t, 201, made.Code, made.Body)
	require.Equal(t, "http://example.com/scim/v2/Roles/editor", made.Header().Get("Location"))
	require.Equal(t, "editor", read("GET /Roles/editor"+other).Get("id").Text())
	require.Equal(t, "editor", read("GET /Roles"+other).Get("Resources").At(0).Get("displayName").Text())
}

// TestRolesAndEntitlements: the catalogues that there are stand in
// ServiceProviderConfig for the accounts whose clients look for them there.
func TestRolesAndEntitlements(t *testing.T) {
	other := "\nAuthorization: Bearer other"
	require.Contains(t, send(t, newRoleServer(t), "GET /ServiceProviderConfig"+other, "").Body.String(), `"RolesAndEntitlements":{`+
		`"roles":{"supported":true,"multipleRolesSupported":true,"primarySupported":true,"typeSupported":true},`+
		`"entitlements":{"supported":false,"multipleEntitlementsSupported":true,"primarySupported":true,"typeSupported":true}}`)
	require.NotContains(t, send(t, newRoleServer(t), "GET /ServiceProviderConfig", "").Body.String(), "RolesAndEntitlements")
	require.NotContains(t, send(t, newServer(t, &bytes.Buffer{}), "GET /ServiceProviderConfig"+other, "").Body.String(), "RolesAndEntitlements")
}
