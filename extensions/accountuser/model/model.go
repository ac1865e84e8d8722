// Package model is the core of the account model: its schemas, the state machine
// of users, the rules that hold for a user on every way in, and the verbs that
// SCIM cannot say.
//
// It promises: a user's status follows from what was done to it by the table in
// state.go and by nothing else; a verb and a SCIM request that mean the same end
// in the same change; whatever a change carries along (credentials that die, mail
// that is sent) is in the batch of the change.
package model

import (
	"context"
	"time"

	"roster/auth"
	"roster/storage"
)

// Config of a Model.
type Config struct {
	// Settings returns what an account wants. Required.
	Settings func(ctx context.Context, account storage.Account) (Settings, error)
	// Accounts lists the accounts of the server, for what concerns all of them.
	// Default: none.
	Accounts func(ctx context.Context) ([]storage.Account, error)
	Now      func() time.Time // default time.Now
}

// Settings of an account, with every default filled in.
type Settings struct {
	ID, Name             string
	MailDomains          []string // lower-case ASCII (IDNA); none: any domain
	InvitationLifetime   time.Duration
	VerificationLifetime time.Duration // of codes and links for mail and phone
	ResetLifetime        time.Duration // of a password reset
	PasswordMin          int           // characters
	MaxFailedLogins      int
	RetainRemoved        time.Duration
	DefaultRoles         []string // of users made by the companion API
	// RoleScopes are what roles other than that of administrators allow; see
	// grants.Scopes. ProtectRoles leaves it to callers who may write the account to
	// give roles that allow something.
	RoleScopes   map[string][]auth.Scope
	ProtectRoles bool
	Language     string
	Timezone     string // name of the IANA database; "" for UTC
	Contact      string // whom users may ask, in one line; "" for nobody
	// Links are where the account's application redeems what is sent to users: URLs
	// with LinkToken in them, by LinkInvitation and so on. Without one, messages
	// carry the token itself.
	Links map[string]string
}

// Zone is in which the account tells people moments: UTC if it names no time zone,
// or one that this machine does not know.
func (s Settings) Zone() *time.Location {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Model holds for every account of a server. It may be used concurrently.
type Model struct{ Config }

// New returns a model.
func New(c Config) *Model {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Accounts == nil {
		c.Accounts = func(context.Context) ([]storage.Account, error) { return nil, nil }
	}
	return &Model{c}
}
