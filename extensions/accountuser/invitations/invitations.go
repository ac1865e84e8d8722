package invitations

import (
	"context"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// Invitations are the verbs of this package. They may be used concurrently.
//
// Those that an administrator calls take the id of the user and a precondition on
// the user's entity tag, which may be nil, and return the user as it is stored
// then; they fail with a 404 if there is no such user. What they refuse otherwise
// is a [model.Refusal] or a *scim.Error.
type Invitations struct {
	*Issuer
	Users *model.Users // required
	// Settings returns the profile and limits of an account, for who redeems without
	// being logged in. Required.
	Settings func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
}

// Names of the changes, as events tell them.
const (
	ActionInvited           = "user.invited"
	ActionInvitationSent    = "user.invitation.sent"
	ActionInvitationRevoked = "user.invitation.revoked"
	ActionInvitationUsed    = "user.invitation.accepted"
	ActionEmailCodeSent     = "user.email.verification.sent"
	ActionPhoneCodeSent     = "user.phone.verification.sent"
	ActionEmailVerified     = "user.email.verified"
	ActionPhoneVerified     = "user.phone.verified"
	ActionResetSent         = "user.password.reset.sent"
	ActionResetUsed         = "user.password.reset"
)

// expired refuses a token that is worth nothing, whatever the reason.
func expired() error {
	return model.Refuse(http.StatusGone, model.Expired, "this is not valid, or no longer; ask for another one")
}

// invalidToken refuses a text that is no token for what it is used for.
func invalidToken() error {
	return model.Refuse(http.StatusBadRequest, model.InvalidToken, "this is no token for that; use it as it was sent, to the last character")
}

// invalidCode refuses a code, whatever is wrong with it.
func invalidCode() error {
	return model.Refuse(http.StatusBadRequest, model.InvalidCode, "the code is wrong, or no longer valid; ask for another one")
}

// noChannel refuses to send something where nothing can be sent to.
func noChannel(by string) error {
	return model.Refuse(http.StatusConflict, model.NoChannel, "the user has no %s that something can be sent to; set one first", by)
}
