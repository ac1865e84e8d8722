package oidc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roster/auth"
	"roster/auth/federation"
	"roster/auth/jwt"
)

// skew is how far the clocks of an issuer and this server may be apart.
const skew = time.Minute

// refusal is why a token is not good, for the log.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(reason string) error { return &refusal{reason} }

// admit finds out who calls with a token, which those accounts may trust. It fails
// with a refusal if the token is not good.
func (a *Authenticator) admit(ctx context.Context, t jwt.Token, trusts []federation.Trust) (Admission, error) {
	if trusts = allowing(t.Algorithm, trusts); len(trusts) == 0 {
		return Admission{}, refuse("the account does not allow its algorithm")
	}
	if err := a.verify(ctx, t); err != nil {
		return Admission{}, err
	}
	e := evidence{Issuer: t.Issuer, Algorithm: t.Algorithm, Audience: t.Audience, Claims: t.Claims}
	p, trust, err := a.principal(ctx, e, trusts)
	if err != nil {
		return Admission{}, err
	}
	_, end, _ := t.Window()
	return Admission{Principal: p, Handle: e.handle(trust), End: instant(end)}, nil
}

// verify checks signature and times with the keys of the issuer.
func (a *Authenticator) verify(ctx context.Context, t jwt.Token) error {
	keys, err := a.ring(t.Issuer).find(ctx, t.KeyID, t.Algorithm)
	switch {
	case err != nil:
		return fmt.Errorf("find the keys of %s: %w", t.Issuer, err)
	case len(keys) == 0:
		return refuse("the issuer has no such key")
	}
	if err := t.Verify(keys...); err != nil {
		return refuse(err.Error())
	}
	if err := t.ValidAt(a.config.Now(), skew); err != nil {
		return refuse(err.Error())
	}
	return nil
}

// principal makes of what was verified what the one account makes of it that it is
// for, and says by which trust. If an account trusts it in several ways, the first
// one counts.
func (a *Authenticator) principal(ctx context.Context, e evidence, trusts []federation.Trust) (*auth.Principal, federation.Trust, error) {
	trusts = those(allowing(e.Algorithm, trusts), func(trust federation.Trust) bool { return trust.Admits(e.Claims) })
	if len(trusts) == 0 {
		return nil, federation.Trust{}, refuse("no account takes tokens with such claims")
	}
	trust := trusts[0]
	if slices.ContainsFunc(trusts, func(other federation.Trust) bool { return other.Account != trust.Account }) {
		return nil, trust, refuse("several accounts take tokens with such claims")
	}
	p, err := trust.Principal(e.Claims)
	if errors.Is(err, federation.ErrSubject) {
		return nil, trust, refuse(err.Error())
	}
	if err != nil {
		return nil, trust, err
	}
	if p.User, err = a.user(ctx, trust, e.Claims); err != nil {
		return nil, trust, err
	}
	return p, trust, nil
}

// user returns the id of the user that calls, "" if it is none.
func (a *Authenticator) user(ctx context.Context, trust federation.Trust, claims federation.Claims) (string, error) {
	value, err := trust.User.Value(claims)
	switch {
	case err != nil:
		return "", refuse(err.Error())
	case value == "":
		return "", nil
	}
	id, err := a.config.User(ctx, trust, value)
	switch {
	case err != nil:
		return "", fmt.Errorf("look up user: %w", err)
	case id == "":
		return "", refuse("not exactly one user is meant")
	}
	return id, nil
}

// allowing are those that allow an algorithm.
func allowing(algorithm string, trusts []federation.Trust) []federation.Trust {
	return those(trusts, func(trust federation.Trust) bool { return trust.Allows(algorithm) })
}

func those(trusts []federation.Trust, wanted func(federation.Trust) bool) (found []federation.Trust) {
	for _, trust := range trusts {
		if wanted(trust) {
			found = append(found, trust)
		}
	}
	return found
}
