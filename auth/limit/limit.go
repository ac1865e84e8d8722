// Package limit bounds how much is asked of a server: requests a second of each
// token, of each account and of each address that shows no token, failed
// authentication, and how much is worked on at once.
//
// It promises: a decision costs the same however many there are who ask, and no
// lookup; memory is bounded, and who fills it forgets first those who asked
// least; a credential that was good of late is never refused because others at
// its address guess; no credential is kept, nor an unsalted hash of one.
//
// Rates are kept by each process for itself and begin full. Concurrent guesses
// that began before the first of them failed are all looked at.
package limit

import (
	"cmp"
	"net/netip"
	"sync/atomic"
	"time"

	"roster/auth"
)

// Account is what one account and its tokens may ask.
type Account struct {
	Token, All Rate
	Places     int // at once, see [Limiter.Enter]; 0 is as many as the server has
}

// Config is what a Limiter holds to. A rate that is zero has its default.
type Config struct {
	// Anonymous is what one address may ask without a valid token. Default 50 a
	// second, 500 at once.
	Anonymous Rate
	// Failed is how many credentials of one address may be wrong. Default 10 a
	// second, 100 at once.
	Failed Rate
	// AllFailed is how many may be wrong in all. Default 100 a second, 1000 at once.
	AllFailed Rate
	// Logged is how many requests are logged that come from nobody, or were refused
	// here, and as many again at which the server failed. Default 20 a second, 1000
	// at once.
	Logged Rate
	// Places is how much is worked on at once, see [Limiter.Enter]. Default 512.
	Places int
	// Patience is how long a request waits for its places. Default 2 s.
	Patience time.Duration
	// Now is the clock of rates. Default time.Now.
	Now func() time.Time
}

// Limiter is made by New or Unlimited, and may be used concurrently.
type Limiter struct {
	config            Config
	start             time.Time
	tokens, accounts  *buckets[string]
	anonymous, failed *buckets[netip.Addr]
	allFailed         *buckets[struct{}]
	logged            *buckets[bool]
	familiar          *familiar
	unlogged          atomic.Int64 // since the last that was
	gate              *gate
}

// maxKeys bounds each kind of key. An entry takes about 100 bytes.
const maxKeys = 50_000

// New returns a Limiter.
func New(c Config) *Limiter {
	c.Anonymous = cmp.Or(c.Anonymous, Rate{PerSecond: 50, Burst: 500})
	c.Failed = cmp.Or(c.Failed, Rate{PerSecond: 10, Burst: 100})
	c.AllFailed = cmp.Or(c.AllFailed, Rate{PerSecond: 100, Burst: 1000})
	c.Logged = cmp.Or(c.Logged, Rate{PerSecond: 20, Burst: 1000})
	c.Places, c.Patience = cmp.Or(c.Places, 512), cmp.Or(c.Patience, 2*time.Second)
	return limiter(c)
}

// Unlimited returns a Limiter that refuses nothing but what an account bounds.
func Unlimited() *Limiter { return limiter(Config{}) }

func limiter(c Config) *Limiter {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Limiter{
		config: c, start: c.Now(),
		tokens: newBuckets[string](maxKeys), accounts: newBuckets[string](maxKeys),
		anonymous: newBuckets[netip.Addr](maxKeys), failed: newBuckets[netip.Addr](maxKeys),
		allFailed: newBuckets[struct{}](1), logged: newBuckets[bool](2),
		familiar: newFamiliar(maxKeys),
		gate:     newGate(c.Places, c.Patience),
	}
}

// now is the time since the Limiter was made, by a clock that nobody sets.
func (l *Limiter) now() time.Duration { return l.config.Now().Sub(l.start) }

// Request counts a request of a token, and tells the tighter one of what is left
// to it and to its account. What the token may not is not counted for the account.
func (l *Limiter) Request(token, account string, may Account) Quota {
	now := l.now()
	q := l.tokens.take(token, may.Token, now)
	if q.Retry > 0 {
		return q
	}
	return q.tighter(l.accounts.take(account, may.All, now))
}

// Anonymous counts a request without a valid token.
func (l *Limiter) Anonymous(from netip.Addr) Quota {
	return l.anonymous.take(source(from), l.config.Anonymous, l.now())
}

// Guess tells whether a credential may be looked at: always if it was good when
// it was last looked at, else unless too many failed.
func (l *Limiter) Guess(from netip.Addr, credential auth.Secret) Quota {
	now := l.now()
	q := l.failed.look(source(from), l.config.Failed, now)
	q = q.tighter(l.allFailed.look(struct{}{}, l.config.AllFailed, now))
	if q.Retry > 0 && l.familiar.has(credential) {
		return Quota{}
	}
	return q
}

// Good remembers a credential that turned out to be good.
func (l *Limiter) Good(credential auth.Secret) { l.familiar.add(credential) }

// Wrong counts a credential that turned out to be wrong.
func (l *Limiter) Wrong(from netip.Addr, credential auth.Secret) {
	now := l.now()
	l.familiar.remove(credential)
	l.failed.take(source(from), l.config.Failed, now)
	l.allFailed.take(struct{}{}, l.config.AllFailed, now)
}

// Log reports whether a request that comes from nobody, or was refused here, is to
// be logged, so that nobody fills a disk with them, and how many were not since the
// last one that was. Those at which the server failed are counted apart, so that
// none of the others hides them.
func (l *Limiter) Log(fault bool) (unlogged int64, ok bool) {
	if q := l.logged.take(fault, l.config.Logged, l.now()); q.Retry > 0 {
		l.unlogged.Add(1)
		return 0, false
	}
	return l.unlogged.Swap(0), true
}

// source is who is behind an address: in IPv6 a whole network of 64 bits, which is
// the least that one customer gets (RFC 6177).
func source(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		network, _ := a.Prefix(64) // fails for lengths that are too long
		return network.Addr()
	}
	return a
}
