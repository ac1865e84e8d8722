package model

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// secondary is the type of the second e-mail address.
const secondary = "secondary"

// ChangeEmail sets the primary e-mail address of a human user. Another one than
// before is sent something to verify it with, unless it is verified.
func (u *Users) ChangeEmail(ctx context.Context, c provider.Call, id, address string, verified bool, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(ctx context.Context, d *Draft) error {
		if err := d.MustBe(Human); err != nil {
			return err
		}
		return u.changeEmail(ctx, d, address, verified)
	})
}

// changeEmail is for users who have accepted their invitation: that of others was
// sent to the old address.
func (u *Users) changeEmail(ctx context.Context, d *Draft, address string, verified bool) error {
	if !d.Before.IsInitialised() && !strings.EqualFold(address, d.Email()) {
		return Refuse(http.StatusConflict, NotInitialised, "the user has not accepted the invitation; send it again to the new address")
	}
	changed, err := d.SetEmail(address, verified)
	if err == nil && changed && !verified {
		err = u.verify(ctx, d, ByEmail)
	}
	return err
}

func (u *Users) verify(ctx context.Context, d *Draft, by Channel) error {
	if u.Verifier == nil {
		return nil
	}
	return u.Verifier.StartVerification(ctx, d, by)
}

// SetEmail sets the primary e-mail address, and whether it is verified. What was
// sent to another one before can no longer be redeemed. It reports whether it is
// another one; one that is not stays verified.
func (d *Draft) SetEmail(address string, verified bool) (changed bool, err error) {
	if err := checkSyntax(address); err != nil {
		return false, err
	}
	if strings.EqualFold(address, secondaryOf(d.Get("emails"))) {
		return false, errSameEmail
	}
	if changed = schema.Fold(address) != schema.Fold(d.Email()); changed {
		d.drop(SideVerifyEmail, SideReset)
	}
	d.View = d.WithCore("emails", withPrimary(d.Get("emails"), address))
	d.setVerified("emailVerified", changed, verified)
	return changed, nil
}

var errSameEmail = scim.BadRequest(scim.InvalidValue, "the secondary e-mail address is the same as the primary one; use two that differ, or one")

// setVerified notes whether an address is verified.
func (d *Draft) setVerified(name string, changed, verified bool) {
	if changed || verified {
		d.View = d.With(name, scim.BoolValue(verified))
	}
}

// drop removes side records.
func (d *Draft) drop(names ...string) {
	for _, name := range names {
		d.Sides = append(d.Sides, storage.Side{ID: d.ID, Name: name})
	}
}

// setSecondary sets the second e-mail address; "" removes it.
func (d *Draft) setSecondary(address string) error {
	var kept []scim.Value
	for _, e := range d.Get("emails").Elements() {
		if e.Get("type").Text() != secondary {
			kept = append(kept, e)
		}
	}
	if address != "" {
		if err := checkSyntax(address); err != nil {
			return err
		}
		if schema.Fold(address) == schema.Fold(primary(list(kept))) {
			return errSameEmail
		}
		kept = append(kept, scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(address)}, scim.Member{Name: "type", Value: scim.StringValue(secondary)}))
	}
	d.View = d.WithCore("emails", list(kept))
	return nil
}

func secondaryOf(emails scim.Value) string {
	for _, e := range emails.Elements() {
		if e.Get("type").Text() == secondary {
			return e.Get("value").Text()
		}
	}
	return ""
}

// withPrimary returns a list of addresses in which the one that counts (see
// [View.Email]) is another.
func withPrimary(addresses scim.Value, address string) scim.Value {
	at := mainOf(addresses)
	if at < 0 {
		return addresses.Append(scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(address)}, scim.Member{Name: "primary", Value: scim.BoolValue(true)}))
	}
	var changed []scim.Value
	for i, e := range addresses.Elements() {
		if i == at && e.Get("value").Text() != address {
			e = e.With("value", scim.StringValue(address)).With("display", scim.Value{})
		}
		changed = append(changed, e)
	}
	return list(changed)
}

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

// e164 is a phone number of ITU-T E.164: a country code and at most 15 digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

func (d *Draft) setPhone(number string, verified bool) (changed bool, err error) {
	if !e164.MatchString(number) {
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

// dropChallenges ends what was sent to an address that a client of SCIM changes.
// Verbs say it themselves, because they may send something to the new one.
func dropChallenges(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	before, after := Of(c.Before), Of(c.After)
	if !overSCIM(c) || c.Way == provider.Create || c.Way == provider.Restore {
		return nil
	}
	var gone []string
	if schema.Fold(before.Email()) != schema.Fold(after.Email()) {
		gone = append(gone, SideVerifyEmail, SideReset)
	}
	if before.Phone() != after.Phone() {
		gone = append(gone, SideVerifyPhone)
	}
	for _, name := range gone {
		c.Sides = append(c.Sides, storage.Side{ID: c.ID, Name: name})
	}
	return nil
}
