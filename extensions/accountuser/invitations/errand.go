package invitations

import (
	"time"

	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/storage"
)

// errand is a reason to send a user something that is to be redeemed. A user has
// at most one of each: the next one takes the place of the last.
type errand struct {
	purpose  factor.Purpose // of its token and its code
	side     string         // record of the user that keeps it
	kind     notify.Kind
	link     string // key of Settings.Links
	lifetime func(model.Settings) time.Duration
	token    bool   // it can be redeemed by a token
	code     bool   // it can be redeemed by a code
	redeemed string // what the change is called by which it is
}

// The errands.
var (
	invitation = errand{
		purpose: "invitation", side: model.SideInvitation, kind: notify.Invitation, link: model.LinkInvitation,
		lifetime: func(s model.Settings) time.Duration { return s.InvitationLifetime },
		token:    true, redeemed: ActionInvitationUsed,
	}
	emailVerification = errand{
		purpose: "verification", side: model.SideVerifyEmail, kind: notify.EmailVerification, link: model.LinkVerification,
		lifetime: func(s model.Settings) time.Duration { return s.VerificationLifetime },
		token:    true, code: true, redeemed: ActionEmailVerified,
	}
	phoneVerification = errand{
		purpose: "phone", side: model.SideVerifyPhone, kind: notify.PhoneVerification,
		lifetime: func(s model.Settings) time.Duration { return s.VerificationLifetime },
		code:     true, redeemed: ActionPhoneVerified,
	}
	passwordReset = errand{
		purpose: "reset", side: model.SideReset, kind: notify.PasswordReset, link: model.LinkPasswordReset,
		lifetime: func(s model.Settings) time.Duration { return s.ResetLifetime },
		token:    true, redeemed: ActionResetUsed,
	}
)

// use binds what is made for an errand to the user.
func (e errand) use(account storage.Account, user string) factor.Use {
	return factor.Use{Purpose: e.purpose, Account: string(account), User: user}
}

// addressOf is where a user is reached by a channel, "" if nowhere.
func addressOf(v model.View, by notify.Channel) string {
	if by == notify.SMS {
		return v.Phone()
	}
	return v.Email()
}
