package oauth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"

	"roster/auth"
)

// Clients knows the clients of one kind. What is not theirs, or not valid, is
// auth.ErrUnauthenticated; any other error says that it could not be found out.
// The handle names the credential, so that Current finds it again. Principals may
// be shared: they are not changed here. It may be called concurrently.
type Clients interface {
	// WithSecret takes the same time whether the client or the secret is wrong.
	WithSecret(ctx context.Context, clientID string, secret auth.Secret) (p *auth.Principal, handle string, err error)
	// Key returns the public key of a client with that id, which may be "" if the
	// client has one only.
	Key(ctx context.Context, clientID, keyID string) (key crypto.PublicKey, p *auth.Principal, handle string, err error)
	// Federated says whether a client shows who it is by another issuer's assertions
	// with these claims. They are not verified yet.
	Federated(ctx context.Context, clientID, issuer, subject string, audience []string) (p *auth.Principal, handle string, err error)
	// Current returns who has the credential now, as long as it is valid.
	Current(ctx context.Context, handle string) (*auth.Principal, error)
}

// among asks each kind of clients, and returns the credential by which current
// finds the client again. If none knows the client, the error has what each says.
func (s *Server) among(find func(Clients) (*auth.Principal, string, error)) (p *auth.Principal, credential string, err error) {
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
