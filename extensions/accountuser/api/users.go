package api

import (
	"context"

	"roster/auth"
	"roster/extensions/rest"
)

func (a *API) getUser(ctx context.Context, q *rest.Request, in struct {
	ofUser
	View string `query:"view" default:"full" enum:"basic,list,full"`
}) (User, error) {
	v, err := a.read(ctx, q, in.UserID, in.View)
	return userIn(in.View, v), err
}

func (a *API) replaceRoles(ctx context.Context, q *rest.Request, in withBody[struct {
	Roles []string `json:"roles" maxItems:"1000"`
}]) (rest.None, error) {
	return changed(q)(a.Users.ReplaceRoles(ctx, q.Call, in.UserID, in.Body.Roles, q.If))
}

func (a *API) removeUser(ctx context.Context, q *rest.Request, in ofUser) (rest.None, error) {
	return rest.None{}, a.Users.Remove(ctx, q.Call, in.UserID, q.If)
}

// Uniqueness tells whether values are free.
type Uniqueness struct {
	Unique    bool     `json:"unique"`
	Conflicts []string `json:"conflicts" enum:"userName,email" doc:"What another user has"`
}

func (a *API) uniqueness(ctx context.Context, q *rest.Request, in struct {
	UserName string `query:"userName,omitzero" maxLength:"200"`
	Email    string `query:"email,omitzero" maxLength:"200"`
}) (Uniqueness, error) {
	if in.UserName == "" && in.Email == "" {
		return Uniqueness{}, rest.Refuse(400, "invalid_parameter", "send userName, or email, or both")
	}
	conflicts, err := a.Users.Uniqueness(ctx, q.Call, in.UserName, in.Email)
	return Uniqueness{Unique: len(conflicts) == 0, Conflicts: rest.OrEmpty(conflicts)}, err
}

// Found is whose login name it is.
type Found struct {
	AccountID string `json:"accountId" format:"uuid"`
	UserID    string `json:"userId" format:"uuid"`
	LoginName string `json:"loginName"`
	User      *User  `json:"user,omitzero" doc:"In the account of the token only"`
}

func (a *API) byLoginName(ctx context.Context, q *rest.Request, in struct {
	LoginName string `query:"loginName" maxLength:"200"`
	Scope     string `query:"scope" default:"account" enum:"account,global"`
	View      string `query:"view" default:"full" enum:"basic,list,full"`
}) (Found, error) {
	if in.Scope == "global" && !q.Principal.Has(auth.UserGlobal) {
		return Found{}, rest.Lacking(auth.UserGlobal, "scope=global")
	}
	account, id, err := a.Users.ByLoginName(ctx, q.Call, in.LoginName, in.Scope == "global")
	if err != nil {
		return Found{}, err
	}
	found := Found{AccountID: account, UserID: id, LoginName: in.LoginName}
	if account == string(q.Call.Account) {
		v, err := a.read(ctx, q, id, in.View)
		if err != nil {
			return Found{}, err
		}
		user := userIn(in.View, v)
		found.User = &user
	}
	return found, nil
}
