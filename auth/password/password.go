// Package password hashes passwords with Argon2id (RFC 9106) and verifies them,
// also against the hashes that other systems made with Argon2, bcrypt or PBKDF2.
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
	"errors"
	"runtime"

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
	cost   cost
	nobody argon2Hash // of no password, at that cost
	turns  chan struct{}
}

// New returns a Hasher with that cost.
func New(c Config) *Hasher {
	if c.Concurrent <= 0 {
		c.Concurrent = runtime.GOMAXPROCS(0)
	}
	threads := orDefault(c.Threads, 1)
	memory := max(orDefault(c.Memory, 19456), minMemoryPerThread*uint32(threads))
	own := cost{memory: memory, time: orDefault(c.Time, 2), threads: threads}
	return &Hasher{
		cost:   own,
		nobody: argon2Hash{cost: own, salt: random(saltLength), hash: random(hashLength)},
		turns:  make(chan struct{}, c.Concurrent),
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
	a := argon2Hash{cost: h.cost, salt: random(saltLength)}
	err := h.inTurn(ctx, func() { a.hash = a.derive(prepare(password), hashLength) })
	if err != nil {
		return "", err
	}
	return a.String(), nil
}

// Verify reports whether stored, which Hash or [Imported] returned, is the hash of
// the password, in a time that does not depend on where they differ. A password
// that Hash refuses matches nothing, and one of more than 72 bytes matches no
// bcrypt hash: bcrypt would ignore the rest. It fails with ErrFormat, which is
// about stored and never about the password, or with the context's error if ctx
// ends before its turn.
func (h *Hasher) Verify(ctx context.Context, stored string, password auth.Secret) (bool, error) {
	s, err := parseStored(stored, h.cost)
	if err != nil {
		return false, err
	}
	return h.compare(ctx, s, password)
}

// Burn does the work of a Verify that finds a wrong password, and tells nothing.
// Called where there is no user, or none with a password, it keeps the time of the
// answer from telling so. It fails with the context's error only.
//
// The time is that of a hash of this Hasher's cost: imported hashes take theirs,
// until NeedsRehash has them replaced.
func (h *Hasher) Burn(ctx context.Context, password auth.Secret) error {
	_, err := h.compare(ctx, h.nobody, password)
	return err
}

// NeedsRehash reports whether stored is anything but what Hash makes today: another
// algorithm, cost or length. When Verify has just found the password right, its
// Hash can take the place of stored.
func (h *Hasher) NeedsRehash(stored string) bool {
	s, _ := parseStored(stored, h.cost)
	a, ok := s.(argon2Hash)
	return !ok || a.independent || a.cost != h.cost || len(a.salt) != saltLength || len(a.hash) != hashLength
}

func (h *Hasher) compare(ctx context.Context, s scheme, password auth.Secret) (same bool, err error) {
	if !hashable(password) {
		return false, nil
	}
	for _, candidate := range candidates(password) {
		against := s
		if b, ok := s.(bcryptHash); ok && !b.takes(candidate) {
			against = h.nobody // so that the refusal does not tell who has such a hash
		}
		err = h.inTurn(ctx, func() { same = against.matches(candidate) })
		if same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// inTurn does the work when it is its turn, or fails with the context's error.
func (h *Hasher) inTurn(ctx context.Context, work func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	work()
	return nil
}

func random(length int) []byte {
	b := make([]byte, length)
	rand.Read(b) // never fails: it ends the process instead
	return b
}
