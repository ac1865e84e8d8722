package model

import (
	"context"
	"strings"
	"time"

	"roster/scim"
	"roster/scim/provider"
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
