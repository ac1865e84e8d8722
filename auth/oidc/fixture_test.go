package oidc_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/oidc"
)

var _ auth.Authenticator = (*oidc.Authenticator)(nil)

const audience = "https://roster.example.com"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fixture is an account, acme, that trusts an issuer with one key.
type fixture struct {
	*oidc.Authenticator
	t      *testing.T
	issuer *authtest.Issuer
	key    *authtest.Key
	clock  *authtest.Clock

	mu     sync.Mutex
	trusts []federation.Trust
	users  map[string]string // id by attribute and value
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, key: authtest.NewKey(t, "first", "ES256"), clock: authtest.NewClock(noon), users: map[string]string{}}
	f.issuer = authtest.NewIssuer(t, f.key)
	f.trust("acme", federation.Issuer{})
	f.Authenticator = oidc.New(oidc.Config{
		Trusts: f.find, Now: f.clock.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		User: func(_ context.Context, t federation.Trust, value string) (string, error) {
			return f.users[strings.TrimSpace(t.Domain+" "+t.Account+" "+t.User.Attribute+" "+value)], nil
		},
	})
	return f
}

// trust lets an account trust the issuer, for scim unless it says otherwise.
func (f *fixture) trust(account string, i federation.Issuer) {
	i.URL = f.issuer.URL()
	if i.Audience == "" {
		i.Audience = audience
	}
	if i.Algorithms == nil {
		i.Algorithms = federation.Algorithms()
	}
	if i.Scopes == nil {
		i.Scopes = []federation.Grant{{Grants: []auth.Scope{auth.SCIM}}}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trusts = append(f.trusts, federation.Trust{Account: account, Issuer: i})
}

func (f *fixture) find(_ context.Context, issuer, audience string) (found []federation.Trust, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, trust := range f.trusts {
		if trust.URL == issuer && trust.Audience == audience {
			found = append(found, trust)
		}
	}
	return found, nil
}

// claims are those of a good token, changed by pairs of names and values.
func (f *fixture) claims(changes ...any) map[string]any {
	now := f.clock.Now().Unix()
	return authtest.Changed(map[string]any{"sub": "00u1", "aud": audience, "iat": now, "nbf": now, "exp": now + 3600}, changes...)
}

// token is a good token, but for the changes.
func (f *fixture) token(changes ...any) auth.Secret {
	return f.issuer.Token(f.key, f.claims(changes...))
}

func (f *fixture) admits(token auth.Secret) *auth.Principal {
	f.t.Helper()
	p, err := f.Authenticate(f.t.Context(), token)
	require.NoError(f.t, err)
	return p
}

// refuses expects the error that tells nothing.
func (f *fixture) refuses(token auth.Secret) {
	f.t.Helper()
	p, err := f.Authenticate(f.t.Context(), token)
	require.Equal(f.t, auth.ErrUnauthenticated, err)
	require.Nil(f.t, p)
}

// fetches is how often the issuer was asked for its keys.
func (f *fixture) fetches() int { return f.issuer.Asked(authtest.DiscoveryPath) }
