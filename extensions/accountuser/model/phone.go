package model

import (
	"context"
	"net/http"

	"roster/auth/receiver"
	"roster/scim"
	"roster/scim/provider"
)

// ChangePhone sets the primary phone number of a human user, as in E.164. Another
// one than before is sent something to verify it with, unless it is verified.
func (u *Users) ChangePhone(ctx context.Context, c provider.Call, id, number string, verified bool, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(ctx context.Context, d *Draft) error {
		if err := d.MustBe(Human); err != nil {
			return err
		}
		return u.changePhone(ctx, d, number, verified)
	})
}

func (u *Users) changePhone(ctx context.Context, d *Draft, number string, verified bool) error {
	changed, err := d.setPhone(number, verified)
	if err == nil && changed && !verified {
		err = u.verify(ctx, d, ByPhone)
	}
	return err
}

func (d *Draft) setPhone(number string, verified bool) (changed bool, err error) {
	if !receiver.IsPhoneNumber(number) {
		return false, scim.BadRequest(scim.InvalidValue, "a phone number is written with its country code and digits only, such as +4930123456")
	}
	if changed = number != d.Phone(); changed {
		d.drop(SideVerifyPhone)
	}
	d.View = d.WithCore("phoneNumbers", withPrimary(d.Get("phoneNumbers"), number))
	d.setVerified("phoneVerified", changed, verified)
	return changed, nil
}

// RemovePhone removes the phone number of a human user.
func (u *Users) RemovePhone(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(_ context.Context, d *Draft) error {
		if err := d.MustBe(Human); err != nil {
			return err
		}
		if d.Phone() == "" {
			return Refuse(http.StatusNotFound, NotFound, "the user has no phone number")
		}
		d.removePhone()
		return nil
	})
}

// removePhone removes the number that counts, if there is one.
func (d *Draft) removePhone() {
	numbers := d.Get("phoneNumbers")
	at := mainOf(numbers)
	if at < 0 {
		return
	}
	var kept []scim.Value
	for i, e := range numbers.Elements() {
		if i != at {
			kept = append(kept, e)
		}
	}
	d.drop(SideVerifyPhone)
	d.View = d.WithCore("phoneNumbers", list(kept)).With("phoneVerified", scim.Value{})
}
