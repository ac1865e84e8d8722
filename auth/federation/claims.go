package federation

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"

	"roster/auth"
)

// Claims are those of a verified token, as encoding/json decodes them.
type Claims map[string]any

// Why a token is not good.
var (
	// ErrSubject: it does not say in a usable way whose it is.
	ErrSubject = errors.New("the claim of the subject is missing or unusable")
	// ErrUser: it does not say in a usable way which user it is of.
	ErrUser = errors.New("the claim of the user is unusable")
)

// Bounds of what is taken from a token.
const (
	maxSubject = 255 // characters; OpenID Connect Core 1.0 section 2
	maxName    = 100 // bytes, as for the name of a token of the server's own
	maxUser    = 512 // bytes
)

// Admits reports whether the issuer is trusted for a token with these claims.
func (i Issuer) Admits(c Claims) bool {
	return i.Where == Match{} || slices.Contains(c.values(i.Where.Claim), i.Where.Value)
}

// Principal returns who calls with a token of these claims, except for the user
// that it may be. The subject is that of the issuer and distinct from all others:
// "https://login.example.com#00u1". It fails with ErrSubject.
func (t Trust) Principal(c Claims) (*auth.Principal, error) {
	subject := c.Text(cmp.Or(t.Subject, defaultSubject))
	if !isSubject(subject) {
		return nil, ErrSubject
	}
	name := c.Text(t.Name)
	if !isText(name, maxName) {
		name = subject[:min(len(subject), maxName)]
	}
	return &auth.Principal{
		Account: t.Account, Subject: t.URL + "#" + subject, Name: name,
		Scopes: t.scopes(c), Domain: t.Domain, Method: auth.ByOIDC,
	}, nil
}

// Value returns the value of the attribute that the user has who calls, "" if it is
// no user. It fails with ErrUser.
func (u User) Value(c Claims) (string, error) {
	if _, told := c[u.Claim]; u.Claim == "" || !told {
		return "", nil
	}
	value := c.Text(u.Claim)
	if !isText(value, maxUser) {
		return "", ErrUser
	}
	return value, nil
}

func (i Issuer) scopes(c Claims) []auth.Scope {
	var granted []auth.Scope
	for _, g := range i.Scopes {
		if g.Claim == "" || slices.Contains(c.listed(g.Claim), g.Value) {
			granted = append(granted, g.Grants...)
		}
	}
	slices.Sort(granted)
	return slices.Compact(granted)
}

// Text returns the value of a claim, "" if it is no text.
func (c Claims) Text(name string) string {
	text, _ := c[name].(string)
	return text
}

// values returns the text of a claim, or the texts in its list.
func (c Claims) values(name string) []string {
	list, isList := c[name].([]any)
	if !isList {
		list = []any{c[name]}
	}
	var texts []string
	for _, v := range list {
		if text, ok := v.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// listed is values with the texts taken apart that are lists themselves. It is not
// done for other claims: what somebody may call themselves is no list of roles.
func (c Claims) listed(name string) []string {
	if text := c.Text(name); name == "scp" || name == "scope" {
		return append(c.values(name), strings.Fields(text)...)
	}
	return c.values(name)
}

// isSubject takes what is harmless wherever it is written.
func isSubject(text string) bool {
	return text != "" && len(text) <= maxSubject && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isText takes what people can read.
func isText(text string, most int) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
