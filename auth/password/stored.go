package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrFormat: a stored or imported hash is of no accepted form, or costs more than
// is accepted. No such error repeats the hash.
var ErrFormat = errors.New("the password hash is not usable")

const (
	accepted   = "$argon2id$, $argon2i$, $2a$, $2b$, $2y$, $pbkdf2-sha256$ or $pbkdf2-sha512$"
	maxEncoded = 512 // bytes of a stored hash
)

// scheme is a stored hash with all that is needed to compute it again.
type scheme interface {
	// matches hashes the password and compares, in a time that does not depend on
	// where they differ.
	matches(password []byte) bool
	// String is the canonical form.
	String() string
}

// Imported checks a hash that another system made, and returns it in the form in
// which [Hasher.Verify] takes it. It fails with ErrFormat. The forms are:
//
//	$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>   also argon2i
//	$2b$12$<22 characters of salt><31 of hash>     also 2a, 2y; not 2x
//	$pbkdf2-sha256$29000$<salt>$<hash>             also pbkdf2-sha512 (passlib)
//	$pbkdf2-sha256$i=29000,l=32$<salt>$<hash>      the same in PHC string format
//
// Salts and hashes are in base64, with or without padding; PBKDF2 may have "." in
// the place of "+". The costs are bounded: for Argon2 at most 256 MiB, 16 lanes,
// and 1 GiB for all passes; for bcrypt at most 14; for PBKDF2 at most two million
// rounds, and each block of output counts. A cheap hash is accepted, see
// [Hasher.NeedsRehash].
func Imported(hash string) (canonical string, err error) {
	s, err := parse(hash, cost{})
	if err != nil {
		return "", err
	}
	return s.String(), nil
}

// parseStored reads a hash of Hash or Imported. A hash of the cost own is accepted
// beyond the bounds.
func parseStored(stored string, own cost) (scheme, error) {
	s, err := parse(stored, own)
	if err == nil && s.String() != stored {
		return nil, fmt.Errorf("%w: it is not written canonically", ErrFormat)
	}
	return s, err
}

func parse(hash string, own cost) (scheme, error) {
	if len(hash) > maxEncoded {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrFormat, maxEncoded)
	}
	fields := strings.Split(hash, "$")
	if len(fields) > 2 && fields[0] == "" {
		switch name := fields[1]; name {
		case "argon2id", "argon2i":
			return parseArgon2(fields[1:], own)
		case "2a", "2b", "2y":
			return parseBcrypt(fields[1:])
		case "pbkdf2-sha256", "pbkdf2-sha512":
			return parsePBKDF2(fields[1:])
		}
	}
	return nil, fmt.Errorf("%w: it starts with none of %s", ErrFormat, accepted)
}

// decode reads a field in base64, with or without padding, of that many bytes.
func decode(what, field string, least, most int) ([]byte, error) {
	field = strings.TrimRight(field, "=")
	decoded, err := base64.RawStdEncoding.Strict().DecodeString(field)
	if err != nil || strings.ContainsAny(field, "\r\n") || len(decoded) < least || len(decoded) > most {
		return nil, fmt.Errorf("%w: the %s is not %d to %d bytes in base64", ErrFormat, what, least, most)
	}
	return decoded, nil
}

// number reads a decimal number of that many bits, without a sign or leading
// zeros.
func number(digits string, bits int) (uint64, bool) {
	n, err := strconv.ParseUint(digits, 10, bits)
	return n, err == nil && strconv.FormatUint(n, 10) == digits
}
