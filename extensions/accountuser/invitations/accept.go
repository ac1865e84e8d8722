package invitations

import (
	"context"
	"strings"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
)

// Acceptance is what somebody says who accepts an invitation.
type Acceptance struct {
	Token    auth.Secret
	Password auth.Secret
	// Names that are empty stay as they are.
	GivenName, FamilyName, DisplayName string
}

// Accept makes an invited user active, by the token of the invitation. The e-mail
// address counts as verified, because the token was sent there. It fails with
// already_initialised (409) if the user got a way in otherwise, and while the user
// is locked or inactive as if the token were worth nothing.
func (i *Invitations) Accept(ctx context.Context, c provider.Call, a Acceptance) (Redemption, error) {
	return i.redeem(ctx, c, invitation, a.Token, func(d *model.Draft) error {
		err := d.Do(model.Initialise)
		pending := d.Before.A("invitation").Get("status").Text() == model.InvitationPending
		switch {
		case model.CodeOf(err) == model.NotActive, err == nil && !pending:
			return expired()
		case err != nil:
			return err
		}
		d.View = a.named(d.View).With("emailVerified", scim.BoolValue(true))
		return choosePassword(d, a.Password)
	})
}

// named sets the names. Who has none to be shown gets one made of them.
func (a Acceptance) named(v model.View) model.View {
	name := v.Get("name")
	for _, said := range []struct{ member, text string }{{"givenName", a.GivenName}, {"familyName", a.FamilyName}} {
		if said.text != "" && said.text != name.Get(said.member).Text() {
			name = name.With(said.member, scim.StringValue(said.text)).With("formatted", scim.Value{})
		}
	}
	display := a.DisplayName
	if display == "" {
		display = v.Get("displayName").Text()
	}
	if display == "" {
		display = strings.TrimSpace(name.Get("givenName").Text() + " " + name.Get("familyName").Text())
	}
	if !name.IsNull() {
		v = v.WithCore("name", name)
	}
	if display != "" {
		v = v.WithCore("displayName", scim.StringValue(display))
	}
	return v
}

// choosePassword sets a password that is the user's own choice, so that it need
// not be changed.
func choosePassword(d *model.Draft, password auth.Secret) error {
	d.View = d.WithCore("password", scim.StringValue(password.Reveal())).With("passwordChangeRequired", scim.Value{})
	return d.Settings.CheckPassword(password)
}

// Initialise gives an invited user a password, in the place of the invitation: the
// e-mail address counts as verified. It fails with already_initialised, and with
// not_active for a user who is locked or inactive.
func (i *Invitations) Initialise(ctx context.Context, c provider.Call, id string, password auth.Secret, pre provider.Precondition) (model.View, error) {
	return i.Users.Edit(ctx, c, id, model.ActionInitialise, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		if err := d.Do(model.Initialise); err != nil {
			return err
		}
		d.View = d.With("emailVerified", scim.BoolValue(d.Email() != ""))
		return choosePassword(d, password)
	})
}
