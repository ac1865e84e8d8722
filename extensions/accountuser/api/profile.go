package api

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// Profile is what a human user is called and the like.
type Profile struct {
	GivenName         string `json:"givenName" minLength:"1"`
	FamilyName        string `json:"familyName" minLength:"1"`
	DisplayName       string `json:"displayName" minLength:"1"`
	NickName          string `json:"nickName,omitzero"`
	PreferredLanguage string `json:"preferredLanguage,omitzero" doc:"A language tag, such as en or pt-BR"`
	Gender            string `json:"gender,omitzero"`
}

// ProfileView is a profile as it is now; a name that nobody gave is empty.
type ProfileView struct {
	GivenName         string `json:"givenName"`
	FamilyName        string `json:"familyName"`
	DisplayName       string `json:"displayName"`
	NickName          string `json:"nickName,omitzero"`
	PreferredLanguage string `json:"preferredLanguage,omitzero"`
	Gender            string `json:"gender,omitzero"`
}

// human reads attributes of a user who must be human.
func (a *API) human(ctx context.Context, q *rest.Request, id string, attributes ...string) (model.View, error) {
	v, err := a.readAttributes(ctx, q, id, append(attributes, model.UserURN+":kind")...)
	if err == nil {
		err = v.MustBe(model.Human)
	}
	return v, err
}

func (a *API) getProfile(ctx context.Context, q *rest.Request, in ofUser) (ProfileView, error) {
	v, err := a.human(ctx, q, in.UserID, "name", "displayName", "nickName", "preferredLanguage", model.UserURN+":gender")
	return ProfileView(v.Profile()), err
}

func (a *API) putProfile(ctx context.Context, q *rest.Request, in withBody[Profile]) (ProfileView, error) {
	if _, err := a.Users.ReplaceProfile(ctx, q.Call, in.UserID, model.Profile(in.Body), q.If); err != nil {
		return ProfileView{}, err
	}
	return a.getProfile(ctx, q, in.ofUser)
}

// Email is the e-mail address of a user.
type Email struct {
	EmailAddress string `json:"emailAddress" minLength:"1"`
	Verified     bool   `json:"verified" default:"false" doc:"Whether it is known to be the user's; if not, a code is sent there"`
}

func (a *API) getEmail(ctx context.Context, q *rest.Request, in ofUser) (Email, error) {
	v, err := a.human(ctx, q, in.UserID, "emails", model.UserURN+":emailVerified")
	if err == nil && v.Email() == "" {
		err = rest.Refuse(404, "not_found", "the user has no e-mail address")
	}
	return Email{v.Email(), v.A("emailVerified").Bool()}, err
}

func (a *API) putEmail(ctx context.Context, q *rest.Request, in withBody[Email]) (Email, error) {
	if _, err := a.Users.ChangeEmail(ctx, q.Call, in.UserID, in.Body.EmailAddress, in.Body.Verified, q.If); err != nil {
		return Email{}, err
	}
	return a.getEmail(ctx, q, in.ofUser)
}

// Phone is the phone number of a user.
type Phone struct {
	PhoneNumber string `json:"phoneNumber" minLength:"1" maxLength:"50" doc:"As in E.164, such as +4930123456"`
	Verified    bool   `json:"verified" default:"false" doc:"Whether it is known to be the user's; if not, a code is sent there"`
}

func (a *API) getPhone(ctx context.Context, q *rest.Request, in ofUser) (Phone, error) {
	v, err := a.human(ctx, q, in.UserID, "phoneNumbers", model.UserURN+":phoneVerified")
	if err == nil && v.Phone() == "" {
		err = rest.Refuse(404, "not_found", "the user has no phone number")
	}
	return Phone{v.Phone(), v.A("phoneVerified").Bool()}, err
}

func (a *API) putPhone(ctx context.Context, q *rest.Request, in withBody[Phone]) (Phone, error) {
	if _, err := a.Users.ChangePhone(ctx, q.Call, in.UserID, in.Body.PhoneNumber, in.Body.Verified, q.If); err != nil {
		return Phone{}, err
	}
	return a.getPhone(ctx, q, in.ofUser)
}
