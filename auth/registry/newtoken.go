package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/auth"
)

// Lifetimes of a credential. Each has one (RFC 7644 section 7.4).
const (
	DefaultLifetime = 365 * 24 * time.Hour
	MaxLifetime     = 2 * DefaultLifetime
)

// NewToken is what a credential is made of.
type NewToken struct {
	Account string // id; required
	// Name is for people, such as the connector that uses it: 1 to 100 bytes
	// without control characters. Required, need not be unique.
	Name string
	// Form is how the client shows that it is its own: FormBearer if "".
	Form Form
	// Scopes says what may be done with it. At least one; auth.Roles only with a
	// User.
	Scopes []auth.Scope
	// User is the id of the resource of the account that the credential belongs to,
	// so that it is its own /Me. "" for one of nobody.
	User string
	// Domain is the provisioning domain whose external ids the client sees and sets:
	// 1 to 64 of [a-z0-9._-]. "" for that of the account itself.
	Domain string
	// Lifetime is how long it may be used: at most what the account's policy says. 0
	// is DefaultLifetime, or what the policy says if that is less.
	Lifetime time.Duration

	// Key is the public key of FormKey, as PEM (SPKI) or JWK: RSA of 2048 to 4096
	// bits, EC on P-256, P-384 or P-521, or Ed25519. At most 8 KiB.
	Key []byte
	// Federated is what FormFederated takes, and Certificate what FormCertificate
	// does.
	Federated   Federated
	Certificate Certificate
}

// body checks the credential and returns its document's body, without the hash.
func (n NewToken) body(now time.Time, p TokenPolicy) (b tokenBody, err error) {
	if n.Form == "" {
		n.Form = FormBearer
	}
	if err := errors.Join(checkTokenName(n.Name), checkDomain(n.Domain)); err != nil {
		return b, err
	}
	scopes, err := checkScopes(n.Scopes, n.User)
	if err != nil {
		return b, err
	}
	if len(n.User) > 64 {
		return b, invalid("user of a credential", n.User, "the id of a user, as the server gave it")
	}
	if n.Lifetime == 0 {
		n.Lifetime = min(DefaultLifetime, time.Duration(p.MaxLifetime))
	}
	if err := checkLifetime(n.Lifetime, p); err != nil {
		return b, err
	}
	proof, err := newProof(n.Form, n.Key, n.Federated, n.Certificate)
	return tokenBody{
		Account: n.Account, Name: n.Name, Form: n.Form, Scopes: scopes, User: n.User, Domain: n.Domain,
		proof: proof,
	}.lasting(n.Lifetime, now), err
}

// lasting is the credential with that life, which begins now.
func (b tokenBody) lasting(lifetime time.Duration, now time.Time) tokenBody {
	b.Expires, b.Lifetime = now.Add(lifetime).Truncate(time.Millisecond), Duration(lifetime)
	return b
}

func checkLifetime(lifetime time.Duration, p TokenPolicy) error {
	if lifetime < time.Second || lifetime > time.Duration(p.MaxLifetime) {
		return invalid("credential lifetime", Duration(lifetime).String(), fmt.Sprintf("1s to %v, as the policy of the account says", p.MaxLifetime))
	}
	return nil
}

// checkDomain takes the name of a provisioning domain, or none.
func checkDomain(domain string) error {
	const characters = "abcdefghijklmnopqrstuvwxyz0123456789._-"
	if len(domain) > 64 || strings.Trim(domain, characters) != "" {
		return invalid("provisioning domain", domain, "1 to 64 of a-z, 0-9, '.', '_' and '-', such as okta")
	}
	return nil
}

func checkTokenName(name string) error {
	if !printable(name, 100) {
		return invalid("credential name", name, "1 to 100 bytes of text without control characters")
	}
	return nil
}

// printable reports whether a text has 1 to most bytes, which people can read.
func printable(text string, most int) bool {
	unprintable := func(c rune) bool { return !unicode.IsPrint(c) }
	return text != "" && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unprintable)
}

// errRolesOfNobody: only users have roles.
var errRolesOfNobody = fmt.Errorf("scope %s is %w: it stands for what the roles of a user allow; name the user, or other scopes", auth.Roles, ErrInvalid)

// checkScopes returns the scopes without repetitions.
func checkScopes(scopes []auth.Scope, user string) ([]auth.Scope, error) {
	valid := append([]auth.Scope{auth.SCIM}, append(auth.AccountScopes(), auth.PlatformAdmin)...)
	if user != "" {
		valid = append(valid, auth.Roles)
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("a credential without scopes is %w: use one or more of %s", ErrInvalid, join(valid))
	}
	var granted []auth.Scope
	for _, s := range scopes {
		if s == auth.Roles && user == "" {
			return nil, errRolesOfNobody
		}
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
