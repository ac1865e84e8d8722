package api

import (
	"context"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim/provider"
)

func factorOf(f credentials.Factor) AuthFactor {
	shown := AuthFactor{ID: f.ID, Type: f.Type, State: f.State, Display: f.Display}
	if f.ID == credentials.Recovery {
		shown.Remaining = &f.Remaining
	}
	return shown
}

// factors lists second factors or passkeys. How many recovery codes are left is no
// part of the user, so the user's entity tag says nothing of the answer.
func factors(find func(context.Context, provider.Call, string) ([]credentials.Factor, model.View, error)) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (rest.List[AuthFactor], error) {
		found, _, err := find(ctx, q.Call, in.UserID)
		return rest.ListOf(rest.Mapped(found, factorOf), err)
	})
}

func (a *API) removeFactor(ctx context.Context, q *rest.Request, in struct {
	ofUser
	FactorID string `path:"factorId" doc:"Identifier of a security key"`
}) (rest.None, error) {
	return changed(q)(a.Credentials.RemoveFactor(ctx, q.Call, in.UserID, in.FactorID, q.If))
}

// removeOnly removes a factor of which a user has at most one. It has a path of
// its own, because the path that enrols it hides that of removeFactor.
func (a *API) removeOnly(factorID string) rest.Operation {
	return silent(func(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (model.View, error) {
		return a.Credentials.RemoveFactor(ctx, c, id, factorID, pre)
	})
}

func (a *API) removePasskey(ctx context.Context, q *rest.Request, in struct {
	ofUser
	PasskeyID string `path:"passkeyId"`
}) (rest.None, error) {
	return changed(q)(a.Credentials.RemovePasskey(ctx, q.Call, in.UserID, in.PasskeyID, q.If))
}

// Enrolment is what an authenticator app is set up with, shown once.
type Enrolment struct {
	Secret string `json:"secret" doc:"In base32"`
	URI    string `json:"uri" doc:"otpauth, for a QR code"`
}

func (a *API) beginTOTP(ctx context.Context, q *rest.Request, in ofUser) (Enrolment, error) {
	e, v, err := a.Credentials.BeginTOTP(ctx, q.Call, in.UserID, q.If)
	return Enrolment{e.Secret.Reveal(), e.URL.Reveal()}, tagged(q, v, err)
}

func (a *API) confirmTOTP(ctx context.Context, q *rest.Request, in withBody[struct {
	Code auth.Secret `json:"code" minLength:"1" maxLength:"20"`
}]) (AuthFactor, error) {
	f, v, err := a.Credentials.ConfirmTOTP(ctx, q.Call, in.UserID, in.Body.Code, q.If)
	return factorOf(f), tagged(q, v, err)
}

// addChannel lets codes be sent that way.
func (a *API) addChannel(factorID string) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (AuthFactor, error) {
		f, v, err := a.Credentials.AddChannel(ctx, q.Call, in.UserID, factorID, q.If)
		return factorOf(f), tagged(q, v, err)
	})
}

// RecoveryCodes are shown once.
type RecoveryCodes struct {
	Codes []string `json:"codes" doc:"Each is good for one login"`
}

func (a *API) recoveryCodes(ctx context.Context, q *rest.Request, in ofUser) (RecoveryCodes, error) {
	made, v, err := a.Credentials.NewRecoveryCodes(ctx, q.Call, in.UserID, q.If)
	list := make([]string, len(made))
	for i, code := range made {
		list[i] = code.Reveal()
	}
	return RecoveryCodes{list}, tagged(q, v, err)
}
