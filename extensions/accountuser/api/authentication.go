package api

import (
	"context"
	"encoding/json"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/rest"
	"roster/scim"
)

// Authentication is how far a login has come.
type Authentication struct {
	Status                 string       `json:"status" enum:"authenticated,factor_required"`
	UserID                 string       `json:"userId" format:"uuid"`
	PasswordChangeRequired bool         `json:"passwordChangeRequired" doc:"Whether the user must choose another password now"`
	Transaction            string       `json:"transaction,omitzero" doc:"With factor_required: for the second factor"`
	ExpiresAt              time.Time    `json:"expiresAt,omitzero" doc:"When the transaction ends"`
	Factors                []AuthFactor `json:"factors,omitzero" doc:"With factor_required: one of these is needed"`
}

func authenticationOf(a credentials.Authentication, err error) (Authentication, error) {
	shown := Authentication{Status: "authenticated", UserID: a.User, PasswordChangeRequired: a.PasswordChangeRequired}
	if next := a.Next; next != nil {
		shown.Status, shown.Transaction, shown.ExpiresAt = "factor_required", next.Transaction.Reveal(), rest.ShownTime(next.Expires)
		shown.Factors = rest.Mapped(next.Factors, factorOf)
	}
	return shown, err
}

func (a *API) authenticate(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		LoginName string      `json:"loginName" minLength:"1" maxLength:"1000"`
		Password  auth.Secret `json:"password" minLength:"1" maxLength:"1000"`
	}
}) (Authentication, error) {
	return authenticationOf(a.Credentials.Authenticate(ctx, q.Call, in.Body.LoginName, in.Body.Password))
}

// Challenge is what the user answers with a second factor: a code that was sent,
// or options for a security key.
type Challenge struct {
	SentTo    string          `json:"sentTo,omitzero" doc:"Where the code went, most of it hidden"`
	PublicKey json.RawMessage `json:"publicKey,omitzero" doc:"PublicKeyCredentialRequestOptions as JSON (WebAuthn level 3, section 5.1.8)"`
}

func (a *API) challenge(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Transaction auth.Secret `json:"transaction" minLength:"1" maxLength:"4000"`
		FactorID    string      `json:"factorId" minLength:"1" maxLength:"1000"`
	}
}) (Challenge, error) {
	c, err := a.Credentials.Challenge(ctx, q.Call, in.Body.Transaction, in.Body.FactorID)
	return Challenge{c.SentTo, c.Options}, err
}

// Answer is what the user shows of a second factor or a passkey: a code, or what
// the authenticator said.
type Answer struct {
	Transaction auth.Secret `json:"transaction" minLength:"1" maxLength:"4000"`
	FactorID    string      `json:"factorId,omitzero" minLength:"1" maxLength:"1000" doc:"With a code"`
	Code        auth.Secret `json:"code,omitzero" minLength:"1" maxLength:"200"`
	Credential  scim.Value  `json:"credential,omitzero" doc:"AuthenticationResponseJSON (WebAuthn level 3, section 5.1.8)"`
}

func (a *API) answerFactor(ctx context.Context, q *rest.Request, in struct{ Body Answer }) (Authentication, error) {
	b := in.Body
	answer := credentials.Answer{FactorID: b.FactorID, Code: b.Code}
	switch coded := b.Code != ""; {
	case coded != b.Credential.IsNull(), coded && b.FactorID == "":
		return Authentication{}, rest.Refuse(400, "invalid_value", "send either factorId and code, or credential")
	case !coded:
		answer.Credential = b.Credential.AppendJSON(nil)
	}
	return authenticationOf(a.Credentials.AnswerFactor(ctx, q.Call, b.Transaction, answer))
}

// PasskeyChallenge is what a passkey answers.
type PasskeyChallenge struct {
	Transaction string          `json:"transaction"`
	PublicKey   json.RawMessage `json:"publicKey" doc:"PublicKeyCredentialRequestOptions as JSON (WebAuthn level 3, section 5.1.8)"`
}

func (a *API) beginPasskey(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		LoginName string `json:"loginName" minLength:"1" maxLength:"1000"`
	}
}) (PasskeyChallenge, error) {
	p, err := a.Credentials.BeginPasskeyLogin(ctx, q.Call, in.Body.LoginName)
	return PasskeyChallenge{p.Transaction.Reveal(), p.Options}, err
}
