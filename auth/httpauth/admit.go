package httpauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"roster/auth"
)

// admit finds out who sends the request, nil if nobody says who or the route does
// so itself, and why it does not pass to the route. A credential that is sent must
// be valid, and of a supported scheme, on open routes too.
func (m *Mux) admit(r *http.Request, route *Route) (*auth.Principal, *refusal) {
	ctx := r.Context()
	if route.Own {
		return nil, m.anonymous(ctx)
	}
	credential, refused := credentialOf(r)
	if refused == nil && credential == "" && route.Scope != auth.Open {
		refused = missing()
	}
	if refused != nil || credential == "" {
		return nil, cmp.Or(m.anonymous(ctx), refused)
	}
	var principal *auth.Principal
	err := m.attempt(ctx, credential, func() (err error) {
		principal, err = m.config.Authenticator.Authenticate(ctx, credential)
		return err
	})
	switch {
	case err != nil:
		return nil, judge(ctx, err)
	case !principal.Has(route.Scope):
		return principal, insufficient(route.Scope)
	}
	return principal, nil
}

// Attempt has check look at a credential that the handler of an own route has
// found, and limits wrong ones by address as the Mux does elsewhere. That check
// fails with [auth.ErrUnauthenticated] counts as a wrong one, any other error says
// nothing about it; either is returned as it is. If too many were wrong, check is
// not called, and the error is one that [Fault] answers with 429. The context is
// that of the request.
func Attempt(ctx context.Context, credential auth.Secret, check func() error) error {
	return ctx.Value(exchangeKey{}).(*exchange).mux.attempt(ctx, credential, check)
}

func (m *Mux) attempt(ctx context.Context, credential auth.Secret, check func() error) error {
	from := auth.OriginFrom(ctx).Address
	if refused := tooMany(m.config.Limiter.Guess(from, credential), "too many credentials were not valid"); refused != nil {
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
// work, which is a fault unless the client has gone away.
func judge(ctx context.Context, err error) *refusal {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, auth.ErrUnauthenticated):
		return invalid()
	case errors.Is(ctx.Err(), context.Canceled):
		return unavailable(nil)
	}
	return unavailable(fmt.Errorf("authentication does not work: %w", err))
}
