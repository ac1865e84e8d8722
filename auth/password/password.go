// Package password hashes passwords with Argon2id (RFC 9106) and verifies them.
//
// It promises: no more hashes are computed at once than the configuration
// allows, so that logins cannot exhaust memory or starve other work; a caller
// that waits for its turn can give up; a stored hash, also an imported one,
// cannot ask for absurd memory or time; nothing here prints a password.
//
// What makes a good password is not decided here, except that none is empty
// (RFC 8265 section 4.1) or longer than [MaxLength].
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"roster/auth"
)

// MaxLength is the longest password, in bytes.
const MaxLength = 1024

const (
	saltLength = 16 // bytes, as RFC 9106 section 3.1 recommends
	hashLength = 32
)

// ErrLength: a password is empty or too long to be hashed.
var ErrLength = errors.New("a password has 1 to 1024 bytes")

// Config says what a hash costs. The zero value is right for production.
type Config struct {
	Memory     uint32 // KiB, default 19456 (19 MiB); at least 8 for each thread
	Time       uint32 // passes over the memory, default 2
	Threads    uint8  // lanes, default 1
	Concurrent int    // hashes at once, default as many as cores
}

// Hasher hashes and verifies. It may be used concurrently.
type Hasher struct {
	cost  cost
	turns chan struct{}
}

// New returns a Hasher with that cost.
func New(c Config) *Hasher {
	if c.Concurrent <= 0 {
		c.Concurrent = runtime.GOMAXPROCS(0)
	}
	threads := orDefault(c.Threads, 1)
	memory := max(orDefault(c.Memory, 19456), minMemoryPerThread*uint32(threads))
	return &Hasher{
		cost:  cost{memory: memory, time: orDefault(c.Time, 2), threads: threads},
		turns: make(chan struct{}, c.Concurrent),
	}
}

func orDefault[N uint8 | uint32](n, otherwise N) N {
	if n == 0 {
		return otherwise
	}
	return n
}

// Hash returns the password's hash with a new salt, in PHC string format, such
// as $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>. It fails with ErrLength, or
// with the context's error if ctx ends before its turn.
func (h *Hasher) Hash(ctx context.Context, password auth.Secret) (string, error) {
	if !hashable(password) {
		return "", ErrLength
	}
	e := encoded{cost: h.cost, salt: make([]byte, saltLength)}
	rand.Read(e.salt) // never fails: it ends the process instead
	var err error
	if e.hash, err = h.derive(ctx, password, e, hashLength); err != nil {
		return "", err
	}
	return e.String(), nil
}

// Verify reports whether stored, in the format of Hash, is the hash of the
// password, in a time that does not depend on where they differ. A password
// that Hash refuses matches nothing. It fails with ErrFormat, which is about
// stored and never about the password, or with the context's error if ctx ends
// before its turn.
func (h *Hasher) Verify(ctx context.Context, stored string, password auth.Secret) (bool, error) {
	e, err := parse(stored, h.cost)
	if err != nil {
		return false, err
	}
	if !hashable(password) {
		return false, nil
	}
	actual, err := h.derive(ctx, password, e, len(e.hash))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(actual, e.hash) == 1, nil
}

func (h *Hasher) derive(ctx context.Context, password auth.Secret, e encoded, length int) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey(prepare(password), e.salt, e.time, e.memory, e.threads, uint32(length)), nil
}

func hashable(password auth.Secret) bool {
	return password != "" && len(password) <= MaxLength
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
