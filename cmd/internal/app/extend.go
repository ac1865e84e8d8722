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
	}
	c.Knows = p.knows
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

func (p parts) surfaces(h extensions.Host) []httpauth.Surface {
	var all []httpauth.Surface
	for _, e := range p {
		if e.Surface != nil {
			all = append(all, e.Surface(h))
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
