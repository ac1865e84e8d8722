// Package grants is what users of an account may do: roles, some of which take a
// seat, entitlements, org units, and what comes through groups.
//
// It promises, on every way in and under concurrency:
//
//   - A role with limited assignments is never given to more users than it has
//     seats. A user who is not removed keeps the seat, whatever the status.
//   - An account that has an administrator keeps one: an active user with the role
//     [Administrator] itself. Nobody takes that role, or the access that it needs,
//     from oneself. Only a lock by failed authentications ([model.ActionLockOut])
//     is outside of this: else guessing could go on.
//   - Seats and administration come from a user's own roles alone: groups, other
//     roles and org units cannot give such a role. So nothing but a change of the
//     user can take a seat or make an administrator.
//   - What is referred to stays: a role, entitlement or org unit that is in use
//     cannot be removed. Org units are a tree, at most 64 levels deep.
//
// A removed user counts for nothing but keeps its roles and org units, so that a
// restored one has them again: a seat is taken anew, or the restoration is
// refused; org units that are gone meanwhile are dropped.
//
// Roles also say what a user may do at this server; see Scopes. So who may write
// users or groups decides who may do what: a connector with the scope scim:write can
// make an administrator of any user, also of one whose credentials it has, or whose
// attributes are those by which the tokens of an issuer find their user. It then
// reaches all that is the account's own. [model.Settings].ProtectRoles leaves giving
// such roles to callers who may write the account. It is no wall around the users
// who have them: who writes users can still change by which attributes an issuer's
// tokens find an administrator, so those should be none that a connector sets.
//
// Over SCIM a user can have a role that does not exist, if the account's profile
// says so. It grants nothing, but counts: it may be created later.
package grants

import (
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// Administrator is the role of those who administer an account. Every account
// has it from the beginning; see Found.
const Administrator = "account-admin"

// Grants holds for every account of a server. It may be used concurrently.
type Grants struct{ *model.Model }

// New returns the grants of a model.
func New(m *model.Model) *Grants { return &Grants{m} }

// Rules are what every change must pass, after those of the model.
func (g *Grants) Rules() []provider.Rule {
	return []provider.Rule{
		rule{on: model.Role, derive: supportedByDefault, check: checkCatalogue},
		rule{on: model.Role, check: checkRole},
		rule{on: model.Entitlement, derive: supportedByDefault, check: checkCatalogue},
		rule{on: model.Group, derive: deriveGroup, check: checkGroup},
		rule{on: model.OrgUnit, derive: activeByDefault, check: checkOrgUnit},
		rule{on: model.User, derive: deriveAssignments, check: checkAssignments},
		rule{on: model.User, check: checkSeats},
		rule{on: model.User, check: checkAdministrators},
		rule{on: model.User, check: checkProtected},
		counting{},
	}
}

// Computed are how the attributes are made that this package defines as such.
func (g *Grants) Computed() []provider.Computed {
	user := func(name string) string { return model.UserURN + ":" + name }
	return []provider.Computed{
		{Type: model.Role, Path: "containedBy", Value: containedBy},
		{Type: model.Role, Path: "totalAssignmentsUsed", Value: seatsUsed},
		{Type: model.Entitlement, Path: "containedBy", Value: containedBy},
		{Type: model.OrgUnit, Path: "path", Value: unitPath},
		{Type: model.User, Path: user("orgUnits"), Value: showAssignments},
		{Type: model.User, Path: user("memberships"), Value: g.showMemberships},
		{Type: model.User, Path: user("effectiveEntitlements"), Value: showEntitlements},
		{Type: model.User, Path: user("licences"), Value: showLicences},
	}
}
