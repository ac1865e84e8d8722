// Package credentials is what lets the users of an account in: passwords, second
// factors and passkeys of people; secrets, keys and access tokens of machines.
//
// It promises:
//
//   - Of passwords, codes and tokens only hashes are kept, and the secrets of
//     authenticator apps only sealed. What is shown once cannot be had again. No
//     log, event or error has any of it, or a personal value.
//   - Guesses are bounded: between two logins that succeed, at most
//     Settings.MaxFailedLogins passwords and codes of a user are looked at, also if
//     they come all at once; then the user is locked.
//   - A login that fails says the same and costs the same, whether the password is
//     wrong or there is nobody who may log in by that name.
//   - What is for one use is used once, also by two at once: codes, recovery codes,
//     registration links, transactions.
//   - The credentials of a user who is not active let nobody in, from the moment of
//     the change on. Those of a removed user are gone.
//   - What roles allow, they allow from the moment on in which they are given, and
//     until they are taken: nothing is remembered. A personal access token has its
//     own scopes, and roles give it no more.
//   - Nobody makes a credential that opens more than its maker may do.
//
// Every change of what a user has is an edit of the user, so that events, rules
// and guards hold. A login is none: it changes at most what is kept beside the
// user, and a login without a second factor that follows no failure writes
// nothing.
//
// Caveats: the bound on guesses is exact as long as one process serves the
// account; each further one may look at one more. Anybody who knows a login name
// can lock the user by guessing; what is too often is for whoever is in front.
package credentials

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/lastuse"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Config of Credentials.
type Config struct {
	Users  *model.Users // required
	Hasher Hasher       // required
	// Key guards codes, which are too short for a plain hash, and seals what must be
	// read again: the same for as long as the data lives. Required.
	Key *factor.Key
	// Settings returns the profile and limits of an account, for who calls without a
	// call: to register by a link, or to be let in. Required.
	Settings func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// Scopes returns what the roles of a user allow; see grants.Scopes. Required.
	Scopes func(context.Context, storage.Snapshot, model.Settings, provider.Call, *storage.Document) ([]auth.Scope, error)
	// RelyingParty says for which sites the passkeys and security keys of an account
	// are. Required.
	RelyingParty func(model.Settings) factor.RelyingPartyConfig
	// Notifier writes messages. Required.
	Notifier Notifier
	// Enqueued is told of an account that has a message waiting because of a login.
	// Default: nobody is.
	Enqueued func(storage.Account)
	Logger   *slog.Logger // default slog.Default
}

// Hasher hashes passwords; see package password.
type Hasher interface {
	Hash(ctx context.Context, password auth.Secret) (string, error)
	Verify(ctx context.Context, stored string, password auth.Secret) (bool, error)
	Burn(ctx context.Context, password auth.Secret) error
	NeedsRehash(stored string) bool
}

// Notifier makes messages; see package notify.
type Notifier interface {
	Message(from notify.Sender, n notify.Notice) (storage.Message, error)
}

// Credentials are the verbs for the credentials of users. They may be used
// concurrently.
type Credentials struct {
	Config
	turns turns
	uses  *lastuse.Log
	// keys has an element for each RSA key that is being generated.
	keys chan struct{}
}

// New returns Credentials.
func New(c Config) *Credentials {
	if c.Enqueued == nil {
		c.Enqueued = func(storage.Account) {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Credentials{
		Config: c, uses: lastuse.New(c.Users.Store, c.Logger),
		keys: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
	}
}

// Close waits for what is still being written. No method may be called any more.
func (c *Credentials) Close() { c.uses.Close() }

// now is the time, as precise as documents keep it.
func (c *Credentials) now() time.Time { return c.Users.Now().UTC().Truncate(time.Millisecond) }

// use says what something is good for, and for which user.
func use(p factor.Purpose, account storage.Account, user string) factor.Use {
	return factor.Use{Purpose: p, Account: string(account), User: user}
}

// Purposes of what is hashed, sealed or minted here.
const (
	forTOTP        factor.Purpose = "totp"
	forLogin       factor.Purpose = "login"
	forRecovery    factor.Purpose = "recovery"
	forTransaction factor.Purpose = "transaction"
	forPasskey     factor.Purpose = "passkey"
	forSecurityKey factor.Purpose = "securitykey"
)
