package httpauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"roster/auth"
)

// admit finds out who sends the request, nil if nobody says who, and why it does
// not pass to a route with that scope. A credential that is sent must be valid,
// and of a supported scheme, on open routes too.
func (m *Mux) admit(r *http.Request, scope auth.Scope) (*auth.Principal, *refusal) {
	credential, refused := credentialOf(r)
	if refused == nil && credential == "" && scope != auth.Open {
		refused = missing()
	}
	if refused != nil || credential == "" {
		return nil, cmp.Or(m.anonymous(r), refused)
	}
	if refused = m.guess(r, credential); refused != nil {
		return nil, refused
	}
	principal, err := m.config.Authenticator.Authenticate(r.Context(), credential)
	m.learn(r, credential, err)
	switch {
	case err != nil:
		return nil, judge(r.Context(), err)
	case !principal.Has(scope):
		return principal, insufficient(scope)
	}
	return principal, nil
}

// judge tells a credential that is not valid from an authenticator that does not
// work, which is a fault unless the client has gone away.
func judge(ctx context.Context, err error) *refusal {
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		return invalid()
	case errors.Is(ctx.Err(), context.Canceled):
		return unavailable(nil)
	}
	return unavailable(fmt.Errorf("authentication does not work: %w", err))
}
