package api

import (
	"encoding/json"
	"reflect"
)

// User is a user in one of three views: [BasicUser], [ListedUser], [FullUser].
type User struct{ view any }

// MarshalJSON implements json.Marshaler.
func (u User) MarshalJSON() ([]byte, error) { return json.Marshal(u.view) }

// OneOf implements rest.Alternatives.
func (User) OneOf() []reflect.Type {
	return []reflect.Type{reflect.TypeFor[BasicUser](), reflect.TypeFor[ListedUser](), reflect.TypeFor[FullUser]()}
}

// BasicUser is what account administration always showed of a user.
type BasicUser struct {
	Identity         *string  `json:"identity" doc:"Subject of the user at its identity provider"`
	UserID           string   `json:"userId" format:"uuid"`
	EmailAddress     *string  `json:"emailAddress" doc:"The primary one, else the first"`
	Roles            []string `json:"roles" doc:"Roles that the user has itself"`
	InvitationStatus *string  `json:"invitationStatus" enum:"pending,accepted,expired,revoked" doc:"null: never invited"`
	IsSSOUser        bool     `json:"isSsoUser" doc:"Whether the user logs in through an identity provider"`
}

// ListedUser is a user in a table.
type ListedUser struct {
	BasicUser
	UserName           string `json:"userName"`
	DisplayName        string `json:"displayName,omitzero"`
	GivenName          string `json:"givenName,omitzero"`
	FamilyName         string `json:"familyName,omitzero"`
	Kind               string `json:"kind" enum:"human,machine"`
	Status             string `json:"status" enum:"invited,active,inactive,locked,removed"`
	Active             bool   `json:"active" doc:"The administrative status, which invited and locked users have too"`
	Locked             bool   `json:"locked"`
	PhoneNumber        string `json:"phoneNumber,omitzero" doc:"The primary one, else the first"`
	PreferredLoginName string `json:"preferredLoginName,omitzero"`
	CreatedAt          string `json:"createdAt" format:"date-time"`
	LastModified       string `json:"lastModified" format:"date-time"`
	RemovedAt          string `json:"removedAt,omitzero" format:"date-time"`
}

// FullUser is everything but secrets, metadata and memberships.
type FullUser struct {
	ListedUser
	AccountID              string         `json:"accountId" format:"uuid"`
	ExternalID             string         `json:"externalId,omitzero"`
	Source                 string         `json:"source,omitzero" doc:"By which way the user came: ui, api, scim, jit, invite, import"`
	Version                string         `json:"version" doc:"The entity tag"`
	FormattedName          string         `json:"formattedName,omitzero"`
	MiddleName             string         `json:"middleName,omitzero"`
	HonorificPrefix        string         `json:"honorificPrefix,omitzero"`
	HonorificSuffix        string         `json:"honorificSuffix,omitzero"`
	NickName               string         `json:"nickName,omitzero"`
	Title                  string         `json:"title,omitzero"`
	UserType               string         `json:"userType,omitzero"`
	PreferredLanguage      string         `json:"preferredLanguage,omitzero"`
	Locale                 string         `json:"locale,omitzero"`
	Timezone               string         `json:"timezone,omitzero"`
	ProfileURL             string         `json:"profileUrl,omitzero"`
	Gender                 string         `json:"gender,omitzero"`
	Emails                 []Address      `json:"emails"`
	PhoneNumbers           []Address      `json:"phoneNumbers"`
	Addresses              []Postal       `json:"addresses"`
	Photos                 []Address      `json:"photos"`
	EmailVerified          bool           `json:"emailVerified"`
	PhoneVerified          bool           `json:"phoneVerified"`
	Employee               Employee       `json:"employee"`
	LoginNames             []string       `json:"loginNames"`
	PasswordSet            bool           `json:"passwordSet"`
	PasswordChangeRequired bool           `json:"passwordChangeRequired"`
	MFASkipUntil           *string        `json:"mfaSkipUntil" format:"date-time"`
	AuthFactors            []AuthFactor   `json:"authFactors" doc:"Also passkeys"`
	IdPLinks               []IdPLink      `json:"idpLinks"`
	Credentials            []Credential   `json:"credentials" doc:"Of a machine user"`
	OrgUnits               []UserOrgUnit  `json:"orgUnits"`
	Entitlements           []Grant        `json:"entitlements" doc:"That the user has itself"`
	Licences               []string       `json:"licences" doc:"Roles that take a seat"`
	Groups                 []GroupSummary `json:"groups"`
	Invitation             InvitationView `json:"invitation,omitzero"`
	Machine                MachineView    `json:"machine,omitzero"`
}

