package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Channel is a way to reach somebody.
type Channel string

const (
	Mail    Channel = "mail"
	SMS     Channel = "sms"
	Webhook Channel = "webhook"
)

// Kind says what a notice is about. Each has the values that its templates may
// use, all of them texts:
//
//	invitation         mail       link or code, expires; name, inviter
//	emailVerification  mail       link or code, expires; name
//	phoneVerification  sms        code, expires; name
//	passwordReset      mail, sms  link or code, expires; name
//	passkeyLink        mail       link or code, expires; name
//	loginCode          mail, sms  code, expires; name
//	event              webhook    type, data; occurred
//
// Those before the semicolon are required; of "link or code" at least one. A link
// is an https URL, or http to this machine. A code is what is typed in: digits, or
// a token where the account has no page for it. Expires and occurred are moments
// as in RFC 3339. Name is how a person is addressed, inviter who invites. Type is
// such as "user.locked", and data a JSON object.
type Kind string

const (
	Invitation        Kind = "invitation"
	EmailVerification Kind = "emailVerification"
	PhoneVerification Kind = "phoneVerification"
	PasswordReset     Kind = "passwordReset"
	PasskeyLink       Kind = "passkeyLink"
	LoginCode         Kind = "loginCode"
	Event             Kind = "event"
)

// definition is a row of the table above.
type definition struct {
	channels []Channel
	values   map[string]value
}

// need says when a value must be there.
type need int

const (
	optional need = iota
	required
	alternative // at least one of these
)

type value struct {
	need  need
	check func(string) error
}

var (
	redeemable = map[string]value{
		"link":    {alternative, checkURL},
		"code":    {alternative, checkLine},
		"expires": {required, checkMoment},
		"name":    {optional, checkLine},
	}
	coded = map[string]value{
		"code":    {required, checkLine},
		"expires": {required, checkMoment},
		"name":    {optional, checkLine},
	}
)

var kinds = map[Kind]definition{
	Invitation:        {[]Channel{Mail}, with(redeemable, "inviter", value{optional, checkLine})},
	EmailVerification: {[]Channel{Mail}, redeemable},
	PhoneVerification: {[]Channel{SMS}, coded},
	PasswordReset:     {[]Channel{Mail, SMS}, redeemable},
	PasskeyLink:       {[]Channel{Mail}, redeemable},
	LoginCode:         {[]Channel{Mail, SMS}, coded},
	Event: {[]Channel{Webhook}, map[string]value{
		"type":     {required, checkEventType},
		"data":     {required, checkObject},
		"occurred": {optional, checkMoment},
	}},
}

func with(values map[string]value, name string, v value) map[string]value {
	more := maps.Clone(values)
	more[name] = v
	return more
}

// check refuses a notice that its kind does not allow.
func (n Notice) check() error {
	d, known := kinds[n.Kind]
	switch {
	case !known:
		return fmt.Errorf("kind of notice %.40q is %w", n.Kind, ErrInvalid)
	case !slices.Contains(d.channels, n.Channel):
		return fmt.Errorf("channel %.40q for a notice of kind %s is %w", n.Channel, n.Kind, ErrInvalid)
	}
	if err := d.check(n.Values); err != nil {
		return fmt.Errorf("notice of kind %s is %w: %w", n.Kind, ErrInvalid, err)
	}
	return nil
}

func (d definition) check(values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, known := d.values[name]
		if !known {
			return fmt.Errorf("it takes no value %.40q", name)
		}
		if values[name] == "" {
			continue
		}
		if err := v.check(values[name]); err != nil {
			return fmt.Errorf("value %s %w", name, err)
		}
	}
	return d.complete(values)
}

// complete refuses values of which a required one is missing or empty.
func (d definition) complete(values map[string]string) error {
	var choice []string
	chosen := false
	for _, name := range slices.Sorted(maps.Keys(d.values)) {
		switch d.values[name].need {
		case required:
			if values[name] == "" {
				return fmt.Errorf("value %s is missing", name)
			}
		case alternative:
			choice = append(choice, name)
			chosen = chosen || values[name] != ""
		}
	}
	if len(choice) > 0 && !chosen {
		return fmt.Errorf("value %s is missing", strings.Join(choice, " or "))
	}
	return nil
}
