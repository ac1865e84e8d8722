package invitations

import (
	"context"
	"errors"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
)

// address is one of the addresses of users that can be verified.
type address struct {
	errand
	by       notify.Channel
	name     string // for people
	verified string // attribute of the extension
	sent     string // what the change is called by which a code is sent again
}

// addresses are those of each channel.
var addresses = map[model.Channel]address{
	model.ByEmail: {emailVerification, notify.Mail, "e-mail address", "emailVerified", ActionEmailCodeSent},
	model.ByPhone: {phoneVerification, notify.SMS, "phone number", "phoneVerified", ActionPhoneCodeSent},
}

// StartVerification implements model.Verifier: it sends a code to the address that
// the draft has, and by mail a token too. It fails with invalidValue (400) if
// nothing can be sent there.
func (i *Issuer) StartVerification(ctx context.Context, d *model.Draft, by model.Channel) error {
	a := addresses[by]
	_, err := i.send(ctx, occasionOf(d), a.errand, a.by)
	return unreachable(err)
}

// unreachable says what is wrong with the address.
func unreachable(err error) error {
	if errors.Is(err, errUnreachable) {
		return scim.BadRequest(scim.InvalidValue, "nothing can be sent to this e-mail address or phone number; a phone number needs its country, such as +4930123456")
	}
	return err
}

// ResendEmailVerification sends another code and token; what was sent before is
// worth nothing then. It fails with not_found if the user has no e-mail address,
// with not_initialised for an invited user, who is invited again instead, and with
// already_verified.
func (i *Invitations) ResendEmailVerification(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (model.View, error) {
	return i.resend(ctx, c, id, model.ByEmail, pre)
}

// ResendPhoneVerification is ResendEmailVerification for the phone number, of
// invited users too.
func (i *Invitations) ResendPhoneVerification(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (model.View, error) {
	return i.resend(ctx, c, id, model.ByPhone, pre)
}

func (i *Invitations) resend(ctx context.Context, c provider.Call, id string, by model.Channel, pre provider.Precondition) (model.View, error) {
	a := addresses[by]
	return i.Users.Edit(ctx, c, id, a.sent, pre, func(ctx context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		switch {
		case addressOf(d.View, a.by) == "":
			return model.Refuse(http.StatusNotFound, model.NotFound, "the user has no %s", a.name)
		case by == model.ByEmail && !d.IsInitialised():
			return notInitialised()
		case d.A(a.verified).Bool():
			return model.Refuse(http.StatusConflict, model.AlreadyVerified, "the %s is verified already", a.name)
		}
		return i.StartVerification(ctx, d, by)
	})
}

// notInitialised refuses what is for users who had a way in already.
func notInitialised() error {
	return model.Refuse(http.StatusConflict, model.NotInitialised, "the user has not accepted the invitation yet; send that again instead")
}
