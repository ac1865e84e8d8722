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
	"roster/auth/registry"
)

// Account is an account as operators see it: with the settings as they are set,
// but with registry.Kept in the place of secrets. Its JSON is taken back by
// SetAccount.
type Account struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
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

// Token is all that is known of a token but its secret.
type Token struct {
	ID       string       `json:"id"`
	Account  string       `json:"account"` // name
	Name     string       `json:"name"`
	Scopes   []auth.Scope `json:"scopes"`
	Created  time.Time    `json:"created"`
	Expires  time.Time    `json:"expires"`
	Revoked  time.Time    `json:"revoked,omitzero"`
	LastUsed time.Time    `json:"lastUsed,omitzero"` // to the minute
}

// NewToken is what a token is made of. Lifetime may be 0 for the default.
type NewToken struct {
	Account  string        `json:"account"` // name
	Name     string        `json:"name"`
	Scopes   []auth.Scope  `json:"scopes"`
	User     string        `json:"user,omitempty"` // id
	Lifetime time.Duration `json:"lifetime"`
}

// IssuedToken is a new token with its secret, which is plain text here because
// this is the one time that it is shown.
type IssuedToken struct {
	Token
	Secret string `json:"token"`
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
