package factor

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"roster/auth"
	"roster/auth/token"
)

// ErrToken: a text has not the form of the token that is asked for, or what it
// should be made of has not.
var ErrToken = errors.New("the token is malformed")

// Hash returns what is stored of a one-time or machine token in its place. See
// [token.Format.Hash] for why it is neither slow nor salted.
func Hash(s auth.Secret) [sha256.Size]byte { return token.Format{}.Hash(s) }

// Matches reports whether hash is that of s, and so of all that s says, in a time
// that does not depend on where they differ.
func Matches(s auth.Secret, hash []byte) bool { return token.Format{}.Matches(s, hash) }

// idLength is that of the hexadecimal digits of a UUID.
const idLength = 32

// mint returns a text that is bound to ids: the prefix, the digits of the ids, and
// random characters and a checksum as in package token.
func mint(prefix string, ids ...string) (auth.Secret, error) {
	text := []byte(prefix)
	for _, id := range ids {
		digits, ok := digitsOf(id)
		if !ok {
			return "", fmt.Errorf("%w: an id in it is not a UUID in lower case", ErrToken)
		}
		text = append(text, digits...)
	}
	text = token.AppendRandom(text, token.Alphabet, token.RandomLength)
	return auth.Secret(token.AppendChecksum(text)), nil
}

// parse finds the ids in a text that mint made with that prefix.
func parse(s auth.Secret, prefix string, ids ...*string) error {
	rest, ok := strings.CutPrefix(s.Reveal(), prefix)
	if !ok || len(rest) != len(ids)*idLength+token.RandomLength+token.ChecksumLength || !token.Alphanumeric(rest) {
		return fmt.Errorf("%w: it does not read as minted, perhaps it was cut off", ErrToken)
	}
	if _, ok = token.CutChecksum(s.Reveal()); !ok {
		return fmt.Errorf("%w: it was mistyped, its checksum is wrong", ErrToken)
	}
	for i, id := range ids {
		digits := rest[i*idLength : (i+1)*idLength]
		if strings.Trim(digits, hexadecimal) != "" {
			return fmt.Errorf("%w: there is no id in it", ErrToken)
		}
		*id = digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
	}
	return nil
}

const hexadecimal = "0123456789abcdef"

// digitsOf returns the digits of a UUID in its canonical text.
func digitsOf(id string) (string, bool) {
	if len(id) != idLength+4 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return "", false
	}
	digits := strings.ReplaceAll(id, "-", "")
	return digits, len(digits) == idLength && strings.Trim(digits, hexadecimal) == ""
}
