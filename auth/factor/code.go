package factor

import (
	"fmt"
	"strings"
	"unicode"

	"roster/auth"
	"roster/auth/token"
)

const (
	digits = "0123456789"
	// crockford is the alphabet of recovery codes: letters that are taken for digits
	// are not in it, nor the u, which makes words.
	crockford = "0123456789abcdefghjkmnpqrstvwxyz"

	recoveryCodes = 10
	groups        = 3
	groupLength   = 4
	minCode       = 6  // characters, as normalised
	minImported   = 8  // characters, as normalised
	maxCode       = 64 // characters, as normalised
)

// NewCode returns a code of 6 to 8 digits, each equally likely, to be sent to a
// user. It can be guessed: whoever checks it has to expire it in minutes, and to
// allow a few wrong guesses only (RFC 6238 section 5.2 and RFC 4226 section 7.3).
func NewCode(length int) (auth.Secret, error) {
	if length < 6 || length > 8 {
		return "", fmt.Errorf("a code has 6 to 8 digits, not %d", length)
	}
	return auth.Secret(token.AppendRandom(nil, digits, length)), nil
}

// NewRecoveryCodes returns ten codes for the day on which the other factors are
// lost, each to be used once. They look like 7k2m-q9xz-4t8d and have 60 bits.
func NewRecoveryCodes() []auth.Secret {
	codes := make([]auth.Secret, recoveryCodes)
	for i := range codes {
		var code []byte
		for g := range groups {
			if g > 0 {
				code = append(code, '-')
			}
			code = token.AppendRandom(code, crockford, groupLength)
		}
		codes[i] = auth.Secret(code)
	}
	return codes
}

// ImportableCode reports whether a recovery code that another system made can be
// hashed here: 8 to 64 letters and digits of ASCII, without spaces and hyphens,
// which do not count.
func ImportableCode(code auth.Secret) bool {
	text := normalise(code)
	return len(text) >= minImported && token.Alphanumeric(text)
}

// normalise returns a code without what people add or mix up, "" if it cannot be
// one.
func normalise(code auth.Secret) string {
	if len(code) > 2*maxCode {
		return ""
	}
	text := strings.Map(func(c rune) rune {
		switch c = unicode.ToLower(c); c {
		case ' ', '-':
			return -1
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		return c
	}, code.Reveal())
	if len(text) < minCode || len(text) > maxCode {
		return ""
	}
	return text
}
