package oauth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/auth"
)

// among asks each kind of clients, and returns the credential by which current
// finds the client again. If none knows the client, the error has what each says.
func (s *Server) among(find func(auth.Clients) (*auth.Principal, string, error)) (p *auth.Principal, credential string, err error) {
	unknown := auth.ErrUnauthenticated
	for _, kind := range s.kinds {
		p, handle, err := find(s.config.Clients[kind])
		if !errors.Is(err, auth.ErrUnauthenticated) {
			return p, kind + ":" + handle, err
		}
		unknown = fmt.Errorf("%w; as %s: %w", unknown, kind, err)
	}
	return nil, "", unknown
}

// trusted is the kind of callers that have no credential here, but an issuer that
// an account trusts.
const trusted = "trusted"

// current returns who has a credential now.
func (s *Server) current(ctx context.Context, credential string) (*auth.Principal, error) {
	kind, handle, _ := strings.Cut(credential, ":")
	if kind == trusted {
		return s.config.Trusted.Current(ctx, handle)
	}
	if clients, found := s.config.Clients[kind]; found {
		return clients.Current(ctx, handle)
	}
	return nil, auth.ErrUnauthenticated
}
