// Package oidc lets callers in with access tokens of issuers that an account
// trusts: JSON Web Tokens, verified by the keys that the issuer publishes (RFC
// 9068, OpenID Connect Discovery 1.0).
//
// It promises: a token opens exactly one account, as what that account's settings
// say; it is signed with an algorithm that they allow, never none and never one
// with a shared secret; nobody is told why a token is refused. An issuer is
// contacted only for tokens that name it and that some account trusts, and then
// at most once in ten seconds, whatever is sent: callers wait for one fetch
// together, and for five seconds at most. Keys are remembered, so that neither its
// slowness nor its outage is felt: for a day at most, and without a key that it
// withdrew after a quarter of an hour. What it answers replaces them only if it
// has keys.
//
// A token is good until it expires, and cannot be revoked here: only the trust can.
// Whether the user that a token is mapped to may come in is for others to ask.
// Nothing of a token is remembered. A key id (`kid`)
// is asked for, unless the issuer has one key only; with that, a new key is known
// after a quarter of an hour.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"roster/auth"
	"roster/auth/federation"
)

// Config is what an Authenticator needs.
type Config struct {
	// Trusts returns which accounts trust an issuer for an audience, none if no
	// account does. It is asked for what anybody sends. Required.
	Trusts func(ctx context.Context, issuer, audience string) ([]federation.Trust, error)
	// User returns the id of the user of an account that has a value as attribute,
	// federation.ExternalID or UserName; "" if it is not exactly one. Required.
	User func(ctx context.Context, account, attribute, value string) (string, error)

	Transport http.RoundTripper // to the issuers; default one like net/http's
	Now       func() time.Time  // default time.Now
	Logger    *slog.Logger      // default slog.Default()
}

// Authenticator is made by New and may be used concurrently. It is an
// auth.Authenticator.
type Authenticator struct {
	config Config

	mu    sync.Mutex
	rings map[string]*keyring // by issuer; one for each that was ever trusted
}

// New returns an Authenticator that has contacted nobody yet.
func New(c Config) *Authenticator {
	if c.Transport == nil {
		c.Transport = defaultTransport()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Authenticator{config: c, rings: map[string]*keyring{}}
}

// Authenticate returns who calls with an access token. It fails with
// auth.ErrUnauthenticated for what is no JSON Web Token of a trusted issuer, and
// with another error if that cannot be found out, as the keys cannot be had. Why a
// trusted issuer's token is refused, it logs at the level of debugging.
func (a *Authenticator) Authenticate(ctx context.Context, credential auth.Secret) (*auth.Principal, error) {
	t, ok := parse(credential)
	if !ok {
		return nil, auth.ErrUnauthenticated
	}
	trusts, err := a.trusts(ctx, t)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look up issuer: %w", err)
	case len(trusts) == 0:
		return nil, auth.ErrUnauthenticated
	}
	p, err := a.admit(ctx, t, trusts)
	if refused, ok := errors.AsType[*refusal](err); ok {
		a.config.Logger.DebugContext(ctx, "a token was refused", "issuer", t.issuer, "reason", refused.reason)
		return nil, auth.ErrUnauthenticated
	}
	return p, err
}

// trusts lists who trusts the issuer for one of the token's audiences.
func (a *Authenticator) trusts(ctx context.Context, t token) (all []federation.Trust, err error) {
	for _, audience := range t.audience {
		found, err := a.config.Trusts(ctx, t.issuer, audience)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// ring returns the keys of an issuer that somebody trusts.
func (a *Authenticator) ring(issuer string) *keyring {
	a.mu.Lock()
	defer a.mu.Unlock()
	ring, found := a.rings[issuer]
	if !found {
		source := source{issuer: issuer, client: newClient(a.config.Transport, issuer)}
		ring = &keyring{fetch: source.fetch, now: a.config.Now, logger: a.config.Logger.With("issuer", issuer)}
		a.rings[issuer] = ring
	}
	return ring
}
