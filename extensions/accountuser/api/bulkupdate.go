package api

import (
	"context"
	"net/http"

	"roster/auth/httpauth"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// AccessInput is what users are given or lose.
type AccessInput struct {
	Roles        rest.Maybe[[]string] `json:"roles,omitzero" maxItems:"1000"`
	Entitlements rest.Maybe[[]string] `json:"entitlements,omitzero" maxItems:"1000"`
	OrgUnits     rest.Maybe[[]string] `json:"orgUnits,omitzero" maxItems:"1000" doc:"Identifiers"`
}

func (in AccessInput) access() model.Access {
	return model.Access{Roles: said(in.Roles), Entitlements: said(in.Entitlements), OrgUnits: said(in.OrgUnits)}
}

// BulkUpdate changes what many users have in the same way.
type BulkUpdate struct {
	UserIDs []string    `json:"userIds" minItems:"1" maxItems:"1000" minLength:"1" maxLength:"200"`
	Set     AccessInput `json:"set,omitzero" doc:"Instead of what they have"`
	Add     AccessInput `json:"add,omitzero"`
	Remove  AccessInput `json:"remove,omitzero"`
}

// BulkResult is what came of one user: the user, or a problem.
type BulkResult struct {
	UserID  string        `json:"userId"`
	Status  int           `json:"status" doc:"As if the user had been changed alone"`
	User    *ListedUser   `json:"user,omitzero"`
	Problem *rest.Problem `json:"problem,omitzero"`
}

func (a *API) bulkUpdate(ctx context.Context, q *rest.Request, in struct{ Body BulkUpdate }) (rest.List[BulkResult], error) {
	b := in.Body
	results, err := a.Users.BulkUpdate(ctx, q.Call, b.UserIDs, model.BulkUpdate{
		Set: b.Set.access(), Add: b.Add.access(), Remove: b.Remove.access(),
	})
	if err != nil {
		return rest.List[BulkResult]{}, err
	}
	httpauth.EventFrom(ctx).Results = len(results)
	list := make([]BulkResult, len(results))
	for i, r := range results {
		if list[i], err = resultOf(ctx, q, r); err != nil {
			return rest.List[BulkResult]{}, err
		}
	}
	return rest.ListOf(list, nil)
}

func resultOf(ctx context.Context, q *rest.Request, r model.BulkResult) (BulkResult, error) {
	if r.Err == nil {
		shown := listedUser(r.User)
		return BulkResult{UserID: r.ID, Status: http.StatusOK, User: &shown}, nil
	}
	if p := q.Problem(ctx, r.Err); p != nil {
		return BulkResult{UserID: r.ID, Status: p.Status, Problem: p}, nil
	}
	return BulkResult{}, r.Err
}
