package api

import (
	"context"

	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim/provider"
)

func (a *API) groups(ctx context.Context, q *rest.Request, in struct {
	ofUser
	rest.Window
}) (rest.Page[grants.Group], error) {
	found, total, err := a.Grants.Groups(ctx, q.Call, in.UserID, in.From, in.Take)
	return rest.PageOf(in.Window, total, found), err
}

// entitlements answers with the effective entitlements of a kind.
func entitlements(find func(context.Context, provider.Call, string) ([]grants.Entitlement, error)) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (rest.List[grants.Entitlement], error) {
		found, err := find(ctx, q.Call, in.UserID)
		return rest.ListOf(found, err)
	})
}

func (a *API) memberships(ctx context.Context, q *rest.Request, in struct {
	ofUser
	Scope string `query:"scope,omitzero" enum:"account,orgUnit,group" doc:"Only those of one kind"`
}) (rest.List[grants.Membership], error) {
	found, err := a.Grants.Memberships(ctx, q.Call, in.UserID, in.Scope)
	return rest.ListOf(found, err)
}

// Assignments are organisational units to be given to a user.
type Assignments struct {
	OrgUnits []grants.Assignment `json:"orgUnits" maxItems:"1000"`
}

func (a *API) orgUnits(ctx context.Context, q *rest.Request, in ofUser) (rest.List[grants.OrgUnit], error) {
	return unitsOf(q)(a.Grants.OrgUnits(ctx, q.Call, in.UserID))
}

func (a *API) replaceOrgUnits(ctx context.Context, q *rest.Request, in withBody[Assignments]) (rest.List[grants.OrgUnit], error) {
	return unitsOf(q)(a.Grants.ReplaceOrgUnits(ctx, q.Call, in.UserID, q.If, in.Body.OrgUnits))
}

func (a *API) addOrgUnits(ctx context.Context, q *rest.Request, in withBody[Assignments]) (rest.List[grants.OrgUnit], error) {
	return unitsOf(q)(a.Grants.AddOrgUnits(ctx, q.Call, in.UserID, q.If, in.Body.OrgUnits))
}

// unitsOf answers with the organisational units of a user.
func unitsOf(q *rest.Request) func([]grants.OrgUnit, model.View, error) (rest.List[grants.OrgUnit], error) {
	return func(list []grants.OrgUnit, v model.View, err error) (rest.List[grants.OrgUnit], error) {
		return rest.ListOf(list, tagged(q, v, err))
	}
}

func (a *API) idpLinks(ctx context.Context, q *rest.Request, in ofUser) (rest.List[IdPLink], error) {
	v, err := a.readAttributes(ctx, q, in.UserID, model.UserURN+":idpLinks")
	return rest.ListOf(each(v.A("idpLinks"), idpLink), err)
}

func (a *API) removeIdPLink(ctx context.Context, q *rest.Request, in struct {
	ofUser
	IdPID          string `path:"idpId"`
	ExternalUserID string `path:"externalUserId" doc:"A slash in it is encoded as %2F"`
	Force          bool   `query:"force" default:"false" doc:"Even if the user could not log in any more"`
}) (rest.None, error) {
	return changed(q)(a.Users.RemoveIdPLink(ctx, q.Call, in.UserID, in.IdPID, in.ExternalUserID, in.Force, q.If))
}
