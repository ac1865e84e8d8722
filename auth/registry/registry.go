// Package registry keeps accounts, with their settings, and the credentials that
// open them: bearer tokens, and the secrets, keys, foreign assertions and
// certificates of clients. Both are documents of [storage.System]. So are the keys
// that the server signs with.
//
// It promises: a token or secret is kept only as a hash, and shown once; the secret
// of a webhook and the signing keys are kept as they are, because they sign, and
// shown nowhere; a name belongs to one account, a secret, a certificate and what an
// issuer says of a caller to one credential or account, also under a race; a revoked
// credential, a changed setting, a disabled and a deleted account act as soon as the
// call returns; a deletion that was begun is ended, also after a crash; each change
// is in the log of storage.System, in one batch with what it tells of; asking who
// calls and what is set costs no lookup for what was asked within the last minute,
// and memory is bounded.
//
// Only the process that holds the store may change it: the answers that are
// remembered are dropped by the methods that change them. Where several
// processes share a database, a change made by another one acts after a minute
// at the latest.
//
// Who may call which method, and grant which scope, is decided by the caller.
package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"roster/auth"
	"roster/auth/federation"
	"roster/auth/lastuse"
	"roster/storage"
)

// Errors of a Registry, besides those of the store. They are wrapped in messages
// that say what to do.
var (
	// ErrInvalid: an argument breaks a rule that the message states.
	ErrInvalid = errors.New("not valid")
	// ErrNotFound: there is no such account or credential.
	ErrNotFound = errors.New("not found")
	// ErrTaken: the name, secret, certificate, key id or issuer belongs to another
	// one.
	ErrTaken = errors.New("taken")
)

// Format is how minted tokens and client secrets look; package token has it.
type Format interface {
	// Mint returns a new token, and MintSecret a new client secret.
	Mint() auth.Secret
	MintSecret() auth.Secret
	// ValidSecret reports whether a text can be a minted client secret, so that
	// another one need not be looked up.
	ValidSecret(auth.Secret) bool
	// Damaged reports whether a text looks like a minted token but is none, so
	// that it need not be looked up.
	Damaged(auth.Secret) bool
	// Hash returns what is kept of a token or secret.
	Hash(auth.Secret) [sha256.Size]byte
	// Matches compares a token or secret with a hash in constant time.
	Matches(auth.Secret, []byte) bool
}

// Config is what a Registry needs.
type Config struct {
	Store  storage.Store    // required; its catalogue holds Indexes
	Tokens Format           // required
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // for what fails in the background; default slog.Default()
}

// Registry is made by New and may be used concurrently. It is an
// auth.Authenticator.
type Registry struct {
	store        storage.Store
	tokens       Format
	now          func() time.Time
	logger       *slog.Logger
	accounts     *cache[string, Account]
	holders      *cache[[sha256.Size]byte, *holder] // of bearer tokens, by hash
	clients      *cache[string, []*holder]          // by client
	certificates *cache[shown, *holder]
	trusts       *cache[[sha256.Size]byte, []federation.Trust] // by issuer and audience
	uses         *lastuse.Log
}

// Bounds of what is remembered. An entry takes about a kilobyte, an account that
// sets all that it may about a hundred, and an issuer one for each account that
// trusts it.
const (
	maxAccounts = 10_000
	maxHolders  = 10_000 // of each form
	maxTrusts   = 1_000
)

// New returns a Registry over a store. Close it before the store.
func New(c Config) *Registry {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Registry{
		store: c.Store, tokens: c.Tokens, now: c.Now, logger: c.Logger,
		accounts:     newCache[string, Account](maxAccounts),
		holders:      newCache[[sha256.Size]byte, *holder](maxHolders),
		clients:      newCache[string, []*holder](maxHolders),
		certificates: newCache[shown, *holder](maxHolders),
		trusts:       newCache[[sha256.Size]byte, []federation.Trust](maxTrusts),
		uses:         lastuse.New(c.Store, c.Logger),
	}
}

// Close waits until what runs in the background is done. Later calls work, but
// note no use of a token any more.
func (r *Registry) Close() { r.uses.Close() }

// clock is the time in the precision of documents.
func (r *Registry) clock() time.Time { return r.now().UTC().Truncate(time.Millisecond) }

// retry repeats an attempt that reads, computes and applies, as long as
// somebody else was faster.
func retry(ctx context.Context, attempt func() error) error {
	const most = 10
	var err error
	for range most {
		if err = attempt(); !errors.Is(err, storage.ErrConflict) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// failedGuard returns the guard that made a batch fail, nil if err is about
// something else.
func failedGuard(err error) storage.Guard {
	var conflict *storage.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Guard
	}
	return nil
}
