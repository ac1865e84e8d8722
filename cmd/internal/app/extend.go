package app

import (
	"context"
	"errors"
	"sync"

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

// service is what one of them serves.
type service struct {
	name string
	extensions.Service
}

// serve starts what the extensions serve.
func (a *App) serve() {
	for _, e := range a.parts {
		if e.Serve != nil {
			a.services = append(a.services, service{e.Name, e.Serve(a.host)})
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
	all.Go(func() { a.report(ctx, "retention of the audit", a.retain(ctx)) })
	for _, e := range a.parts {
		if e.Run == nil {
			continue
		}
		all.Go(func() { a.report(ctx, e.Name, e.Run(ctx, a.host)) })
	}
	all.Wait()
}

// report logs that background work ended before it was told to.
func (a *App) report(ctx context.Context, work string, err error) {
	if err != nil && ctx.Err() == nil {
		a.config.Logger.Error("background work ended", "work", work, "error", err)
	}
}
