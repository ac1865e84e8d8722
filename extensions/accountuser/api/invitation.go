package api

import (
	"context"

	"roster/auth"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// Invitation asks a person to set up a user.
type Invitation struct {
	UserID           string   `json:"userId" format:"uuid"`
	EmailAddress     string   `json:"emailAddress"`
	ExpiryDate       string   `json:"expiryDate" format:"date-time"`
	InvitationStatus string   `json:"invitationStatus" enum:"pending,accepted,expired,revoked"`
	Roles            []string `json:"roles"`
}

// invitationOf answers with the invitation of a user.
func invitationOf(q *rest.Request) func(model.View, error) (Invitation, error) {
	return func(v model.View, err error) (Invitation, error) {
		i := v.A("invitation")
		return Invitation{
			UserID: v.ID(), EmailAddress: v.Email(), Roles: rest.OrEmpty(v.Roles()),
			ExpiryDate: text(i, "expiresAt"), InvitationStatus: text(i, "status"),
		}, tagged(q, v, err)
	}
}

func (a *API) invite(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		EmailAddress string    `json:"emailAddress" minLength:"1"`
		Roles        *[]string `json:"roles,omitzero" maxItems:"1000" doc:"null or absent: the default roles of the account"`
	}
}) (Invitation, error) {
	var roles []string // nil: the default ones
	if in.Body.Roles != nil {
		roles = rest.OrEmpty(*in.Body.Roles)
	}
	v, err := a.Invitations.Invite(ctx, q.Call, in.Body.EmailAddress, roles)
	q.Locate(pathOf(v.ID()))
	return invitationOf(q)(v, err)
}

func (a *API) resendInvitation(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		UserID       string `json:"userId" format:"uuid" maxLength:"200"`
		EmailAddress string `json:"emailAddress,omitzero" minLength:"1" doc:"Another address; that of the user, if it is absent"`
	}
}) (Invitation, error) {
	return invitationOf(q)(a.Invitations.Resend(ctx, q.Call, in.Body.UserID, in.Body.EmailAddress))
}

func (a *API) revokeInvitation(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		UserID string `json:"userId" format:"uuid" maxLength:"200"`
	}
}) (Invitation, error) {
	return invitationOf(q)(a.Invitations.Revoke(ctx, q.Call, in.Body.UserID))
}

// Redemption is what a one-time token or code led to.
type Redemption struct {
	AccountID string `json:"accountId" format:"uuid"`
	UserID    string `json:"userId" format:"uuid"`
	Status    string `json:"status" enum:"invited,active,inactive,locked"`
}

func redeemed(r invitations.Redemption, err error) (Redemption, error) {
	return Redemption{string(r.Account), r.User, string(r.Status)}, err
}

// Acceptance sets up an invited user.
type Acceptance struct {
	Token       auth.Secret `json:"token" minLength:"1" maxLength:"1000"`
	Password    auth.Secret `json:"password" minLength:"1" doc:"At most 72 bytes"`
	GivenName   string      `json:"givenName,omitzero" minLength:"1"`
	FamilyName  string      `json:"familyName,omitzero" minLength:"1"`
	DisplayName string      `json:"displayName,omitzero" minLength:"1"`
}

func (a *API) acceptInvitation(ctx context.Context, q *rest.Request, in struct{ Body Acceptance }) (Redemption, error) {
	return redeemed(a.Invitations.Accept(ctx, q.Call, invitations.Acceptance(in.Body)))
}

// Verification proves that an address is the user's: by a token, or by a code and
// whose it is.
type Verification struct {
	Token     auth.Secret `json:"token,omitzero" minLength:"1" maxLength:"1000"`
	AccountID string      `json:"accountId,omitzero" minLength:"1" maxLength:"200"`
	UserID    string      `json:"userId,omitzero" minLength:"1" maxLength:"200"`
	Channel   string      `json:"channel,omitzero" enum:"email,phone"`
	Code      auth.Secret `json:"code,omitzero" minLength:"1" maxLength:"20"`
}

func (a *API) completeVerification(ctx context.Context, q *rest.Request, in struct{ Body Verification }) (Redemption, error) {
	b := in.Body
	coded := b.AccountID != "" && b.UserID != "" && b.Channel != "" && b.Code != ""
	switch {
	case b.Token != "" && b == Verification{Token: b.Token}:
		return redeemed(a.Invitations.VerifyByToken(ctx, q.Call, b.Token))
	case b.Token == "" && coded:
		return redeemed(a.Invitations.VerifyByCode(ctx, q.Call, invitations.Code{
			Account: b.AccountID, User: b.UserID, Channel: model.Channel(b.Channel), Code: b.Code,
		}))
	}
	return Redemption{}, rest.Refuse(400, "invalid_value", "send either token, or accountId, userId, channel and code")
}

func (a *API) completeReset(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Token    auth.Secret `json:"token" minLength:"1" maxLength:"1000"`
		Password auth.Secret `json:"password" minLength:"1" doc:"At most 72 bytes"`
	}
}) (Redemption, error) {
	return redeemed(a.Invitations.CompleteReset(ctx, q.Call, in.Body.Token, in.Body.Password))
}
