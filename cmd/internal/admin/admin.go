// Package admin is what an operator does to the data of a server: accounts,
// tokens, checks, backups. The server holds the database alone, so a command
// asks it through a socket in the data folder; where no server runs, the command
// opens the database and calls the same Service itself. A Conn hides which.
//
// It promises: only the owner of the data folder gets in; a command never hangs
// on a server that is gone or stuck; the answer is the same on both ways.
package admin

import (
	"time"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/registry"
)

// Account is an account as operators see it: with the settings as they are set,
// but with registry.Kept in the place of secrets. Its JSON is taken back by
// SetAccount.
type Account struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	// Disabled is since when nobody is let in, zero if the account is not disabled.
	Disabled time.Time `json:"disabled,omitzero"`
	registry.Settings
}

// NewAccount is what an account is made of. Profile may be empty.
type NewAccount struct {
	Name    string `json:"name"`
	Profile string `json:"profile,omitempty"`
}

// AccountChange sets an account's settings.
type AccountChange struct {
	Account string `json:"account"` // name
	// Settings is a JSON object of at most MaxSettings bytes with the members of
	// registry.Settings. An id, name and created, which ShowAccount's JSON has too,
	// change nothing, so that one account's settings can be given to another.
	Settings string `json:"settings"`
	// Merge leaves alone what Settings does not name: null goes back to the default,
	// an object is merged member by member, anything else replaces what is set
	// (RFC 7396). Otherwise Settings replaces everything.
	Merge bool `json:"merge,omitempty"`
}

// AccountState disables an account, or enables it again.
type AccountState struct {
	Account  string `json:"account"` // name
	Disabled bool   `json:"disabled"`
}

// DeletedAccount is what is left of an account beside its audit.
type DeletedAccount struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Deleted time.Time `json:"deleted,omitzero"` // absent while its deletion goes on
}

// Token is all that is known of a credential but its secret.
type Token struct {
	ID          string               `json:"id"`
	Account     string               `json:"account"` // name
	Form        registry.Form        `json:"form"`
	ClientID    string               `json:"clientId"` // for the token endpoint; stays the same when it is rotated
	Name        string               `json:"name"`
	Scopes      []auth.Scope         `json:"scopes"`
	User        string               `json:"user,omitempty"` // id
	Domain      string               `json:"domain,omitempty"`
	KeyID       string               `json:"keyId,omitempty"` // kid of the client's assertions
	Federated   registry.Federated   `json:"federated,omitzero"`
	Certificate registry.Certificate `json:"certificate,omitzero"`
	Created     time.Time            `json:"created"`
	Expires     time.Time            `json:"expires"`
	Revoked     time.Time            `json:"revoked,omitzero"`
	LastUsed    time.Time            `json:"lastUsed,omitzero"`    // to the minute
	Replaces    string               `json:"replaces,omitempty"`   // id
	ReplacedBy  string               `json:"replacedBy,omitempty"` // id
}

// NewToken is what a credential is made of. Lifetime may be 0 for the default.
type NewToken struct {
	Account     string               `json:"account"` // name
	Form        registry.Form        `json:"form,omitempty"`
	Name        string               `json:"name"`
	Scopes      []auth.Scope         `json:"scopes"`
	User        string               `json:"user,omitempty"` // id
	Domain      string               `json:"domain,omitempty"`
	Lifetime    time.Duration        `json:"lifetime"`
	Key         []byte               `json:"key,omitempty"` // public
	Federated   registry.Federated   `json:"federated,omitzero"`
	Certificate registry.Certificate `json:"certificate,omitzero"`
}

// Rotation puts a new credential in the place of one. What is left out is as it
// was, as far as the account's policy allows it, and the overlap the default.
type Rotation struct {
	ID          string                `json:"id"`
	Overlap     time.Duration         `json:"overlap,omitempty"`
	Lifetime    time.Duration         `json:"lifetime,omitempty"`
	Key         []byte                `json:"key,omitempty"`
	Federated   *registry.Federated   `json:"federated,omitempty"`
	Certificate *registry.Certificate `json:"certificate,omitempty"`
}

// IssuedToken is a new credential with its secret, which is plain text here because
// this is the one time that it is shown: a bearer token, the secret of a client of
// the token endpoint, or none for the other forms.
type IssuedToken struct {
	Token
	Secret       string `json:"token,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
}

// RotatedToken is a new credential in the place of one that works on until then.
type RotatedToken struct {
	IssuedToken
	PreviousExpires time.Time `json:"previousExpires"`
}

// KeyRotation makes a new key for access tokens. Drop ends the old ones, and all
// access tokens with them, at once.
type KeyRotation struct {
	Drop bool `json:"drop,omitempty"`
}

// AuditQuery asks for a part of the audit.
type AuditQuery struct {
	Account string      `json:"account"` // name, or id if it was deleted; "" for that of the server itself
	Query   audit.Query `json:"query"`   // its Account is that account
}

// Report is the result of a check. Only the first problems are listed.
type Report struct {
	Count    int      `json:"count"`
	Problems []string `json:"problems"`
}

// Written says where a backup went.
type Written struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// nothing is the input of an operation that needs none, and the output of one
// that has none.
type nothing struct{}
