package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/schema"
)

// TestDefinitions: the definitions are right, and files can extend them.
func TestDefinitions(t *testing.T) {
	d, err := schema.Define([]schema.Source{{Name: "file", Text: `[
		{"id": "urn:example:Badge", "attributes": [{"name": "number"}]},
		{"name": "OrgUnit", "schemaExtensions": [{"schema": "urn:example:Badge"}]}]`}}, model.Definitions()...)
	require.NoError(t, err)
	endpoints := map[string]string{}
	for _, rt := range d.Types {
		endpoints[rt.Name] = rt.Endpoint
	}
	require.Equal(t, map[string]string{
		model.User: "/Users", model.Group: "/Groups", model.Role: "/Roles", model.Entitlement: "/Entitlements", model.OrgUnit: "/OrgUnits",
	}, endpoints)
	require.Len(t, d.Schemas, 1, "of the file")
}
