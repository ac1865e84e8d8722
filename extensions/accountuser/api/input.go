package api

import (
	"errors"
	"time"

	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim"
)

// UserInput is what can be said of a user, at creation and in a change: what is
// absent stays as it is, null clears.
type UserInput struct {
	UserName               rest.Maybe[string]              `json:"userName,omitzero" minLength:"1"`
	ExternalID             rest.Maybe[*string]             `json:"externalId,omitzero"`
	DisplayName            rest.Maybe[*string]             `json:"displayName,omitzero" doc:"At creation made of the names, if it is absent"`
	GivenName              rest.Maybe[*string]             `json:"givenName,omitzero"`
	FamilyName             rest.Maybe[*string]             `json:"familyName,omitzero"`
	MiddleName             rest.Maybe[*string]             `json:"middleName,omitzero"`
	HonorificPrefix        rest.Maybe[*string]             `json:"honorificPrefix,omitzero"`
	HonorificSuffix        rest.Maybe[*string]             `json:"honorificSuffix,omitzero"`
	NickName               rest.Maybe[*string]             `json:"nickName,omitzero"`
	Title                  rest.Maybe[*string]             `json:"title,omitzero"`
	UserType               rest.Maybe[*string]             `json:"userType,omitzero"`
	PreferredLanguage      rest.Maybe[*string]             `json:"preferredLanguage,omitzero" doc:"A language tag, such as en or pt-BR"`
	Locale                 rest.Maybe[*string]             `json:"locale,omitzero"`
	Timezone               rest.Maybe[*string]             `json:"timezone,omitzero"`
	ProfileURL             rest.Maybe[*string]             `json:"profileUrl,omitzero"`
	Gender                 rest.Maybe[*string]             `json:"gender,omitzero"`
	EmailAddress           rest.Maybe[string]              `json:"emailAddress,omitzero" minLength:"1" doc:"Unverified after a change and sent a code, unless emailVerified is true with it"`
	EmailVerified          rest.Maybe[bool]                `json:"emailVerified,omitzero"`
	SecondaryEmailAddress  rest.Maybe[*string]             `json:"secondaryEmailAddress,omitzero"`
	PhoneNumber            rest.Maybe[*string]             `json:"phoneNumber,omitzero" doc:"As in E.164, such as +4930123456"`
	PhoneVerified          rest.Maybe[bool]                `json:"phoneVerified,omitzero"`
	Entitlements           rest.Maybe[[]string]            `json:"entitlements,omitzero" maxItems:"1000"`
	OrgUnits               rest.Maybe[[]OrgUnitAssignment] `json:"orgUnits,omitzero" maxItems:"1000"`
	Employee               EmployeeInput                   `json:"employee,omitzero"`
	PasswordChangeRequired rest.Maybe[bool]                `json:"passwordChangeRequired,omitzero"`
	MFASkipUntil           rest.Maybe[*Instant]            `json:"mfaSkipUntil,omitzero"`
	Machine                MachineInput                    `json:"machine,omitzero"`
}

// EmployeeInput is what HR systems say of a user.
type EmployeeInput struct {
	EmployeeNumber rest.Maybe[*string] `json:"employeeNumber,omitzero"`
	Department     rest.Maybe[*string] `json:"department,omitzero"`
	Division       rest.Maybe[*string] `json:"division,omitzero"`
	CostCenter     rest.Maybe[*string] `json:"costCenter,omitzero"`
	Organization   rest.Maybe[*string] `json:"organization,omitzero"`
	ManagerID      rest.Maybe[*string] `json:"managerId,omitzero"`
}

// MachineInput is what is only said of machine users.
type MachineInput struct {
	Description     rest.Maybe[*string] `json:"description,omitzero" maxLength:"500"`
	AccessTokenType rest.Maybe[string]  `json:"accessTokenType,omitzero" enum:"bearer,jwt"`
}

// OrgUnitAssignment gives a user an organisational unit.
type OrgUnitAssignment struct {
	ID    string               `json:"id" minLength:"1" maxLength:"200"`
	Roles rest.Maybe[[]string] `json:"roles,omitzero" maxItems:"1000" doc:"Roles that the user has there; absent: as they are"`
}

// patch says it in the words of the model.
func (in UserInput) patch() model.UserPatch {
	e, m := in.Employee, in.Machine
	return model.UserPatch{
		UserName: said(in.UserName), ExternalID: cleared(in.ExternalID), DisplayName: cleared(in.DisplayName),
		GivenName: cleared(in.GivenName), FamilyName: cleared(in.FamilyName), MiddleName: cleared(in.MiddleName),
		HonorificPrefix: cleared(in.HonorificPrefix), HonorificSuffix: cleared(in.HonorificSuffix),
		NickName: cleared(in.NickName), Title: cleared(in.Title), UserType: cleared(in.UserType),
		PreferredLanguage: cleared(in.PreferredLanguage), Locale: cleared(in.Locale), Timezone: cleared(in.Timezone),
		ProfileURL: cleared(in.ProfileURL), Gender: cleared(in.Gender),
		Email: said(in.EmailAddress), EmailVerified: said(in.EmailVerified), SecondaryEmail: cleared(in.SecondaryEmailAddress),
		Phone: cleared(in.PhoneNumber), PhoneVerified: said(in.PhoneVerified),
		Entitlements: said(in.Entitlements), OrgUnits: assignments(in.OrgUnits),
		EmployeeNumber: cleared(e.EmployeeNumber), Department: cleared(e.Department), Division: cleared(e.Division),
		CostCenter: cleared(e.CostCenter), Organization: cleared(e.Organization), ManagerID: cleared(e.ManagerID),
		PasswordChangeRequired: said(in.PasswordChangeRequired), MFASkipUntil: until(in.MFASkipUntil),
		MachineDescription: cleared(m.Description), AccessTokenType: said(m.AccessTokenType),
	}
}

func said[T any](m rest.Maybe[T]) model.Maybe[T] { return model.Maybe[T](m) }

// cleared says null as the empty value.
func cleared[T any](m rest.Maybe[*T]) (all model.Maybe[T]) {
	all.Sent = m.Sent
	if m.Value != nil {
		all.Value = *m.Value
	}
	return all
}

func until(m rest.Maybe[*Instant]) model.Maybe[time.Time] {
	i := cleared(m)
	return model.Maybe[time.Time]{Sent: i.Sent, Value: i.Value.Time}
}

func assignments(m rest.Maybe[[]OrgUnitAssignment]) model.Maybe[[]model.OrgUnitAssignment] {
	list := rest.Mapped(m.Value, func(a OrgUnitAssignment) model.OrgUnitAssignment {
		return model.OrgUnitAssignment{ID: a.ID, Roles: said(a.Roles)}
	})
	return model.Maybe[[]model.OrgUnitAssignment]{Sent: m.Sent, Value: list}
}

// Instant is a time, as in RFC 3339 or in seconds since 1970.
type Instant struct{ time.Time }

// DecodeJSON implements rest.Decoder.
func (i *Instant) DecodeJSON(v scim.Value) error {
	const year9999 = 253402300799
	if n, ok := v.Int(); ok && n >= 0 && n <= year9999 {
		i.Time = time.Unix(int64(n), 0).UTC()
		return nil
	}
	t, ok := rest.TimeOf(v)
	if !ok {
		return errors.New("must be a time as in RFC 3339, or in seconds since 1970")
	}
	i.Time = t
	return nil
}

// Schema implements rest.Decoder.
func (*Instant) Schema() map[string]any {
	return map[string]any{"oneOf": []map[string]any{{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0, "description": "Seconds since 1970"}}}
}
