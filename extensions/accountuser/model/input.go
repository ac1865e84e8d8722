package model

import (
	"context"
	"strings"
	"time"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// Maybe is a value that need not be said: what is not sent stays as it is.
type Maybe[T any] struct {
	Sent  bool
	Value T
}

// Say returns a value that is said.
func Say[T any](value T) Maybe[T] { return Maybe[T]{true, value} }

// UserPatch is what verbs can say of a user, at creation and in a change. Empty
// texts, lists and times clear.
type UserPatch struct {
	UserName, ExternalID, DisplayName                 Maybe[string]
	GivenName, FamilyName, MiddleName                 Maybe[string]
	HonorificPrefix, HonorificSuffix, NickName, Title Maybe[string]
	UserType, Locale, Timezone, ProfileURL, Gender    Maybe[string]
	PreferredLanguage                                 Maybe[string] // a tag of RFC 5646

	Email          Maybe[string]
	EmailVerified  Maybe[bool]
	SecondaryEmail Maybe[string] // differs from Email
	Phone          Maybe[string] // E.164
	PhoneVerified  Maybe[bool]

	Roles, Entitlements Maybe[[]string]
	OrgUnits            Maybe[[]OrgUnitAssignment]

	EmployeeNumber, Department, Division Maybe[string]
	CostCenter, Organization, ManagerID  Maybe[string]

	PasswordChangeRequired Maybe[bool]
	MFASkipUntil           Maybe[time.Time]

	MachineDescription, AccessTokenType Maybe[string]
}

// OrgUnitAssignment gives a user an organisational unit, with roles there.
type OrgUnitAssignment struct {
	ID    string
	Roles Maybe[[]string] // not sent: as they are, none for a new unit
}

// enterprise is the schema of what HR systems say.
const enterprise = scim.SchemaEnterpriseUser

// plain are the texts of a patch, each with the place where a resource has it.
func (p *UserPatch) plain() []plainText {
	return []plainText{
		{p.UserName, "", "userName"}, {p.ExternalID, "", "externalId"}, {p.DisplayName, "", "displayName"},
		{p.GivenName, "name", "givenName"}, {p.FamilyName, "name", "familyName"}, {p.MiddleName, "name", "middleName"},
		{p.HonorificPrefix, "name", "honorificPrefix"}, {p.HonorificSuffix, "name", "honorificSuffix"},
		{p.NickName, "", "nickName"}, {p.Title, "", "title"}, {p.UserType, "", "userType"},
		{p.PreferredLanguage, "", "preferredLanguage"}, {p.Locale, "", "locale"}, {p.Timezone, "", "timezone"},
		{p.ProfileURL, "", "profileUrl"}, {p.Gender, UserURN, "gender"},
		{p.EmployeeNumber, enterprise, "employeeNumber"}, {p.Department, enterprise, "department"},
		{p.Division, enterprise, "division"}, {p.CostCenter, enterprise, "costCenter"}, {p.Organization, enterprise, "organization"},
		{p.MachineDescription, "machine", "description"}, {p.AccessTokenType, "machine", "accessTokenType"},
	}
}

type plainText struct {
	said         Maybe[string]
	parent, name string
}

// Patch changes what a patch says of a user; an empty one changes nothing. A
// changed address that is not said to be verified is sent something to verify it
// with.
func (u *Users) Patch(ctx context.Context, c provider.Call, id string, p UserPatch, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(ctx context.Context, d *Draft) error {
		if err := u.patch(ctx, d, p); err != nil {
			return err
		}
		if err := u.patchEmail(ctx, d, p); err != nil {
			return err
		}
		return u.patchPhone(ctx, d, p)
	})
}

// patch puts everything but the primary addresses into effect.
func (u *Users) patch(ctx context.Context, d *Draft, p UserPatch) error {
	if p.UserName.Sent && strings.TrimSpace(p.UserName.Value) == "" {
		return scim.BadRequest(scim.InvalidValue, "the user name cannot be cleared; send another one or leave it out")
	}
	if err := checkLanguage(p.PreferredLanguage.Value); err != nil {
		return err
	}
	d.setTexts(p)
	if p.ManagerID.Sent && p.ManagerID.Value != d.Get(enterprise).Get("manager").Get("value").Text() {
		d.View = d.WithCore(enterprise, assigned(d.Get(enterprise).With("manager", managerOf(p.ManagerID.Value))))
	}
	if p.PasswordChangeRequired.Sent {
		d.View = d.With("passwordChangeRequired", scim.BoolValue(p.PasswordChangeRequired.Value))
	}
	if until := p.MFASkipUntil; until.Sent {
		if !until.Value.IsZero() && !until.Value.After(d.Now) {
			return scim.BadRequest(scim.InvalidValue, "mfaSkipUntil is in the past; send a later time, or null")
		}
		d.View = d.With("mfaSkipUntil", TimeValue(until.Value))
	}
	return u.grant(ctx, d, p)
}

func managerOf(id string) scim.Value {
	if id == "" {
		return scim.Value{}
	}
	return scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(id)})
}

func (d *Draft) setTexts(p UserPatch) {
	given, family := d.Profile().GivenName, d.Profile().FamilyName
	for _, t := range p.plain() {
		if !t.said.Sent {
			continue
		}
		value := text(t.said.Value)
		switch t.parent {
		case "":
			d.View = d.WithCore(t.name, value)
		case UserURN:
			d.View = d.With(t.name, value)
		case "machine":
			d.View = d.With("machine", assigned(d.A("machine").With(t.name, value)))
		default:
			d.View = d.WithCore(t.parent, assigned(d.Get(t.parent).With(t.name, value)))
		}
	}
	if now := d.Profile(); now.GivenName != given || now.FamilyName != family {
		d.View = d.WithCore("name", assigned(d.Get("name").With("formatted", scim.Value{})))
	}
}

// grant gives roles, entitlements and units, each list instead of the present one.
func (u *Users) grant(ctx context.Context, d *Draft, p UserPatch) error {
	if p.Roles.Sent {
		if err := u.setRoles(ctx, d, p.Roles.Value); err != nil {
			return err
		}
	}
	if p.Entitlements.Sent {
		if err := u.setEntitlements(ctx, d, p.Entitlements.Value); err != nil {
			return err
		}
	}
	if p.OrgUnits.Sent {
		return u.setOrgUnits(ctx, d, p.OrgUnits.Value)
	}
	return nil
}

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

// sameName compares values of roles and entitlements.
func sameName(a, b string) bool { return schema.Fold(a) == schema.Fold(b) }
