package provider

import (
	"context"
	"errors"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// compute is the change itself: it returns the resource as it shall be, and what
// goes with it. d is nil and before is null for a creation.
type compute func(ctx context.Context, s storage.Snapshot, d *storage.Document, before scim.Resource) (scim.Resource, Along, error)

// fixed computes what does not depend on anything.
func fixed(after scim.Resource) compute {
	return func(context.Context, storage.Snapshot, *storage.Document, scim.Resource) (scim.Resource, Along, error) {
		return after, Along{}, nil
	}
}

// alteration is the change of one resource that is there.
type alteration struct {
	way    Way
	action string
	pre    Precondition
	// concerns says which elements of an edge attribute the change depends on.
	concerns func(*schema.Attribute) (ids []string, all bool, err error)
	// names says which attributes the change names; nil: none.
	names   func(*schema.Attribute) bool
	compute compute
}

// A change may depend on all elements of edge attributes, or on none.
func everything(*schema.Attribute) ([]string, bool, error) { return nil, true, nil }
func nothing(*schema.Attribute) ([]string, bool, error)    { return nil, false, nil }

// alter makes an alteration.
func (p *Provider) alter(ctx context.Context, c Call, rt *schema.ResourceType, id string, a *alteration) (w *write, err error) {
	secrets := newSecrets(p)
	if ctx, err = p.prepare(ctx, c); err != nil {
		return nil, err
	}
	err = p.retry(ctx, c.Account, id, func() error {
		w = newWrite(p, c, rt, secrets, a.way)
		w.action = a.action
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error { return w.alter(ctx, s, id, a) })
		if err != nil || !w.changed {
			return err
		}
		return p.apply(ctx, c, w)
	})
	return w, tooMany(err)
}

func (w *write) alter(ctx context.Context, s storage.Snapshot, id string, a *alteration) error {
	d, err := w.find(ctx, s, id)
	if err != nil {
		return err
	}
	if a.pre != nil {
		if err := a.pre(query.ETag(d.Version)); err != nil {
			return err
		}
		w.guard(storage.AtVersion{ID: d.ID, Version: d.Version})
	}
	switch a.way {
	case Remove:
		return w.remove(ctx, s, d)
	case Purge:
		return w.purge(ctx, s, d)
	}
	return w.change(ctx, s, d, a)
}

// find reads the document that a change is about: that of a removed resource, if
// it is to be restored or purged.
func (w *write) find(ctx context.Context, s storage.Snapshot, id string) (*storage.Document, error) {
	if w.way != Restore && w.way != Purge {
		return w.p.find(ctx, s, w.call, w.rt, id)
	}
	d, err := s.Get(ctx, id)
	switch {
	case err == nil && d.Type == w.rt.Name:
		return nil, ErrNotRemoved
	case errors.Is(err, storage.ErrNotFound), err == nil && d.Type != Removed(w.rt.Name):
		return nil, scim.NotFound(w.rt.Name, id)
	}
	return d, err
}
