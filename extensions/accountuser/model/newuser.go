package model

import (
	"context"
	"strings"

	"roster/auth"
	"roster/scim"
	"roster/scim/provider"
)

// NewUser is a user to be made.
type NewUser struct {
	// UserPatch has what the user begins with. A human needs Email, GivenName and
	// FamilyName, and UserName is the address if it is not sent; a machine needs
	// UserName and DisplayName. Roles that are not sent are the account's default
	// ones.
	UserPatch
	Kind     string      // Human or Machine; "" is Human
	Password auth.Secret // "" for none
	IdPLinks []IdPLink
	// SendInvitation mails an invitation to a user who is not ready to log in.
	SendInvitation bool
	// Source is the way by which the user comes; "" is that of the call.
	Source string
}

// IdPLink is an identity of the user at an identity provider.
type IdPLink struct {
	IdP, Display, ExternalUserID, ExternalUserName, Type string // IdP and ExternalUserID are required
}

// Add makes a user. The functions of also add what other packages keep with one,
// such as the hash of a password, in the same change.
func (u *Users) Add(ctx context.Context, c provider.Call, n NewUser, also ...func(context.Context, *Draft) error) (View, error) {
	if err := n.check(); err != nil {
		return View{}, err
	}
	return u.Create(ctx, c, "", func(ctx context.Context, d *Draft) error {
		if err := u.fill(ctx, d, n); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// check refuses a user without what its kind needs.
func (n *NewUser) check() error {
	type needed struct {
		name string
		said Maybe[string]
	}
	list := []needed{{"emailAddress", n.Email}, {"givenName", n.GivenName}, {"familyName", n.FamilyName}}
	if n.Kind == Machine {
		list = []needed{{"userName", n.UserName}, {"displayName", n.DisplayName}}
	}
	for _, m := range list {
		if strings.TrimSpace(m.said.Value) == "" {
			return scim.BadRequest(scim.InvalidValue, "%s is required; send a value", m.name)
		}
	}
	return nil
}

// fill puts everything that is said of a new user into its draft.
func (u *Users) fill(ctx context.Context, d *Draft, n NewUser) error {
	p := n.UserPatch
	if !p.UserName.Sent {
		p.UserName = p.Email
	}
	if name := strings.TrimSpace(p.GivenName.Value + " " + p.FamilyName.Value); p.DisplayName.Value == "" {
		p.DisplayName = Say(name)
	}
	if !p.Roles.Sent {
		p.Roles = Say(d.Settings.DefaultRoles)
	}
	if err := u.patch(ctx, d, p); err != nil {
		return err
	}
	if err := d.setAddresses(p); err != nil {
		return err
	}
	d.View = d.
		With("kind", text(n.Kind)).
		With("source", text(n.Source)).
		With("idpLinks", linkList(n.IdPLinks)).
		WithCore("password", text(n.Password.Reveal()))
	if n.SendInvitation && n.Kind != Machine {
		d.View = d.With("sendInvitation", scim.BoolValue(true))
	}
	return nil
}

// setAddresses sets the addresses of a new user. Nothing is sent there but the
// invitation.
func (d *Draft) setAddresses(p UserPatch) error {
	if p.Email.Value != "" {
		if _, err := d.SetEmail(p.Email.Value, p.EmailVerified.Value); err != nil {
			return err
		}
	}
	if p.SecondaryEmail.Value != "" {
		if err := d.setSecondary(p.SecondaryEmail.Value); err != nil {
			return err
		}
	}
	if p.Phone.Value != "" {
		_, err := d.setPhone(p.Phone.Value, p.PhoneVerified.Value)
		return err
	}
	return nil
}

func linkList(links []IdPLink) scim.Value {
	var elements []scim.Value
	for _, l := range links {
		element := scim.ObjectValue()
		for _, m := range []scim.Member{
			{Name: "value", Value: text(l.IdP)}, {Name: "display", Value: text(l.Display)},
			{Name: "externalUserId", Value: text(l.ExternalUserID)}, {Name: "externalUserName", Value: text(l.ExternalUserName)},
			{Name: "type", Value: text(l.Type)},
		} {
			element = element.With(m.Name, m.Value)
		}
		elements = append(elements, element)
	}
	return list(elements)
}
