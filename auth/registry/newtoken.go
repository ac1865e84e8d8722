package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/auth"
)

// Lifetimes of a token. Each has one (RFC 7644 section 7.4).
const (
	DefaultLifetime = 365 * 24 * time.Hour
	MaxLifetime     = 2 * DefaultLifetime
)

// NewToken is what a token is made of.
type NewToken struct {
	Account string // id; required
	// Name is for people, such as the connector that uses it: 1 to 100 bytes
	// without control characters. Required, need not be unique.
	Name string
	// Scopes says what may be done with it. At least one.
	Scopes []auth.Scope
	// User is the id of the resource of the account that the token belongs to, so
	// that it is its own /Me. "" for a token of nobody.
	User string
	// Lifetime is how long it may be used: DefaultLifetime if 0, at most
	// MaxLifetime.
	Lifetime time.Duration
}

// body checks the token and returns its document's body, without the hash.
func (n NewToken) body(now time.Time) (tokenBody, error) {
	if err := checkTokenName(n.Name); err != nil {
		return tokenBody{}, err
	}
	scopes, err := checkScopes(n.Scopes)
	if err != nil {
		return tokenBody{}, err
	}
	if len(n.User) > 64 {
		return tokenBody{}, invalid("user of a token", n.User, "the id of a user, as the server gave it")
	}
	if n.Lifetime == 0 {
		n.Lifetime = DefaultLifetime
	}
	if n.Lifetime < time.Second || n.Lifetime > MaxLifetime {
		return tokenBody{}, invalid("token lifetime", n.Lifetime.String(),
			fmt.Sprintf("1s to %v (%d days)", MaxLifetime, int(MaxLifetime.Hours()/24)))
	}
	return tokenBody{Account: n.Account, Name: n.Name, User: n.User, Scopes: scopes, Expires: now.Add(n.Lifetime).Truncate(time.Millisecond)}, nil
}

func checkTokenName(name string) error {
	if !printable(name, 100) {
		return invalid("token name", name, "1 to 100 bytes of text without control characters")
	}
	return nil
}

// printable reports whether a text has 1 to most bytes, which people can read.
func printable(text string, most int) bool {
	unprintable := func(c rune) bool { return !unicode.IsPrint(c) }
	return text != "" && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unprintable)
}

// checkScopes returns the scopes without repetitions.
func checkScopes(scopes []auth.Scope) ([]auth.Scope, error) {
	valid := append([]auth.Scope{auth.SCIM}, append(auth.AccountScopes(), auth.PlatformAdmin)...)
	if len(scopes) == 0 {
		return nil, fmt.Errorf("a token without scopes is %w: use one or more of %s", ErrInvalid, join(valid))
	}
	var granted []auth.Scope
	for _, s := range scopes {
		if !slices.Contains(valid, s) {
			return nil, invalid("scope", string(s), "one or more of "+join(valid))
		}
		if !slices.Contains(granted, s) {
			granted = append(granted, s)
		}
	}
	return granted, nil
}

func join(scopes []auth.Scope) string {
	var list []string
	for _, s := range scopes {
		list = append(list, string(s))
	}
	return strings.Join(list, ", ")
}

// checkSecret admits what can be sent as a bearer token (b64token of RFC 6750
// section 2.1) and is not refused as damaged. The message does not repeat it.
func (r *Registry) checkSecret(secret auth.Secret) error {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~+/"
	text := secret.Reveal()
	body := strings.TrimRight(text, "=")
	if len(text) < 8 || len(text) > 512 || body == "" || strings.Trim(body, characters) != "" {
		return fmt.Errorf("the secret is %w: use 8 to 512 of the characters 0-9 A-Z a-z - . _ ~ + /", ErrInvalid)
	}
	if r.tokens.Damaged(secret) {
		return fmt.Errorf("the secret is %w: it starts like a minted token but has another checksum; use another text", ErrInvalid)
	}
	return nil
}
