package api

import (
	"context"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

func (a *API) setPassword(ctx context.Context, q *rest.Request, in withBody[struct {
	Password       auth.Secret `json:"password" minLength:"1" doc:"At most 72 bytes"`
	ChangeRequired bool        `json:"changeRequired" default:"true" doc:"Whether the user must choose another one at the next login"`
}]) (rest.None, error) {
	return changed(q)(a.Credentials.SetPassword(ctx, q.Call, in.UserID, in.Body.Password, in.Body.ChangeRequired, q.If))
}

func (a *API) initialisePassword(ctx context.Context, q *rest.Request, in withBody[struct {
	Password auth.Secret `json:"password" minLength:"1" doc:"At most 72 bytes"`
}]) (FullUser, error) {
	_, err := a.Invitations.Initialise(ctx, q.Call, in.UserID, in.Body.Password, q.If)
	return a.shown(ctx, q, in.UserID, err)
}

// SentReset tells of a password reset that is under way.
type SentReset struct {
	Channel   string    `json:"channel" enum:"email,sms"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func (a *API) resetPassword(ctx context.Context, q *rest.Request, in withBody[struct {
	Channel    string `json:"channel" default:"email" enum:"email,sms"`
	Invalidate bool   `json:"invalidate" default:"false" doc:"End the present password at once"`
}]) (SentReset, error) {
	by := model.ByEmail
	if in.Body.Channel == "sms" {
		by = model.ByPhone
	}
	expires, err := a.Invitations.ResetPassword(ctx, q.Call, in.UserID, invitations.Reset{Channel: by, Invalidate: in.Body.Invalidate}, q.If)
	return SentReset{in.Body.Channel, rest.ShownTime(expires)}, err
}

// Skip tells until when no second factor is asked for.
type Skip struct {
	MFASkipUntil string `json:"mfaSkipUntil" format:"date-time"`
}

func (a *API) skipFactors(ctx context.Context, q *rest.Request, in withBody[struct {
	Until Instant `json:"until"`
}]) (Skip, error) {
	v, err := a.Credentials.SkipFactors(ctx, q.Call, in.UserID, in.Body.Until.Time, q.If)
	return Skip{v.A("mfaSkipUntil").Text()}, tagged(q, v, err)
}
