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

// Registration is the beginning of a WebAuthn registration.
type Registration struct {
	RegistrationID string          `json:"registrationId"`
	PublicKey      json.RawMessage `json:"publicKey" doc:"PublicKeyCredentialCreationOptions as JSON (WebAuthn level 3, section 5.1.8)"`
	ExpiresAt      time.Time       `json:"expiresAt"`
}

func registrationOf(r credentials.Registration) Registration {
	return Registration{RegistrationID: r.ID, PublicKey: r.Options, ExpiresAt: rest.ShownTime(r.Expires)}
}

// Attestation is the end of a WebAuthn registration.
type Attestation struct {
	Credential scim.Value `json:"credential" doc:"RegistrationResponseJSON (WebAuthn level 3, section 5.1.8)"`
	Name       string     `json:"name,omitzero" maxLength:"200" doc:"What the user calls the authenticator"`
}

func (a Attestation) of(registrationID string) credentials.Registered {
	return credentials.Registered{ID: registrationID, Credential: a.Credential.AppendJSON(nil), Name: a.Name}
}

func (a *API) beginRegistration(kind credentials.Kind) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (Registration, error) {
		r, v, err := a.Credentials.BeginRegistration(ctx, q.Call, in.UserID, kind, q.If)
		return registrationOf(r), tagged(q, v, err)
	})
}

func (a *API) finishRegistration(kind credentials.Kind) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in struct {
		ofUser
		RegistrationID string `path:"registrationId"`
		Body           Attestation
	}) (AuthFactor, error) {
		f, v, err := a.Credentials.FinishRegistration(ctx, q.Call, in.UserID, kind, in.Body.of(in.RegistrationID), q.If)
		return factorOf(f), tagged(q, v, err)
	})
}

// Link opens the registration of an authenticator, once.
type Link struct {
	Link      string    `json:"link,omitzero" format:"uri" doc:"Absent if it was mailed, or the account has no page for it"`
	Token     string    `json:"token,omitzero" doc:"What is in the link; absent if it was mailed"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func linkOf(l credentials.Link) Link {
	return Link{Link: l.URL.Reveal(), Token: l.Token.Reveal(), ExpiresAt: rest.ShownTime(l.Expires)}
}

func (a *API) registrationLink(ctx context.Context, q *rest.Request, in withBody[struct {
	Delivery string `json:"delivery" default:"return" enum:"return,email"`
	Type     string `json:"type" default:"passkey" enum:"passkey,u2f"`
}]) (Link, error) {
	l, v, err := a.Credentials.CreateLink(ctx, q.Call, in.UserID, credentials.Kind(in.Body.Type), in.Body.Delivery == "email", q.If)
	return linkOf(l), tagged(q, v, err)
}

// LinkedRegistration is the beginning of a registration that a link opened.
type LinkedRegistration struct {
	Registration
	Type string `json:"type" enum:"passkey,u2f"`
}

func (a *API) beginLinked(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Token auth.Secret `json:"token" minLength:"1" maxLength:"1000"`
	}
}) (LinkedRegistration, error) {
	r, err := a.Credentials.BeginByLink(ctx, q.Call, in.Body.Token)
	return LinkedRegistration{registrationOf(r), string(r.Kind)}, err
}

func (a *API) finishLinked(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Attestation
		Token          auth.Secret `json:"token" minLength:"1" maxLength:"1000"`
		RegistrationID string      `json:"registrationId" minLength:"1" maxLength:"1000"`
	}
}) (AuthFactor, error) {
	f, err := a.Credentials.FinishByLink(ctx, q.Call, in.Body.Token, in.Body.of(in.Body.RegistrationID))
	return factorOf(f), err
}
