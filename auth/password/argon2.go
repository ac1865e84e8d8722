package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds of what an Argon2 hash may ask for. They admit what other systems use by
// default and keep one login below a second or so. A Hasher's own cost is always
// accepted.
const (
	maxMemory          = 256 << 10 // KiB
	maxWork            = 1 << 20   // KiB times passes
	maxThreads         = 16
	minMemoryPerThread = 8 // KiB, RFC 9106 section 3.1
)

// cost is what one hash takes.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// argon2Hash is Argon2id, or Argon2i if independent, in version 1.3 (RFC 9106).
type argon2Hash struct {
	independent bool
	cost
	salt, hash []byte
}

func (a argon2Hash) derive(password []byte, length int) []byte {
	key := argon2.IDKey
	if a.independent {
		key = argon2.Key
	}
	return key(password, a.salt, a.time, a.memory, a.threads, uint32(length))
}

func (a argon2Hash) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(a.derive(password, len(a.hash)), a.hash) == 1
}

func (a argon2Hash) String() string {
	name, b64 := "argon2id", base64.RawStdEncoding
	if a.independent {
		name = "argon2i"
	}
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", name, argon2.Version,
		a.memory, a.time, a.threads, b64.EncodeToString(a.salt), b64.EncodeToString(a.hash))
}

// parseArgon2 reads the fields argon2id, v=19, m=…,t=…,p=…, salt, hash.
func parseArgon2(fields []string, own cost) (scheme, error) {
	if len(fields) != 5 {
		return nil, fmt.Errorf("%w: it does not read $%s$v=19$m=…,t=…,p=…$salt$hash", ErrFormat, fields[0])
	}
	if fields[1] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, fmt.Errorf("%w: only version %d of Argon2 is supported", ErrFormat, argon2.Version)
	}
	a := argon2Hash{independent: fields[0] == "argon2i"}
	var err error
	if a.cost, err = parseCost(fields[2]); err != nil {
		return nil, err
	}
	if (a.cost != own || own == (cost{})) && !a.bearable() {
		return nil, fmt.Errorf("%w: m, t or p is out of bounds (at most m=%d, p=%d, m×t=%d, and m at least %d for each p)",
			ErrFormat, maxMemory, maxThreads, maxWork, minMemoryPerThread)
	}
	if a.salt, err = decode("salt", fields[3], 8, 64); err != nil {
		return nil, err
	}
	if a.hash, err = decode("hash", fields[4], 16, 64); err != nil {
		return nil, err
	}
	return a, nil
}

func parseCost(s string) (cost, error) {
	var numbers [3]uint64
	fields := strings.Split(s, ",")
	ok := len(fields) == len(numbers)
	for i := 0; ok && i < len(numbers); i++ {
		var digits string
		if digits, ok = strings.CutPrefix(fields[i], [3]string{"m=", "t=", "p="}[i]); ok {
			numbers[i], ok = number(digits, [3]int{32, 32, 8}[i])
		}
	}
	if !ok {
		return cost{}, fmt.Errorf("%w: the parameters are not m, t and p, in this order", ErrFormat)
	}
	return cost{memory: uint32(numbers[0]), time: uint32(numbers[1]), threads: uint8(numbers[2])}, nil
}

func (c cost) bearable() bool {
	return c.time >= 1 && uint64(c.time)*uint64(c.memory) <= maxWork &&
		c.threads >= 1 && c.threads <= maxThreads &&
		c.memory >= minMemoryPerThread*uint32(c.threads) && c.memory <= maxMemory
}
