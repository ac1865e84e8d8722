// Package token says how the server's own tokens and client secrets look:
//
//	roster_ + 43 random characters + 6 characters of checksum
//	roster_client_ + the same
//
// A client secret is exchanged for access tokens at the token endpoint and opens
// nothing by itself, so people and programs can tell the two apart. All characters
// behind the prefix are base 62 (0-9A-Za-z), so a double click selects the whole text
// and no transport has to escape it. The 43 random ones carry 256 bits, far more than
// can be guessed (RFC 7644 section 7.4). The checksum is the CRC-32 (IEEE) of
// everything before it, in six digits of base 62, the most significant first.
//
// A secret scanner finds them by [Pattern] and [SecretPattern] and drops false
// alarms by the checksum, without asking anybody. The server uses the same to
// refuse what was cut off or mistyped without a lookup. The checksum proves
// nothing else: anybody can compute it.
package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"roster/auth"
)

// Prefix starts every minted token, and Pattern is the regular expression of a
// whole one; SecretPrefix and SecretPattern are those of client secrets.
const (
	Prefix        = "roster_"
	Pattern       = `roster_[0-9A-Za-z]{49}`
	SecretPrefix  = "roster_client_"
	SecretPattern = `roster_client_[0-9A-Za-z]{49}`
)

// Format mints and recognises tokens and client secrets. Its zero value is ready,
// holds no state, and may be used concurrently.
type Format struct{}

// Mint returns a new token of 256 random bits.
func (Format) Mint() auth.Secret { return mint(Prefix) }

// MintSecret returns a new client secret of 256 random bits.
func (Format) MintSecret() auth.Secret { return mint(SecretPrefix) }

func mint(prefix string) auth.Secret {
	text := make([]byte, 0, len(prefix)+RandomLength+ChecksumLength)
	return auth.Secret(AppendChecksum(AppendRandom(append(text, prefix...), Alphabet, RandomLength)))
}

// Valid reports whether s has the form of a minted token and its checksum is
// right. It does not say that such a token was ever given out.
func (Format) Valid(s auth.Secret) bool { return valid(s, Prefix) }

// ValidSecret is Valid for client secrets. No text is both.
func (Format) ValidSecret(s auth.Secret) bool { return valid(s, SecretPrefix) }

func valid(s auth.Secret, prefix string) bool {
	text, found := strings.CutPrefix(s.Reveal(), prefix)
	if !found || len(text) != RandomLength+ChecksumLength || !Alphanumeric(text) {
		return false
	}
	_, ok := CutChecksum(s.Reveal())
	return ok
}

// Damaged reports whether s starts like a minted token and is none: a part of
// one, a mistyped one, or a client secret. A text without the prefix is not
// damaged, only foreign.
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
