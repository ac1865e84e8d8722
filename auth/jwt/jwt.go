// Package jwt reads JSON Web Tokens (RFC 7519) that are signed with a private key.
// It is the only reader of them here, and a strict one, so that no text is two
// tokens to two readers.
//
// It promises: a token is bounded; no member of it stands twice or counts in
// another case; what it says may be written by anybody, until Verify has found it
// signed with a key that the caller had from elsewhere: a key that a token brings
// or points to is passed over. An algorithm counts only for the kind of key that
// it is for, so that `none` and those with a shared secret do not work with any.
package jwt

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4/json"

	"roster/auth"
)

// Bounds of what is looked at before anything is known of who sends it.
const (
	// MaxSize is how long a token may be, in bytes.
	MaxSize     = 16 << 10
	maxAudience = 10
)

// ErrMalformed: it is no token, or one that cannot be read in one way only.
var ErrMalformed = errors.New("it is no JSON Web Token, or one with doubled or wrong members")

// Token is what a JSON Web Token says of itself.
type Token struct {
	Algorithm, KeyID, Type string // of its header: alg, kid and typ
	Issuer, Subject        string // "" if there is none
	Audience               []string
	// Claims are all of them, as encoding/json decodes into a map.
	Claims map[string]any

	text string

	// Of a token of a Memory:
	memory *Memory
	hash   [sha256.Size]byte // of the text
	size   int               // of the text, if it is remembered
	signer crypto.PublicKey  // that it was verified with, nil if it was not
}

// Parse reads a token. It verifies nothing.
func Parse(credential auth.Secret) (Token, error) {
	text := credential.Reveal()
	if !shaped(text) {
		return Token{}, ErrMalformed
	}
	parts := strings.Split(text, ".")
	header, claims := object(parts[0]), object(parts[1])
	if header == nil || claims == nil {
		return Token{}, ErrMalformed
	}
	// No extension is understood here (RFC 7515 section 4.1.11).
	if _, critical := header["crit"]; critical {
		return Token{}, ErrMalformed
	}
	t := Token{Claims: claims, text: text}
	well := member(header, "alg", &t.Algorithm) && member(header, "kid", &t.KeyID) && member(header, "typ", &t.Type) &&
		member(claims, "iss", &t.Issuer) && member(claims, "sub", &t.Subject) && t.readAudience()
	if !well {
		return Token{}, ErrMalformed
	}
	return t, nil
}

// shaped takes a text of three parts that is not too long.
func shaped(text string) bool {
	// What decodes base64 passes over line breaks, so two texts would be one token.
	return len(text) <= MaxSize && strings.Count(text, ".") == 2 && !strings.ContainsAny(text, "\r\n")
}

// object decodes one part, nil if it is no object. It takes no name twice, and
// names only as they are written: encoding/json does otherwise.
func object(part string) (o map[string]any) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || json.Unmarshal(text, &o) != nil {
		return nil
	}
	return o
}

// member reads a member that is one text if it is there.
func member(o map[string]any, name string, into *string) (well bool) {
	value, told := o[name]
	if !told {
		return true
	}
	*into, well = value.(string)
	return well
}

// readAudience reads one text, or a list (RFC 7519 section 4.1.3).
func (t *Token) readAudience() (well bool) {
	switch audience := t.Claims["aud"].(type) {
	case nil:
		return true
	case string:
		t.Audience = []string{audience}
		return true
	case []any:
		for _, one := range audience {
			name, isText := one.(string)
			if !isText {
				return false
			}
			t.Audience = append(t.Audience, name)
		}
		return len(audience) <= maxAudience
	}
	return false
}

// IsFor reports whether one of the names is in the audience.
func (t Token) IsFor(names ...string) bool {
	return slices.ContainsFunc(t.Audience, func(a string) bool { return slices.Contains(names, a) })
}

// Text returns a claim, "" if it is no text.
func (t Token) Text(name string) string {
	text, _ := t.Claims[name].(string)
	return text
}

// Signed is the text that the signature is of.
func (t Token) Signed() string { return t.text[:strings.LastIndex(t.text, ".")] }
