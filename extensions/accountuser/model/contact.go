package model

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

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

// dropChallenges ends what was sent to an address that a client of SCIM changes,
// and the reset of a password that it sets. Verbs say it themselves, because they
// may send something to the new one.
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
	if slices.Contains(c.Secrets, SidePassword) {
		gone = append(gone, SideReset)
	}
	for _, name := range gone {
		c.Sides = append(c.Sides, storage.Side{ID: c.ID, Name: name})
	}
	return nil
}