// Address is an e-mail address, a phone number or the URL of a photo.
type Address struct {
	Value   string `json:"value"`
	Type    string `json:"type,omitzero"`
	Primary bool   `json:"primary,omitzero"`
}

// Postal is a postal address.
type Postal struct {
	Formatted     string `json:"formatted,omitzero"`
	StreetAddress string `json:"streetAddress,omitzero"`
	Locality      string `json:"locality,omitzero"`
	Region        string `json:"region,omitzero"`
	PostalCode    string `json:"postalCode,omitzero"`
	Country       string `json:"country,omitzero"`
	Type          string `json:"type,omitzero"`
	Primary       bool   `json:"primary,omitzero"`
}

// Employee is what HR systems say of a user; it outlives removal and restore.
type Employee struct {
	EmployeeNumber string  `json:"employeeNumber,omitzero"`
	Department     string  `json:"department,omitzero"`
	Division       string  `json:"division,omitzero"`
	CostCenter     string  `json:"costCenter,omitzero"`
	Organization   string  `json:"organization,omitzero"`
	Manager        Manager `json:"manager,omitzero"`
}

// Manager is the user that another one reports to.
type Manager struct {
	UserID      string `json:"userId"`
	DisplayName string `json:"displayName,omitzero"`
}

// AuthFactor is a second factor or a passkey.
type AuthFactor struct {
	ID        string `json:"id" doc:"otp, otp-sms, otp-email, recovery-codes, or that of a key"`
	Type      string `json:"type" enum:"otp,otpSms,otpEmail,recoveryCodes,u2f,passkey"`
	State     string `json:"state" enum:"notReady,ready"`
	Display   string `json:"display,omitzero"`
	Remaining *int   `json:"remaining,omitzero" doc:"Recovery codes that are left"`
}

// IdPLink is an identity of the user at an identity provider.
type IdPLink struct {
	IdPID            string `json:"idpId" minLength:"1" maxLength:"200"`
	Display          string `json:"display,omitzero" maxLength:"200"`
	ExternalUserID   string `json:"externalUserId" minLength:"1" maxLength:"200"`
	ExternalUserName string `json:"externalUserName,omitzero" maxLength:"200"`
	Type             string `json:"type,omitzero" maxLength:"200"`
}

// Credential is one of a machine user, without what opens anything.
type Credential struct {
	ID        string `json:"id"`
	Type      string `json:"type" enum:"secret,key,pat"`
	ExpiresAt string `json:"expiresAt,omitzero" format:"date-time"`
}

// UserOrgUnit is an organisational unit of a user.
type UserOrgUnit struct {
	ID    string   `json:"id"`
	Name  string   `json:"name,omitzero"`
	Roles []string `json:"roles" doc:"Roles that the user has there"`
}

// Grant is a role or an entitlement of a user.
type Grant struct {
	Value   string `json:"value"`
	Display string `json:"display,omitzero"`
	Type    string `json:"type,omitzero"`
}

// GroupSummary is a group of a user.
type GroupSummary struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName,omitzero"`
	Type        string `json:"type" enum:"direct,indirect"`
}

// InvitationView is the last invitation of a user.
type InvitationView struct {
	Status    string `json:"status" enum:"pending,accepted,expired,revoked"`
	ExpiresAt string `json:"expiresAt,omitzero" format:"date-time"`
	SentAt    string `json:"sentAt,omitzero" format:"date-time"`
}

// MachineView is what is only said of machine users.
type MachineView struct {
	Description     string `json:"description,omitzero"`
	AccessTokenType string `json:"accessTokenType,omitzero" enum:"bearer,jwt"`
	HasSecret       bool   `json:"hasSecret"`
}
