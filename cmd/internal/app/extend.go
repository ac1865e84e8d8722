package app

import (
	"context"
	"errors"
	"sync"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/extensions"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// parts are the extensions of a server.
type parts []extensions.Extension

// definitions lists what the extensions define.
func (p parts) definitions() []schema.Source {
	var all []schema.Source
	for _, e := range p {
		all = append(all, e.Definitions...)
	}
	return all
}

func (p parts) indexes() []storage.Index {
	var all []storage.Index
	for _, e := range p {
		all = append(all, e.Indexes...)
	}
	return all
}

// configure adds what the extensions contribute to the core's use cases.
func (p parts) configure(c *provider.Config) {
	for _, e := range p {
		c.Rules = append(c.Rules, e.Rules...)
		c.Computed = append(c.Computed, e.Computed...)
		c.Representations = append(c.Representations, e.Representations...)
	}
	c.Knows = p.knows
	c.Enqueued = p.enqueued
}

// enqueued tells the extensions of an account that has messages waiting.
func (p parts) enqueued(account storage.Account) {
	for _, e := range p {
		if e.Enqueued != nil {
			e.Enqueued(account)
		}
	}
}

// knows reports whether some extension knows the value of a grant attribute.
func (p parts) knows(ctx context.Context, s storage.Snapshot, a *schema.Attribute, value string) (bool, error) {
	for _, e := range p {
		if e.Knows == nil {
			continue
		}
		if known, err := e.Knows(ctx, s, a, value); known || err != nil {
			return known, err
		}
	}
	return false, nil
}

// serve starts what the extensions serve.
func (a *App) serve() {
	for _, e := range a.parts {
		if e.Serve != nil {
			a.services = append(a.services, e.Serve(a.host))
		}
	}
}

func (a *App) surfaces() []httpauth.Surface {
	var all []httpauth.Surface
	for _, s := range a.services {
		if s.Surface != nil {
			all = append(all, *s.Surface)
		}
	}
	return all
}

// authenticators asks those of the extensions, then for tokens of issuers, then the
// registry.
func (a *App) authenticators() auth.Authenticator {
	var all chain
	for _, s := range a.services {
		if s.Authenticator != nil {
			all = append(all, s.Authenticator)
		}
	}
	return append(all, admitted{chain{a.federated(), a.registry}, a.services})
}

// admitted lets in whom all extensions let in, with what their roles allow.
type admitted struct {
	auth.Authenticator
	services []extensions.Service
}

func (a admitted) Authenticate(ctx context.Context, credential auth.Secret) (*auth.Principal, error) {
	p, err := a.Authenticator.Authenticate(ctx, credential)
	if err != nil || p.User == "" {
		return p, err
	}
	for _, s := range a.services {
		if s.Admit == nil {
			continue
		}
		if p, err = s.Admit(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// chain asks one authenticator after the other whose a credential is.
type chain []auth.Authenticator

func (c chain) Authenticate(ctx context.Context, credential auth.Secret) (p *auth.Principal, err error) {
	for _, a := range c {
		if p, err = a.Authenticate(ctx, credential); !errors.Is(err, auth.ErrUnauthenticated) {
			break
		}
	}
	return p, err
}

// found prepares a new account for every extension.
func (a *App) found(ctx context.Context, account string) error {
	var failure error
	for _, e := range a.parts {
		if e.Found != nil {
			failure = errors.Join(failure, e.Found(ctx, a.host, storage.Account(account)))
		}
	}
	return failure
}

// Work does what extensions do in the background, until ctx ends. Run does it
// too; it is for servers that are not run.
func (a *App) Work(ctx context.Context) {
	var all sync.WaitGroup
	for _, e := range a.parts {
		if e.Run == nil {
			continue
		}
		all.Go(func() {
			if err := e.Run(ctx, a.host); err != nil && ctx.Err() == nil {
				a.config.Logger.Error("background work ended", "extension", e.Name, "error", err)
			}
		})
	}
	all.Wait()
}
