package oidc

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"roster/auth"
	"roster/auth/federation"
)

// skew is how far the clocks of an issuer and this server may be apart.
const skew = time.Minute

// refusal is why a token is not good, for the log.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(reason string) error { return &refusal{reason} }

// admit finds out who calls with a token, which those accounts may trust. It fails
// with a refusal if the token is not good.
func (a *Authenticator) admit(ctx context.Context, t token, trusts []federation.Trust) (*auth.Principal, error) {
	trusts = those(trusts, func(trust federation.Trust) bool { return trust.Allows(t.algorithm) })
	if len(trusts) == 0 {
		return nil, refuse("the account does not allow its algorithm")
	}
	keys, err := a.ring(t.issuer).find(ctx, t.keyID, t.algorithm)
	switch {
	case err != nil:
		return nil, fmt.Errorf("find the keys of %s: %w", t.issuer, err)
	case len(keys) == 0:
		return nil, refuse("the issuer has no such key")
	}
	verified, err := verify(ctx, t, keys)
	if err != nil {
		return nil, err
	}
	if err := current(verified, a.config.Now()); err != nil {
		return nil, err
	}
	return a.principal(ctx, verified, trusts)
}

// verify checks signature, issuer and form.
func verify(ctx context.Context, t token, keys []crypto.PublicKey) (*oidc.IDToken, error) {
	verifier := oidc.NewVerifier(t.issuer, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{
		SupportedSigningAlgs: []string{t.algorithm},
		SkipClientIDCheck:    true, // principal does that for each trust
		SkipExpiryCheck:      true, // current knows the skew
	})
	verified, err := verifier.Verify(ctx, t.text)
	if err != nil {
		return nil, refuse("the signature or form is wrong")
	}
	return verified, nil
}

// current checks the times of a token (RFC 7519 sections 4.1.4 to 4.1.6), which
// must have an end (RFC 9068 section 2.2).
func current(verified *oidc.IDToken, now time.Time) error {
	var claims struct { // seconds since 1970
		Expires   *float64 `json:"exp"`
		NotBefore float64  `json:"nbf"`
		Issued    float64  `json:"iat"`
	}
	at, tolerance := float64(now.Unix()), skew.Seconds()
	switch err := verified.Claims(&claims); {
	case err != nil || claims.Expires == nil:
		return refuse("it has no usable end")
	case at >= *claims.Expires+tolerance:
		return refuse("it has expired")
	case at < max(claims.NotBefore, claims.Issued)-tolerance:
		return refuse("it is not valid yet")
	}
	return nil
}

// principal makes of a verified token what the one account makes of it that it is
// for. If an account trusts it in several ways, the first one counts.
func (a *Authenticator) principal(ctx context.Context, verified *oidc.IDToken, trusts []federation.Trust) (*auth.Principal, error) {
	var claims federation.Claims
	if err := verified.Claims(&claims); err != nil {
		return nil, refuse("its claims cannot be read")
	}
	trusts = those(trusts, func(trust federation.Trust) bool {
		return slices.Contains(verified.Audience, trust.Audience) && trust.Admits(claims)
	})
	if len(trusts) == 0 {
		return nil, refuse("no account takes tokens with such claims")
	}
	trust := trusts[0]
	if slices.ContainsFunc(trusts, func(other federation.Trust) bool { return other.Account != trust.Account }) {
		return nil, refuse("several accounts take tokens with such claims")
	}
	p, err := trust.Principal(claims)
	if errors.Is(err, federation.ErrSubject) {
		return nil, refuse(err.Error())
	}
	if err != nil {
		return nil, err
	}
	p.User, err = a.user(ctx, trust, claims)
	return p, err
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
	id, err := a.config.User(ctx, trust.Account, trust.User.Attribute, value)
	switch {
	case err != nil:
		return "", fmt.Errorf("look up user: %w", err)
	case id == "":
		return "", refuse("not exactly one user is meant")
	}
	return id, nil
}

func those(trusts []federation.Trust, wanted func(federation.Trust) bool) (found []federation.Trust) {
	for _, trust := range trusts {
		if wanted(trust) {
			found = append(found, trust)
		}
	}
	return found
}
