package api

import (
	"context"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// NewUser is a user to be made.
type NewUser struct {
	UserInput
	Kind               string        `json:"kind" enum:"human,machine" default:"human"`
	Roles              *[]string     `json:"roles,omitzero" maxItems:"1000" doc:"null or absent: the default roles of the account"`
	Password           auth.Secret   `json:"password,omitzero" minLength:"1" doc:"At most 72 bytes"`
	HashedPassword     auth.Secret   `json:"hashedPassword,omitzero" minLength:"1" doc:"Of bcrypt, argon2 or PBKDF2, in modular crypt form; not together with password"`
	OTPSecret          auth.Secret   `json:"otpSecret,omitzero" minLength:"1" maxLength:"200" doc:"Of an authenticator app that the user has, in base32"`
	RecoveryCodes      []auth.Secret `json:"recoveryCodes,omitzero" minLength:"8" maxLength:"200" maxItems:"20"`
	IdPLinks           []IdPLink     `json:"idpLinks,omitzero" maxItems:"100"`
	RequestPasskeyLink bool          `json:"requestPasskeyLink" default:"false" doc:"Answer with a link by which the user registers a passkey"`
	SendInvitation     bool          `json:"sendInvitation" default:"true" doc:"Mail an invitation to a user who is not set up"`
}

// CreatedUser is a user with what is told only once.
type CreatedUser struct {
	FullUser
	PasskeyRegistration Link `json:"passkeyRegistration,omitzero" doc:"If it was asked for"`
}

func (a *API) createUser(ctx context.Context, q *rest.Request, in struct{ Body NewUser }) (CreatedUser, error) {
	b := in.Body
	if b.Password != "" && b.HashedPassword != "" {
		return CreatedUser{}, rest.Refuse(400, "invalid_value", "send either password or hashedPassword")
	}
	var link credentials.Link
	v, err := a.Users.Add(ctx, q.Call, b.user(), func(_ context.Context, d *model.Draft) (err error) {
		link, err = a.Credentials.Import(d, b.brought())
		return err
	})
	if err != nil {
		return CreatedUser{}, err
	}
	q.Locate(pathOf(v.ID()))
	shown, err := a.shown(ctx, q, v.ID(), nil)
	return CreatedUser{shown, linkOf(link)}, err
}

// user says it in the words of the model.
func (b NewUser) user() model.NewUser {
	n := model.NewUser{
		UserPatch: b.patch(), Kind: b.Kind, Password: b.Password, SendInvitation: b.SendInvitation,
		IdPLinks: rest.Mapped(b.IdPLinks, func(l IdPLink) model.IdPLink {
			return model.IdPLink{IdP: l.IdPID, Display: l.Display, Type: l.Type,
				ExternalUserID: l.ExternalUserID, ExternalUserName: l.ExternalUserName}
		}),
	}
	if b.Roles != nil {
		n.UserPatch.Roles = model.Say(*b.Roles)
	}
	return n
}

// brought is what the user brings from another system.
func (b NewUser) brought() credentials.Import {
	return credentials.Import{PasswordHash: b.HashedPassword, TOTP: b.OTPSecret, RecoveryCodes: b.RecoveryCodes, PasskeyLink: b.RequestPasskeyLink}
}

func (a *API) updateUser(ctx context.Context, q *rest.Request, in withBody[UserChange]) (FullUser, error) {
	p := in.Body.patch()
	p.Roles = said(in.Body.Roles)
	_, err := a.Users.Patch(ctx, q.Call, in.UserID, p, q.If)
	return a.shown(ctx, q, in.UserID, err)
}

// UserChange is a change of a user.
type UserChange struct {
	UserInput
	Roles rest.Maybe[[]string] `json:"roles,omitzero" maxItems:"1000"`
}
