package provider

import (
	"context"
	"errors"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// ErrNotRemoved: the resource that is to be restored or purged is there.
var ErrNotRemoved = errors.New("the resource was not removed")

// Edit is a change of one resource that no SCIM message says. Every rule holds.
type Edit struct {
	Way          Way
	Action       string // what the change is called, such as "user.locked"
	Precondition Precondition
	// Compute returns the resource as it shall be, also of attributes that are
	// read-only for clients, and what goes with it, which always happens. It is
	// called anew for each attempt. d is nil for a creation. What is kept as edges
	// is not in before and must not be in after; externalId is that of the call's
	// domain in both. Not asked for a Remove or a Purge.
	Compute func(ctx context.Context, s storage.Snapshot, d *storage.Document, before scim.Resource) (after scim.Resource, along Along, err error)
}

// Edit makes the change and returns the resource as it is stored then, with
// `meta`, but without what is computed or kept as edges; null if it is gone. A
// creation mints the id if it is empty. It fails with ErrNotRemoved if a resource
// that is there shall be restored or purged.
func (p *Provider) Edit(ctx context.Context, c Call, rt *schema.ResourceType, id string, e Edit) (scim.Resource, error) {
	if e.Way == Create {
		return p.editNew(ctx, c, rt, id, e)
	}
	a := &alteration{way: e.Way, action: e.Action, pre: e.Precondition, concerns: nothing}
	a.compute = func(ctx context.Context, s storage.Snapshot, d *storage.Document, before scim.Resource) (scim.Resource, Along, error) {
		after, along, err := e.Compute(ctx, s, d, before)
		if err == nil {
			err = rt.Check(after)
		}
		return after, along, err
	}
	if _, err := p.alter(ctx, c, rt, id, a); err != nil {
		return scim.Resource{}, err
	}
	return p.stored(ctx, c, rt, id)
}

func (p *Provider) editNew(ctx context.Context, c Call, rt *schema.ResourceType, id string, e Edit) (scim.Resource, error) {
	if id == "" {
		id = storage.NewID()
	}
	secrets := newSecrets(p)
	ctx, err := p.prepare(ctx, c)
	if err != nil {
		return scim.Resource{}, err
	}
	err = p.retry(ctx, c.Account, id, func() error {
		w := newWrite(p, c, rt, secrets, Create)
		w.action = e.Action
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
			return w.create(ctx, s, id, func(ctx context.Context, s storage.Snapshot, d *storage.Document, before scim.Resource) (scim.Resource, Along, error) {
				after, along, err := e.Compute(ctx, s, d, before)
				if err == nil {
					err = rt.Check(after)
				}
				return after, along, err
			})
		})
		if err != nil {
			return err
		}
		return p.apply(ctx, c, w)
	})
	if err != nil {
		return scim.Resource{}, tooMany(err)
	}
	return p.stored(ctx, c, rt, id)
}

// stored returns a resource as it is stored.
func (p *Provider) stored(ctx context.Context, c Call, rt *schema.ResourceType, id string) (r scim.Resource, err error) {
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		d, err := document(ctx, s, rt, id)
		if err == nil {
			r = c.located(rt, d)
		}
		return err
	})
	var gone *scim.Error
	if errors.As(err, &gone) {
		return scim.Resource{}, nil
	}
	return r, err
}

// located returns the resource of a document with its meta.location.
func (c Call) located(rt *schema.ResourceType, d *storage.Document) scim.Resource {
	return query.InDomain(c.Domain, query.Resource(d)).With("meta", c.meta(rt, d))
}

// meta is that of a resource with its location, also if the document is that of a
// removed one.
func (c Call) meta(rt *schema.ResourceType, d *storage.Document) scim.Value {
	return query.Resource(d).Get("meta").With("resourceType", scim.StringValue(rt.Name)).With("location", scim.StringValue(c.location(rt, d.ID)))
}

// Read returns a resource as an answer would hold it. It fails with a 404.
func (p *Provider) Read(ctx context.Context, c Call, rt *schema.ResourceType, id string, pr Projection) (r scim.Resource, err error) {
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		d, err := document(ctx, s, rt, id)
		if err != nil {
			return err
		}
		r, err = p.tree(ctx, s, c, rt, d, pr)
		return err
	})
	return r, tooMany(err)
}

// Search answers a query on one type, as List does, with resources instead of
// their JSON.
func (p *Provider) Search(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (found []scim.Resource, total int, err error) {
	w, err := p.newWalk(ctx, c, []*schema.ResourceType{rt}, req)
	if err != nil {
		return nil, 0, err
	}
	return p.search(ctx, w)
}

// search reads the page of a walk over one type.
func (p *Provider) search(ctx context.Context, w *walk) (found []scim.Resource, total int, err error) {
	err = p.Store.View(ctx, w.call.Account, func(s storage.Snapshot) error {
		found = nil
		list := &List{}
		items, err := w.items(ctx, s, list)
		total = list.Total
		for _, it := range items {
			if err != nil {
				break
			}
			var r scim.Resource
			r, err = p.tree(ctx, s, w.call, w.parts[0].rt, it.document, w.parts[0].projection)
			found = append(found, r)
		}
		return err
	})
	return found, total, tooMany(err)
}
