package provider

import (
	"context"
	"errors"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// TypeOf returns the type of the resource with that id, or a 404.
func (p *Provider) TypeOf(ctx context.Context, c Call, id string) (rt *schema.ResourceType, err error) {
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		d, err := s.Get(ctx, id)
		if err == nil {
			rt = p.byName[d.Type]
		}
		if rt == nil && err == nil || errors.Is(err, storage.ErrNotFound) {
			return scim.NotFound("resource", id)
		}
		return err
	})
	return rt, err
}

// Get returns a resource, or a 404.
func (p *Provider) Get(ctx context.Context, c Call, rt *schema.ResourceType, id string, pr Projection) (r *Resource, err error) {
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		d, err := p.find(ctx, s, c, rt, id)
		if err != nil {
			return err
		}
		r, err = p.render(ctx, s, c, rt, d, pr)
		return err
	})
	return r, tooMany(err)
}
