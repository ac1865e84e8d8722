package model

import (
	"context"

	"roster/scim"
)

// patchEmail changes the e-mail addresses, in an order in which primary and second
// one can be exchanged.
func (u *Users) patchEmail(ctx context.Context, d *Draft, p UserPatch) error {
	second := p.SecondaryEmail
	if !p.Email.Sent && !p.EmailVerified.Sent && !second.Sent {
		return nil
	}
	if err := d.MustBe(Human); err != nil {
		return err
	}
	if second.Sent {
		if err := d.setSecondary(""); err != nil {
			return err
		}
	}
	if p.Email.Sent {
		if err := u.changeEmail(ctx, d, p.Email.Value, p.EmailVerified.Value); err != nil {
			return err
		}
	}
	if p.EmailVerified.Sent && d.Email() != "" {
		d.View = d.With("emailVerified", scim.BoolValue(p.EmailVerified.Value))
	}
	if second.Sent {
		return d.setSecondary(second.Value)
	}
	return nil
}

func (u *Users) patchPhone(ctx context.Context, d *Draft, p UserPatch) error {
	if !p.Phone.Sent && !p.PhoneVerified.Sent {
		return nil
	}
	if err := d.MustBe(Human); err != nil {
		return err
	}
	switch {
	case p.Phone.Sent && p.Phone.Value == "":
		d.removePhone()
		return nil
	case p.Phone.Sent:
		if err := u.changePhone(ctx, d, p.Phone.Value, p.PhoneVerified.Value); err != nil {
			return err
		}
	}
	if p.PhoneVerified.Sent && d.Phone() != "" {
		d.View = d.With("phoneVerified", scim.BoolValue(p.PhoneVerified.Value))
	}
	return nil
}
