package registry

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/auth"
	"roster/auth/federation"
	"roster/scim"
)

// Settings are what an account sets; in JSON, what `roster account set --file`
// takes. A member that is absent or zero has its default, so the zero value is an
// account that sets nothing.
type Settings struct {
	// Profile is "default" or "strict"; "" is "default".
	Profile string `json:"profile,omitempty"`
	// Switches turns single switches of the profile on or off, by their names,
	// such as "createFromFilter".
	Switches map[string]bool `json:"switches,omitempty"`
	// Limits sets single limits, by their names, such as "maxPageSize": 1 to 100
	// times the default.
	Limits map[string]int `json:"limits,omitempty"`

	// MailDomains are the domains that mail addresses of users may have; none for
	// any. At most 200. They are kept in ASCII (IDNA, RFC 5891) and lower case, so
	// that "Bücher.example" becomes "xn--bcher-kva.example". See AdmitsMail.
	MailDomains []string `json:"mailDomains,omitempty"`
	// Policy bounds what users and their credentials may do.
	Policy Policy `json:"policy,omitzero"`
	// Tokens bounds the credentials of clients.
	Tokens TokenPolicy `json:"tokens,omitzero"`
	// Traffic bounds how much the clients of the account may ask.
	Traffic Traffic `json:"traffic,omitzero"`
	// DefaultRoles are the roles of a user who is made through the account API by
	// somebody who names none: at most 50, of 1 to 200 bytes. Whether the account
	// has such a role is found out when they are given.
	DefaultRoles []string `json:"defaultRoles,omitempty"`
	// RoleScopes are what users with a role may do, where a token or an issuer grants
	// auth.Roles; account-admin has all of auth.AdministratorScopes anyway. At most
	// 100 roles.
	RoleScopes map[string][]auth.Scope `json:"roleScopes,omitempty"`
	// ProtectRoles leaves it to those who may write the account to give users a role
	// that allows anything; else every client that may write users can.
	ProtectRoles bool `json:"protectRoles,omitempty"`
	// Language is a tag of RFC 5646, such as "de-AT": that of messages to users who
	// have none of their own. Default DefaultLanguage.
	Language string `json:"language,omitempty"`

	// Country is a code of ISO 3166-1, such as "AT", Currency one of ISO 4217, such
	// as "EUR", and Timezone a name of the IANA database, such as "Europe/Vienna".
	// They and Contact are told to the users of the account, and have no default.
	Country  string  `json:"country,omitempty"`
	Currency string  `json:"currency,omitempty"`
	Timezone string  `json:"timezone,omitempty"`
	Contact  Contact `json:"contact,omitzero"`

	// Links lead users to the application of the account that redeems their tokens.
	Links Links `json:"links,omitzero"`
	// Webhooks are told what happens in the account. At most 20.
	Webhooks []Webhook `json:"webhooks,omitempty"`

	// Issuers are those whose access tokens open the account. At most 20. Accounts
	// that have the same issuer and audience all ask for one claim in "where", each
	// for other values.
	Issuers []federation.Issuer `json:"issuers,omitempty"`
}

// DefaultLanguage is the language of an account that sets none.
const DefaultLanguage = "en"

// Bounds of lists.
const (
	maxMailDomains  = 200
	maxDefaultRoles = 50
	maxWebhooks     = 20
)

// Effective is what settings come to where they have defaults. What has none is
// read from the settings.
type Effective struct {
	Profile  scim.Profile // its name tells the deviations: "default-stringBooleans"
	Limits   scim.Limits
	Policy   Policy      // no member is zero
	Tokens   TokenPolicy // no member is zero
	Traffic  Traffic     // no member is zero
	Language string
}

// Resolve returns what the settings come to. It fails with ErrInvalid if the
// profile or the limits cannot be made; what else a setting may be is decided
// by Normalised, when it is set.
func (s Settings) Resolve() (Effective, error) {
	profile, err := s.profile()
	if err != nil {
		return Effective{}, err
	}
	limits, err := s.limits()
	if err != nil {
		return Effective{}, err
	}
	e := Effective{
		Profile: profile, Limits: limits, Language: s.Language,
		Policy: s.Policy.resolve(), Tokens: s.Tokens.resolve(), Traffic: s.Traffic.resolve(),
	}
	if e.Language == "" {
		e.Language = DefaultLanguage
	}
	return e, nil
}

// Normalised returns the settings as they are kept, which shares nothing with s.
// It fails with ErrInvalid, and then tells everything that is wrong, each in a
// line of its own.
func (s Settings) Normalised() (Settings, error) {
	_, problem := s.Resolve()
	problems := []error{problem, s.Policy.check(), s.Tokens.check(), s.Traffic.check(), s.Contact.check(), s.Links.check(), checkRoles(s.DefaultRoles)}
	s.Switches, s.Limits = maps.Clone(s.Switches), maps.Clone(s.Limits)
	s.DefaultRoles = slices.Clone(s.DefaultRoles)
	keep := func(err error) { problems = append(problems, err) }
	var err error
	s.MailDomains, err = normaliseDomains(s.MailDomains)
	keep(err)
	s.Webhooks, err = normaliseWebhooks(s.Webhooks)
	keep(err)
	s.Issuers, err = normaliseIssuers(s.Issuers)
	keep(err)
	s.RoleScopes, err = normaliseRoleScopes(s.RoleScopes)
	keep(err)
	for _, text := range s.codes() {
		*text.at, err = text.normalise(*text.at)
		keep(err)
	}
	return s, errors.Join(problems...)
}

func checkRoles(roles []string) error {
	if len(roles) > maxDefaultRoles {
		return tooMany("default roles", len(roles), maxDefaultRoles)
	}
	for i, role := range roles {
		if !printable(role, 200) || strings.TrimSpace(role) != role {
			return invalid("default role", role, "the value of a role: 1 to 200 bytes of text, without spaces around it")
		}
		same := func(other string) bool { return strings.EqualFold(role, other) }
		if slices.ContainsFunc(roles[:i], same) {
			return repeated("default role", role)
		}
	}
	return nil
}

// invalid says what is wrong with a value and what would be right.
func invalid(what, value, use string) error {
	return fmt.Errorf("%s %q is %w: use %s", what, scim.Abbreviate(value), ErrInvalid, use)
}

func repeated(what, value string) error {
	return fmt.Errorf("%s %q is %w: it is there twice; name it once", what, scim.Abbreviate(value), ErrInvalid)
}

func tooMany(what string, n, most int) error {
	return fmt.Errorf("%d %s are %w: use at most %d", n, what, ErrInvalid, most)
}
