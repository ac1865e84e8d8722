package model

import (
	_ "embed"

	"roster/scim/schema"
)

// URNs of the account model. That of roles and entitlements is from a draft of
// the SCIM working group that expired; it stands nowhere else.
const (
	UserURN             = "urn:ietf:params:scim:schemas:extension:account:2.0:User"
	GroupURN            = "urn:ietf:params:scim:schemas:extension:account:2.0:Group"
	RoleURN             = "urn:ietf:params:scim:schemas:core:2.0:Role"
	EntitlementURN      = "urn:ietf:params:scim:schemas:core:2.0:Entitlement"
	EntitlementExtraURN = "urn:ietf:params:scim:schemas:extension:account:2.0:Entitlement"
	OrgUnitURN          = "urn:ietf:params:scim:schemas:account:2.0:OrgUnit"
)

// Names of the resource types.
const (
	User        = "User"
	Group       = "Group"
	Role        = "Role"
	Entitlement = "Entitlement"
	OrgUnit     = "OrgUnit"
)

var (
	//go:embed definitions/user.json
	userDefinition string
	//go:embed definitions/grants.json
	grantsDefinition string
)

// Definitions are the schemas and resource types of the model.
func Definitions() []schema.Source {
	return []schema.Source{
		{Name: "account user", Text: userDefinition},
		{Name: "account grants", Text: grantsDefinition},
	}
}
