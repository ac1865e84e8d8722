package httpauth

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	"roster/auth"
	"roster/auth/limit"
)

// admit finds out who sends the request, nil if nobody says who or the route does
// so itself, and why it does not pass to the route. A credential that is sent must
// be valid, and of a supported scheme, on open routes too.
func (m *Mux) admit(r *http.Request, route *Route) (*auth.Principal, *refusal) {
	ctx := r.Context()
	if route.Own {
		return nil, m.anonymous(ctx)
	}
	shown, refused := m.shown(r)
	if refused == nil && shown.credential == "" && route.Scope != auth.Open {
		refused = missing()
	}
	if refused != nil || shown.credential == "" {
		return nil, cmp.Or(m.anonymous(ctx), refused)
	}
	var principal *auth.Principal
	err := m.attempt(ctx, shown.credential, func() (err error) {
		principal, err = m.authenticate(r, shown)
		return err
	})
	if errors.Is(err, auth.ErrDisabled) && principal != nil {
		return principal, disabled()
	}
	if err != nil {
		return nil, m.judge(ctx, shown.kind(), err)
	}
	return principal, m.permit(ctx, principal, route.Scope)
}

// proof is what a request shows to say who sends it.
type proof struct {
	credential   auth.Secret         // "" if it shows nothing
	certificates []*x509.Certificate // nil unless the credential is the first of them
}

func (p proof) kind() string {
	if p.certificates != nil {
		return "certificate"
	}
	return "token"
}

// shown is the Authorization header, or else the certificate of the connection.
func (m *Mux) shown(r *http.Request) (proof, *refusal) {
	if m.config.Certificates != nil && r.TLS != nil && len(r.TLS.PeerCertificates) > 0 && len(r.Header.Values("Authorization")) == 0 {
		sent := r.TLS.PeerCertificates
		return proof{auth.Secret(sent[0].Raw), sent}, nil
	}
	credential, refused := credentialOf(r)
	return proof{credential, nil}, refused
}

func (m *Mux) authenticate(r *http.Request, shown proof) (*auth.Principal, error) {
	if shown.certificates != nil {
		return m.config.Certificates(r.Context(), shown.certificates, len(r.TLS.VerifiedChains) > 0)
	}
	return m.config.Authenticator.Authenticate(r.Context(), shown.credential)
}

// permit tells why a principal may not use a route with that scope, nil if it may.
func (m *Mux) permit(ctx context.Context, p *auth.Principal, scope auth.Scope) *refusal {
	if named := auth.OriginFrom(ctx).Account; named != "" {
		same, err := m.config.Named(ctx, p.Account, named)
		switch {
		case err != nil:
			return unknown("the account that the path names cannot be looked up", err)
		case !same:
			return elsewhere()
		}
	}
	if !p.Has(scope) {
		return insufficient(scope)
	}
	return nil
}

// Attempt has check look at a credential that the handler of an own route has
// found, and limits wrong ones by address as the Mux does elsewhere. That check
// fails with [auth.ErrUnauthenticated] counts as a wrong one, any other error says
// nothing about it; either is returned as it is. If too many were wrong, check is
// not called, and the error is one that [Fault] answers with 429. The context is
// that of the request.
//
// The request has no places meanwhile, as where the Mux looks at credentials: so
// those that wait for an issuer's answer keep nobody out.
func Attempt(ctx context.Context, credential auth.Secret, check func() error) error {
	x := ctx.Value(exchangeKey{}).(*exchange)
	x.leave()
	x.leave = func() {}
	if err := x.mux.attempt(ctx, credential, check); err != nil {
		return err
	}
	leave, err := x.mux.config.Limiter.Enter(ctx, "", limit.Account{}, x.body)
	if err != nil {
		return crowded("", err)
	}
	x.leave = leave
	return nil
}

// Vouch tells that a credential, which the handler gives out, is good, so that it is
// not refused at its first use because others guess. The context is that of the
// request.
func Vouch(ctx context.Context, credential auth.Secret) {
	ctx.Value(exchangeKey{}).(*exchange).mux.config.Limiter.Good(credential)
}

func (m *Mux) attempt(ctx context.Context, credential auth.Secret, check func() error) error {
	from := auth.OriginFrom(ctx).Address
	if refused := tooMany(m.config.Limiter.Guess(from, credential), "too_many_attempts", "too many credentials were not valid"); refused != nil {
		return refused
	}
	err := check()
	switch {
	case err == nil:
		m.config.Limiter.Good(credential)
	case errors.Is(err, auth.ErrUnauthenticated):
		m.config.Limiter.Wrong(from, credential)
	}
	return err
}

// judge tells a credential that is not valid from an authenticator that does not
// work, which is a fault unless the client has gone away. If it is not told whose
// credential of a disabled account it is, that counts as nobody's.
func (m *Mux) judge(ctx context.Context, kind string, err error) *refusal {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, auth.ErrUnauthenticated):
		return invalid(kind)
	case errors.Is(err, auth.ErrDisabled):
		return cmp.Or(m.anonymous(ctx), disabled())
	case errors.Is(ctx.Err(), context.Canceled):
		return unavailable(nil)
	}
	return unavailable(fmt.Errorf("authentication does not work: %w", err))
}
