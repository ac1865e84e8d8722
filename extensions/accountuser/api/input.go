package api

import (
	"errors"
	"time"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// UserInput is what can be said of a user, at creation and in a change: what is
// absent stays as it is, null clears.
type UserInput struct {
	UserName               Maybe[string]              `json:"userName,omitzero" minLength:"1"`
	ExternalID             Maybe[*string]             `json:"externalId,omitzero"`
	DisplayName            Maybe[*string]             `json:"displayName,omitzero" doc:"At creation made of the names, if it is absent"`
	GivenName              Maybe[*string]             `json:"givenName,omitzero"`
	FamilyName             Maybe[*string]             `json:"familyName,omitzero"`
	MiddleName             Maybe[*string]             `json:"middleName,omitzero"`
	HonorificPrefix        Maybe[*string]             `json:"honorificPrefix,omitzero"`
	HonorificSuffix        Maybe[*string]             `json:"honorificSuffix,omitzero"`
	NickName               Maybe[*string]             `json:"nickName,omitzero"`
	Title                  Maybe[*string]             `json:"title,omitzero"`
	UserType               Maybe[*string]             `json:"userType,omitzero"`
	PreferredLanguage      Maybe[*string]             `json:"preferredLanguage,omitzero" doc:"A language tag, such as en or pt-BR"`
	Locale                 Maybe[*string]             `json:"locale,omitzero"`
	Timezone               Maybe[*string]             `json:"timezone,omitzero"`
	ProfileURL             Maybe[*string]             `json:"profileUrl,omitzero"`
	Gender                 Maybe[*string]             `json:"gender,omitzero"`
	EmailAddress           Maybe[string]              `json:"emailAddress,omitzero" minLength:"1" doc:"Unverified after a change and sent a code, unless emailVerified is true with it"`
	EmailVerified          Maybe[bool]                `json:"emailVerified,omitzero"`
	SecondaryEmailAddress  Maybe[*string]             `json:"secondaryEmailAddress,omitzero"`
	PhoneNumber            Maybe[*string]             `json:"phoneNumber,omitzero" doc:"As in E.164, such as +4930123456"`
	PhoneVerified          Maybe[bool]                `json:"phoneVerified,omitzero"`
	Entitlements           Maybe[[]string]            `json:"entitlements,omitzero" maxItems:"1000"`
	OrgUnits               Maybe[[]OrgUnitAssignment] `json:"orgUnits,omitzero" maxItems:"1000"`
	Employee               EmployeeInput              `json:"employee,omitzero"`
	PasswordChangeRequired Maybe[bool]                `json:"passwordChangeRequired,omitzero"`
	MFASkipUntil           Maybe[*Instant]            `json:"mfaSkipUntil,omitzero"`
	Machine                MachineInput               `json:"machine,omitzero"`
}

// EmployeeInput is what HR systems say of a user.
type EmployeeInput struct {
	EmployeeNumber Maybe[*string] `json:"employeeNumber,omitzero"`
	Department     Maybe[*string] `json:"department,omitzero"`
	Division       Maybe[*string] `json:"division,omitzero"`
	CostCenter     Maybe[*string] `json:"costCenter,omitzero"`
	Organization   Maybe[*string] `json:"organization,omitzero"`
	ManagerID      Maybe[*string] `json:"managerId,omitzero"`
}

// MachineInput is what is only said of machine users.
type MachineInput struct {
	Description     Maybe[*string] `json:"description,omitzero" maxLength:"500"`
	AccessTokenType Maybe[string]  `json:"accessTokenType,omitzero" enum:"bearer,jwt"`
}

// OrgUnitAssignment gives a user an organisational unit.
type OrgUnitAssignment struct {
	ID    string          `json:"id" minLength:"1" maxLength:"200"`
	Roles Maybe[[]string] `json:"roles,omitzero" maxItems:"1000" doc:"Roles that the user has there; absent: as they are"`
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

func said[T any](m Maybe[T]) model.Maybe[T] { return model.Maybe[T](m) }

// cleared says null as the empty value.
func cleared[T any](m Maybe[*T]) (all model.Maybe[T]) {
	all.Sent = m.Sent
	if m.Value != nil {
		all.Value = *m.Value
	}
	return all
}

func until(m Maybe[*Instant]) model.Maybe[time.Time] {
	i := cleared(m)
	return model.Maybe[time.Time]{Sent: i.Sent, Value: i.Value.Time}
}

func assignments(m Maybe[[]OrgUnitAssignment]) model.Maybe[[]model.OrgUnitAssignment] {
	list := mapped(m.Value, func(a OrgUnitAssignment) model.OrgUnitAssignment {
		return model.OrgUnitAssignment{ID: a.ID, Roles: said(a.Roles)}
	})
	return model.Maybe[[]model.OrgUnitAssignment]{Sent: m.Sent, Value: list}
}

// Instant is a time, as in RFC 3339 or in seconds since 1970.
type Instant struct{ time.Time }

func (i *Instant) decode(v scim.Value) error {
	const year9999 = 253402300799
	if n, ok := v.Int(); ok && n >= 0 && n <= year9999 {
		i.Time = time.Unix(int64(n), 0).UTC()
		return nil
	}
	t, ok := timeOf(v)
	if !ok {
		return errors.New("must be a time as in RFC 3339, or in seconds since 1970")
	}
	i.Time = t
	return nil
}

func (*Instant) schema() object {
	return object{"oneOf": []object{{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0, "description": "Seconds since 1970"}}}
}
