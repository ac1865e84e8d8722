package password

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"golang.org/x/crypto/bcrypt"
)

const (
	maxBcryptCost     = 14 // about a second
	maxBcryptPassword = 72 // bytes; the algorithm ignores what is behind them
	bcryptSaltLength  = 22 // characters of 16 bytes
	bcryptHashLength  = 31 // characters of 23 bytes
)

// bcryptHash is a hash in modular crypt form. 2a, 2b and 2y are names for the same
// computation: they tell of errors in some old implementations, which made hashes
// that no other could verify (2x) or went wrong beyond 255 bytes.
type bcryptHash string

func (b bcryptHash) matches(password []byte) bool {
	return b.takes(password) && bcrypt.CompareHashAndPassword([]byte(b), password) == nil
}

// takes reports whether all of the password counts.
func (bcryptHash) takes(password []byte) bool { return len(password) <= maxBcryptPassword }

func (b bcryptHash) String() string { return string(b) }

// parseBcrypt reads the fields 2b, cost in two digits, salt and hash.
func parseBcrypt(fields []string) (scheme, error) {
	if len(fields) != 3 || len(fields[1]) != 2 || len(fields[2]) != bcryptSaltLength+bcryptHashLength {
		return nil, fmt.Errorf("%w: it does not read $%s$, two digits of cost, $, and 53 characters", ErrFormat, fields[0])
	}
	rounds, _ := strconv.Atoi(fields[1]) // as a power of two
	if fields[1] != fmt.Sprintf("%02d", rounds) || rounds < bcrypt.MinCost || rounds > maxBcryptCost {
		return nil, fmt.Errorf("%w: the cost of bcrypt must be %02d to %d", ErrFormat, bcrypt.MinCost, maxBcryptCost)
	}
	b64 := bcryptEncoding()
	// Some implementations leave bits of the salt's last character set that carry
	// nothing; in the hash they would tell of damage.
	salt, wrongSalt := b64.DecodeString(fields[2][:bcryptSaltLength])
	hash, wrongHash := b64.Strict().DecodeString(fields[2][bcryptSaltLength:])
	if wrongSalt != nil || wrongHash != nil || len(salt) != 16 || len(hash) != 23 {
		return nil, fmt.Errorf("%w: salt and hash of bcrypt are not in its base64", ErrFormat)
	}
	return bcryptHash("$" + fields[0] + "$" + fields[1] + "$" + b64.EncodeToString(salt) + b64.EncodeToString(hash)), nil
}

// bcryptEncoding is the base64 of bcrypt, which has an order of its own.
func bcryptEncoding() *base64.Encoding {
	return base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)
}
