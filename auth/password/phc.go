package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrFormat: a stored hash is not Argon2id in PHC string format, or costs more
// than is accepted.
var ErrFormat = errors.New("the stored password hash is not usable")

// Bounds of what a stored hash may ask for. They admit what other systems use
// by default and keep one login below a second or so. A Hasher's own cost is
// always accepted.
const (
	maxMemory          = 256 << 10 // KiB
	maxWork            = 1 << 20   // KiB times passes
	maxThreads         = 16
	minMemoryPerThread = 8 // KiB, RFC 9106 section 3.1
	maxEncoded         = 512
)

// cost is what one hash takes.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// encoded is a hash with all that is needed to compute it again.
type encoded struct {
	cost
	salt, hash []byte
}

func (e encoded) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		e.memory, e.time, e.threads, b64.EncodeToString(e.salt), b64.EncodeToString(e.hash))
}

// parse reads a stored hash. Its errors do not repeat it. own is accepted
// beyond the bounds.
func parse(s string, own cost) (encoded, error) {
	if len(s) > maxEncoded {
		return encoded{}, fmt.Errorf("%w: longer than %d bytes", ErrFormat, maxEncoded)
	}
	fields := strings.Split(s, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" {
		return encoded{}, fmt.Errorf("%w: it does not read $argon2id$v=19$m=…,t=…,p=…$salt$hash", ErrFormat)
	}
	if fields[2] != "v="+strconv.Itoa(argon2.Version) {
		return encoded{}, fmt.Errorf("%w: only version %d of Argon2 is supported", ErrFormat, argon2.Version)
	}
	c, err := parseCost(fields[3])
	if err != nil {
		return encoded{}, err
	}
	if c != own && !c.bearable() {
		return encoded{}, fmt.Errorf("%w: m, t or p is out of bounds (at most m=%d, p=%d, m×t=%d, and m at least %d for each p)",
			ErrFormat, maxMemory, maxThreads, maxWork, minMemoryPerThread)
	}
	e, err := parseBytes(c, fields[4], fields[5])
	if err == nil && e.String() != s {
		// Leading zeros, line breaks and stray bits in the base64.
		err = fmt.Errorf("%w: it is not written canonically", ErrFormat)
	}
	return e, err
}

func parseCost(s string) (c cost, err error) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return c, fmt.Errorf("%w: the parameters are not m, t and p, in this order", ErrFormat)
	}
	var numbers [3]uint64
	for i, bits := range [3]int{32, 32, 8} {
		digits, ok := strings.CutPrefix(fields[i], []string{"m=", "t=", "p="}[i])
		if numbers[i], err = strconv.ParseUint(digits, 10, bits); err != nil || !ok {
			return c, fmt.Errorf("%w: the parameters are not m, t and p, in this order", ErrFormat)
		}
	}
	return cost{memory: uint32(numbers[0]), time: uint32(numbers[1]), threads: uint8(numbers[2])}, nil
}

func (c cost) bearable() bool {
	return c.time >= 1 && uint64(c.time)*uint64(c.memory) <= maxWork &&
		c.threads >= 1 && c.threads <= maxThreads &&
		c.memory >= minMemoryPerThread*uint32(c.threads) && c.memory <= maxMemory
}

func parseBytes(c cost, salt, hash string) (encoded, error) {
	e, b64 := encoded{cost: c}, base64.RawStdEncoding
	var err error
	if e.salt, err = b64.DecodeString(salt); err != nil || len(e.salt) < 8 || len(e.salt) > 64 {
		return encoded{}, fmt.Errorf("%w: the salt is not 8 to 64 bytes in base64 without padding", ErrFormat)
	}
	if e.hash, err = b64.DecodeString(hash); err != nil || len(e.hash) < 16 || len(e.hash) > 64 {
		return encoded{}, fmt.Errorf("%w: the hash is not 16 to 64 bytes in base64 without padding", ErrFormat)
	}
	return e, nil
}
