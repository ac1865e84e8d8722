package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
)

// maxRounds bounds the rounds of PBKDF2, times the blocks of output that each of
// them makes. It is a second or two.
const maxRounds = 2_000_000

// pbkdf2Hash is PBKDF2 with HMAC (RFC 8018 section 5.2).
type pbkdf2Hash struct {
	name       string // pbkdf2-sha256 or pbkdf2-sha512
	rounds     int
	salt, hash []byte
}

func (p pbkdf2Hash) function() func() hash.Hash {
	if p.name == "pbkdf2-sha512" {
		return sha512.New
	}
	return sha256.New
}

func (p pbkdf2Hash) matches(password []byte) bool {
	actual, err := pbkdf2.Key(p.function(), string(password), p.salt, p.rounds, len(p.hash))
	return err == nil && subtle.ConstantTimeCompare(actual, p.hash) == 1
}

// String has the form of passlib, the older one: there the length of the hash
// says itself.
func (p pbkdf2Hash) String() string {
	ab64 := func(b []byte) string {
		return strings.ReplaceAll(base64.RawStdEncoding.EncodeToString(b), "+", ".")
	}
	return fmt.Sprintf("$%s$%d$%s$%s", p.name, p.rounds, ab64(p.salt), ab64(p.hash))
}

// parsePBKDF2 reads the fields pbkdf2-sha256, rounds, salt, hash.
func parsePBKDF2(fields []string) (scheme, error) {
	if len(fields) != 4 {
		return nil, fmt.Errorf("%w: it does not read $%s$rounds$salt$hash", ErrFormat, fields[0])
	}
	p := pbkdf2Hash{name: fields[0]}
	var err error
	// RFC 8018 recommends a salt of 8 bytes and sets no minimum.
	if p.salt, err = decode("salt", strings.ReplaceAll(fields[2], ".", "+"), 1, 64); err != nil {
		return nil, err
	}
	if p.hash, err = decode("hash", strings.ReplaceAll(fields[3], ".", "+"), 16, 64); err != nil {
		return nil, err
	}
	rounds, ok := parseRounds(fields[1], len(p.hash))
	if !ok {
		return nil, fmt.Errorf("%w: the parameters of PBKDF2 are neither the rounds nor i=rounds,l=length", ErrFormat)
	}
	size := p.function()().Size()
	blocks := (len(p.hash) + size - 1) / size
	if rounds < 1 || rounds > uint64(maxRounds/blocks) {
		return nil, fmt.Errorf("%w: PBKDF2 must have 1 to %d rounds for a hash of that length", ErrFormat, maxRounds/blocks)
	}
	p.rounds = int(rounds)
	return p, nil
}

// parseRounds reads the rounds alone, as in passlib, or as in the PHC string
// format, where the length of the hash may be told too.
func parseRounds(s string, length int) (rounds uint64, ok bool) {
	if digits, found := strings.CutPrefix(s, "i="); found {
		s = strings.TrimSuffix(digits, fmt.Sprintf(",l=%d", length))
	}
	return number(s, 32)
}
