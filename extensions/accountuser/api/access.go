package api

import (
	"context"

	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

func (a *API) groups(ctx context.Context, q *Request, in struct {
	ofUser
	window
}) (Page[grants.Group], error) {
	found, total, err := a.Grants.Groups(ctx, q.Call, in.UserID, in.From, in.Take)
	return pageOf(in.window, total, found), err
}

// entitlements answers with the effective entitlements of a kind.
func entitlements(find func(context.Context, provider.Call, string) ([]grants.Entitlement, error)) operation {
	return handle(func(ctx context.Context, q *Request, in ofUser) (List[grants.Entitlement], error) {
		found, err := find(ctx, q.Call, in.UserID)
		return listOf(found, err)
	})
}

func (a *API) memberships(ctx context.Context, q *Request, in struct {
	ofUser
	Scope string `query:"scope,omitzero" enum:"account,orgUnit,group" doc:"Only those of one kind"`
}) (List[grants.Membership], error) {
	found, err := a.Grants.Memberships(ctx, q.Call, in.UserID, in.Scope)
	return listOf(found, err)
}

// Assignments are organisational units to be given to a user.
type Assignments struct {
	OrgUnits []grants.Assignment `json:"orgUnits" maxItems:"1000"`
}

func (a *API) orgUnits(ctx context.Context, q *Request, in ofUser) (List[grants.OrgUnit], error) {
	return q.units(a.Grants.OrgUnits(ctx, q.Call, in.UserID))
}

func (a *API) replaceOrgUnits(ctx context.Context, q *Request, in withBody[Assignments]) (List[grants.OrgUnit], error) {
	return q.units(a.Grants.ReplaceOrgUnits(ctx, q.Call, in.UserID, q.If, in.Body.OrgUnits))
}

func (a *API) addOrgUnits(ctx context.Context, q *Request, in withBody[Assignments]) (List[grants.OrgUnit], error) {
	return q.units(a.Grants.AddOrgUnits(ctx, q.Call, in.UserID, q.If, in.Body.OrgUnits))
}

func (q *Request) units(list []grants.OrgUnit, v model.View, err error) (List[grants.OrgUnit], error) {
	return listOf(list, q.tagged(v, err))
}

func (a *API) idpLinks(ctx context.Context, q *Request, in ofUser) (List[IdPLink], error) {
	v, err := a.readAttributes(ctx, q, in.UserID, model.UserURN+":idpLinks")
	return listOf(each(v.A("idpLinks"), idpLink), err)
}

func (a *API) removeIdPLink(ctx context.Context, q *Request, in struct {
	ofUser
	IdPID          string `path:"idpId"`
	ExternalUserID string `path:"externalUserId" doc:"A slash in it is encoded as %2F"`
	Force          bool   `query:"force" default:"false" doc:"Even if the user could not log in any more"`
}) (None, error) {
	return q.changed(a.Users.RemoveIdPLink(ctx, q.Call, in.UserID, in.IdPID, in.ExternalUserID, in.Force, q.If))
}
