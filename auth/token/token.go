// Package token says how the server's own tokens look:
//
//	roster_ + 43 random characters + 6 characters of checksum
//
// All characters behind the prefix are base 62 (0-9A-Za-z), so a double click
// selects the whole token and no transport has to escape it. The 43 random ones
// carry 256 bits, far more than can be guessed (RFC 7644 section 7.4). The
// checksum is the CRC-32 (IEEE) of everything before it, in six digits of base
// 62, the most significant first.
//
// A secret scanner finds tokens by [Pattern] and drops false alarms by the
// checksum, without asking anybody. The server uses the same to refuse a token
// that was cut off or mistyped without a lookup. The checksum proves nothing
// else: anybody can compute it.
package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"roster/auth"
)

// Prefix starts every minted token, and Pattern is the regular expression of a
// whole one.
const (
	Prefix  = "roster_"
	Pattern = `roster_[0-9A-Za-z]{49}`
)

const length = len(Prefix) + RandomLength + ChecksumLength

// Format mints and recognises tokens. Its zero value is ready, holds no state,
// and may be used concurrently.
type Format struct{}

// Mint returns a new token of 256 random bits.
func (Format) Mint() auth.Secret {
	checked := AppendRandom(append(make([]byte, 0, length), Prefix...), Alphabet, RandomLength)
	return auth.Secret(AppendChecksum(checked))
}

// Valid reports whether s has the form of a minted token and its checksum is
// right. It does not say that such a token was ever given out.
func (Format) Valid(s auth.Secret) bool {
	text := s.Reveal()
	if len(text) != length || !strings.HasPrefix(text, Prefix) || !Alphanumeric(text[len(Prefix):]) {
		return false
	}
	_, ok := CutChecksum(text)
	return ok
}

// Damaged reports whether s starts like a minted token and is none: a part of
// one, or a mistyped one. A text without the prefix is not damaged, only foreign.
func (f Format) Damaged(s auth.Secret) bool {
	return strings.HasPrefix(s.Reveal(), Prefix) && !f.Valid(s)
}

// Hash returns what is kept of a token in its place. A plain SHA-256 is enough
// for 256 random bits: nothing slower or salted would make trying them all
// harder, and each request pays for it. For passwords, see package password.
func (Format) Hash(s auth.Secret) [sha256.Size]byte {
	return sha256.Sum256([]byte(s.Reveal()))
}

// Matches reports whether hash is that of s, in a time that does not depend on
// where they differ.
func (f Format) Matches(s auth.Secret, hash []byte) bool {
	actual := f.Hash(s)
	return subtle.ConstantTimeCompare(actual[:], hash) == 1
}
