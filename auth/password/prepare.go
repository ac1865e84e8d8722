package password

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"roster/auth"
)

func hashable(password auth.Secret) bool {
	return password != "" && len(password) <= MaxLength
}

// candidates are the texts that a stored hash may be of: the password as Hash
// prepares it, and as sent if that is another, because systems that hashes come
// from took it so.
func candidates(password auth.Secret) [][]byte {
	prepared, raw := prepare(password), []byte(password.Reveal())
	if bytes.Equal(prepared, raw) {
		return [][]byte{prepared}
	}
	return [][]byte{prepared, raw}
}

// prepare applies the OpaqueString profile (RFC 7644 section 5, RFC 8265
// section 4.2), so that a password typed on another system, in another Unicode
// normalisation or with another kind of space, is the same. What the profile
// does not accept, such as a tab, is hashed as sent: a client that could set it
// can also send it again.
func prepare(password auth.Secret) []byte {
	raw := []byte(password.Reveal())
	if !utf8.Valid(raw) {
		return raw
	}
	prepared, err := precis.OpaqueString.Bytes(raw)
	if err != nil {
		return raw
	}
	return prepared
}
