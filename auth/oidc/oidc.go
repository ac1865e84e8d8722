// Package oidc lets callers in with access tokens of issuers that an account
// trusts: JSON Web Tokens, verified by the keys that the issuer publishes (RFC
// 9068, OpenID Connect Discovery 1.0).
//
// It promises: a token opens exactly one account, as what that account's settings
// say; it is signed with an algorithm that they allow, never none and never one
// with a shared secret; nobody is told why a token is refused. An issuer is
// contacted only for tokens that name it and that some account or client expects,
// and then at most once in ten seconds, whatever is sent: callers wait for one fetch
// together, and for five seconds at most. Keys are remembered, so that neither its
// slowness nor its outage is felt: for a day at most, and without a key that it
// withdrew after a quarter of an hour. What it answers replaces them only if it
// has keys.
//
// A token is good until it expires, and cannot be revoked here: only the trust can.
// Whether the user that a token is mapped to may come in is for others to ask.
// Of a token is remembered only what it says and which key signed it. A key id (`kid`)
// is asked for, unless the issuer has one key only; with that, a new key is known
// after a quarter of an hour. A token that is signed with a key which the issuer
// published after it was last asked may be refused until it is asked again: for ten
// seconds at most, as long as it answers.
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
	"roster/auth/jwt"
	"roster/auth/outgoing"
)

// maxRings is of how many issuers keys are remembered. With more of them in use,
// any one is asked again now and then.
const maxRings = 1000

// Config is what an Authenticator needs.
type Config struct {
	// Trusts returns which accounts trust an issuer for an audience, none if no
	// account does. It is asked for what anybody sends. Required.
	Trusts func(ctx context.Context, issuer, audience string) ([]federation.Trust, error)
	// User returns the id of the user that has a value as the trust's User.Attribute,
	// in its account and, as for external ids, its domain; "" if it is not exactly one.
	// Required.
	User func(ctx context.Context, t federation.Trust, value string) (string, error)
	// Own is the issuer of the server's own tokens. None of them is taken here, even
	// if an account trusts it: one that was revoked would come in again. "" if the
	// server has none.
	Own string

	// Verified remembers tokens; others may use it too. Default: one of its own.
	Verified *jwt.Memory

	// To returns what sends requests to an issuer, and to where that says its keys are.
	// Default: as an outgoing.Network that allows public addresses only.
	To     func(issuer string) http.RoundTripper
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default()
}

// Authenticator is made by New and may be used concurrently. It is an
// auth.Authenticator.
type Authenticator struct {
	config Config

	mu    sync.Mutex
	rings map[string]*keyring // by issuer; at most maxRings
}

// New returns an Authenticator that has contacted nobody yet.
func New(c Config) *Authenticator {
	if c.To == nil {
		c.To = outgoing.New(outgoing.Config{}).To
	}
	if c.Verified == nil {
		c.Verified = &jwt.Memory{}
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
	admission, err := a.Admit(ctx, credential)
	return admission.Principal, err
}

// Admission is what Admit makes of a token.
type Admission struct {
	Principal *auth.Principal
	// Handle is what of the token decides who calls, for Current. Whoever holds it
	// is to keep others from changing it.
	Handle string
	End    time.Time // of the token
}

// Admit is Authenticate, of which the caller keeps more than a principal. It fails
// in the same way.
func (a *Authenticator) Admit(ctx context.Context, credential auth.Secret) (Admission, error) {
	t, err := a.config.Verified.Parse(credential)
	if err != nil {
		return Admission{}, auth.ErrUnauthenticated
	}
	trusts, err := a.trusts(ctx, t.Issuer, t.Audience)
	switch {
	case err != nil:
		return Admission{}, err
	case len(trusts) == 0:
		return Admission{}, auth.ErrUnauthenticated
	}
	admission, err := a.admit(ctx, t, trusts)
	return admission, a.tell(ctx, t.Issuer, err)
}

// Current returns who calls now by a handle of Admit: by what its account trusts
// now, and as the user that is meant now. It fails as Authenticate does, and asks
// no issuer.
func (a *Authenticator) Current(ctx context.Context, handle string) (*auth.Principal, error) {
	e, err := readEvidence(handle)
	if err != nil {
		return nil, auth.ErrUnauthenticated
	}
	trusts, err := a.trusts(ctx, e.Issuer, e.Audience)
	if err != nil {
		return nil, err
	}
	p, _, err := a.principal(ctx, e, trusts)
	return p, a.tell(ctx, e.Issuer, err)
}

// Verify finds out whether an issuer signed a token, which is valid now, whoever it
// is for. The issuer is asked for its keys, so call it only for one that somebody
// expects. It fails as Authenticate does.
func (a *Authenticator) Verify(ctx context.Context, t jwt.Token) error {
	if t.Issuer == a.config.Own {
		return auth.ErrUnauthenticated
	}
	return a.tell(ctx, t.Issuer, a.verify(ctx, t))
}

// tell makes of a refusal the error that tells nothing.
func (a *Authenticator) tell(ctx context.Context, issuer string, err error) error {
	if refused, ok := errors.AsType[*refusal](err); ok {
		a.config.Logger.DebugContext(ctx, "a token was refused", "issuer", issuer, "reason", refused.reason)
		return auth.ErrUnauthenticated
	}
	return err
}

// trusts lists who trusts an issuer for one of the audiences. Nobody trusts the
// server itself.
func (a *Authenticator) trusts(ctx context.Context, issuer string, audience []string) (all []federation.Trust, err error) {
	if issuer == a.config.Own {
		return nil, nil
	}
	for _, one := range audience {
		found, err := a.config.Trusts(ctx, issuer, one)
		if err != nil {
			return nil, fmt.Errorf("look up issuer: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// ring returns the keys of an issuer that somebody expects.
func (a *Authenticator) ring(issuer string) *keyring {
	a.mu.Lock()
	defer a.mu.Unlock()
	ring, found := a.rings[issuer]
	if !found {
		if len(a.rings) >= maxRings {
			a.forget()
		}
		source := source{issuer: issuer, client: newClient(a.config.To(issuer), issuer)}
		ring = &keyring{fetch: source.fetch, now: a.config.Now, logger: a.config.Logger.With("issuer", issuer)}
		a.rings[issuer] = ring
	}
	return ring
}

// forget makes room for the keys of one issuer.
func (a *Authenticator) forget() {
	for issuer := range a.rings {
		delete(a.rings, issuer)
		return
	}
}
