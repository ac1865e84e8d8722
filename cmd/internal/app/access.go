package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/httpauth"
	"roster/auth/oauth"
	"roster/auth/oidc"
	"roster/auth/registry"
)

// access is who is let in, and by what.
type access struct {
	*App
	issuers *oidc.Authenticator
}

// newAccess makes the authenticators, of which some ask what extensions serve.
func (a *App) newAccess() (access, error) {
	c := access{App: a, issuers: oidc.New(oidc.Config{Trusts: a.registry.Trusts, User: a.userWith, Logger: a.config.Logger})}
	var err error
	a.oauth, err = oauth.New(oauth.Config{
		Issuer:   a.config.issuer(),
		Clients:  c.clients(),
		Keys:     signingKeys{a.registry},
		Trusted:  c.issuers,
		Lifetime: a.accessTokenLifetime,
		Issued:   a.issued,
		Logger:   a.config.Logger,
	})
	return c, err
}

// clients are those of the registry, and those of extensions by their names.
func (c access) clients() map[string]oauth.Clients {
	all := map[string]oauth.Clients{"client": registry.Clients{Registry: c.registry}}
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
	var all []auth.Authenticator
	for _, s := range c.services {
		if s.Authenticator != nil {
			all = append(all, s.Authenticator)
		}
	}
	for _, a := range append(all, c.oauth, c.issuers, c.registry) {
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
		err = c.open(ctx, p.Account)
	}
	if err != nil || p.User == "" {
		return p, err
	}
	for _, s := range c.services {
		if s.Admit == nil {
			continue
		}
		if p, err = s.Admit(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// account looks up the account of somebody who is let in. If that is deleted
// meanwhile, what was shown opens nothing any more: auth.ErrUnauthenticated.
func (a *App) account(ctx context.Context, id string) (registry.Account, error) {
	account, err := a.registry.Account(ctx, id)
	if errors.Is(err, registry.ErrNotFound) {
		err = fmt.Errorf("%w: %w", auth.ErrUnauthenticated, err)
	}
	return account, err
}

// open fails unless the account is there and not disabled.
func (a *App) open(ctx context.Context, id string) error {
	account, err := a.account(ctx, id)
	if err == nil && !account.Disabled.IsZero() {
		return auth.ErrDisabled
	}
	return err
}

// named reports whether what a path names is an account.
func (a *App) named(ctx context.Context, id, name string) (bool, error) {
	account, err := a.account(ctx, id)
	return err == nil && (name == account.ID || name == account.Name), err
}
