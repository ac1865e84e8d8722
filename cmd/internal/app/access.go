package app

import (
	"context"
	"crypto/x509"
	"errors"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/httpauth"
	"roster/auth/jwt"
	"roster/auth/oauth"
	"roster/auth/oidc"
	"roster/auth/registry"
	"roster/scim/provider"
)

// access is who is let in, and by what.
type access struct {
	*App
	issuers        *oidc.Authenticator
	authenticators []auth.Authenticator // in the order in which they are asked
}

// newAccess makes the authenticators, of which some ask what extensions serve.
func (a *App) newAccess() (access, error) {
	verified := &jwt.Memory{}
	c := access{App: a, issuers: oidc.New(oidc.Config{
		Verified: verified, Own: a.config.issuer(), Trusts: a.registry.Trusts, User: a.userWith,
		To: a.network.To, Logger: a.config.Logger,
	})}
	var err error
	a.oauth, err = oauth.New(oauth.Config{
		Verified: verified,
		Issuer:   a.config.issuer(),
		Clients:  c.clients(),
		Keys:     a.registry,
		Trusted:  c.issuers,
		Lifetime: a.accessTokenLifetime,
		Issued:   a.issued,
		Logger:   a.config.Logger,
	})
	for _, s := range a.services {
		if s.Authenticator != nil {
			c.authenticators = append(c.authenticators, s.Authenticator)
		}
	}
	c.authenticators = append(c.authenticators, a.oauth, c.issuers, a.registry)
	return c, err
}

// clients are those of the registry, and those of extensions by their names.
func (c access) clients() map[string]auth.Clients {
	all := map[string]auth.Clients{"client": registry.Clients{Registry: c.registry}}
	for _, s := range c.services {
		if s.Clients != nil {
			all[s.name] = s.Clients
		}
	}
	return all
}

// configure sets who is let in, and who is told of those who are not.
func (c access) configure(m *httpauth.Config) {
	m.Authenticator = c
	m.Certificates = c.certificate
	m.Named = c.named
	m.Refused = func(ctx context.Context, r httpauth.Refusal) {
		c.recorder.Refused(ctx, audit.Refusal{Status: r.Status, Operation: r.Operation, Scope: string(r.Scope), Reason: r.Reason, Account: r.Account})
	}
}

// Authenticate implements auth.Authenticator: it asks one after the other whose a
// credential is, and then whether they may come in.
func (c access) Authenticate(ctx context.Context, credential auth.Secret) (*auth.Principal, error) {
	for _, a := range c.authenticators {
		p, err := a.Authenticate(ctx, credential)
		if !errors.Is(err, auth.ErrUnauthenticated) {
			return c.admit(ctx, p, err)
		}
	}
	return nil, auth.ErrUnauthenticated
}

// certificate finds out whose certificate a client has shown.
func (c access) certificate(ctx context.Context, sent []*x509.Certificate, verified bool) (*auth.Principal, error) {
	p, err := c.registry.Certificate(ctx, sent[0], verified)
	return c.admit(ctx, p, err)
}

// admit lets in whom the account and all extensions let in, as they may act now.
func (c access) admit(ctx context.Context, p *auth.Principal, err error) (*auth.Principal, error) {
	if err == nil {
		_, err = c.open(ctx, p.Account)
	}
	if err != nil || p.User == "" {
		return p, closed(err)
	}
	for _, s := range c.services {
		if s.Admit == nil {
			continue
		}
		if p, err = s.Admit(ctx, p); err != nil {
			return nil, closed(err)
		}
	}
	return p, nil
}

// closed makes of an account that was deleted meanwhile one that opens to nobody.
func closed(err error) error {
	if errors.Is(err, provider.ErrAccountDeleted) {
		return auth.ErrUnauthenticated
	}
	return err
}

// callers looks up the account of somebody who calls, who is nobody once it was
// deleted.
func (a *App) callers(ctx context.Context, id string) (registry.Account, error) {
	account, err := a.account(ctx, id)
	return account, closed(err)
}

// open is callers, and fails if the account is disabled.
func (a *App) open(ctx context.Context, id string) (registry.Account, error) {
	account, err := a.callers(ctx, id)
	if err == nil && !account.Disabled.IsZero() {
		err = auth.ErrDisabled
	}
	return account, err
}

// named reports whether what a path names is an account.
func (a *App) named(ctx context.Context, id, name string) (bool, error) {
	account, err := a.callers(ctx, id)
	return err == nil && (name == account.ID || name == account.Name), err
}
