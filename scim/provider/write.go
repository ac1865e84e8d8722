package provider

import (
	"context"
	"errors"
	"net/http"

	"roster/scim"
	"roster/scim/patch"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Precondition is what If-Match asks of the present entity tag: it returns the
// error for the client if that does not hold. A nil one asks nothing.
type Precondition func(etag string) error

// Create makes a resource from the body of a POST (RFC 7644 section 3.3).
func (p *Provider) Create(ctx context.Context, c Call, rt *schema.ResourceType, body scim.Value, pr Projection) (*Resource, error) {
	writes, err := p.create(ctx, c, []creation{{rt: rt, body: body}})
	if err != nil {
		return nil, err
	}
	return writes[0].answer(ctx, pr.including(rt, inBody(body)))
}

// creation is a resource to be made. The id is minted if it is empty.
type creation struct {
	rt   *schema.ResourceType
	id   string
	body scim.Value
}

// create makes all of the resources or none; they may refer to one another.
func (p *Provider) create(ctx context.Context, c Call, creations []creation) ([]*write, error) {
	pending := map[string]string{}
	linked := 0
	for i, cr := range creations {
		accepted, err := acceptWhole(cr.rt, cr.body, c.Profile)
		if err != nil {
			return nil, err
		}
		for _, a := range cr.rt.Linked() {
			linked += accepted.Get(a.Name).Len()
		}
		if i > 0 && linked > c.Limits.PatchMembers {
			return nil, scim.Errorf(http.StatusRequestEntityTooLarge, "",
				"resources that refer to one another in a circle are one change, with at most %d members in all; send fewer at a time", c.Limits.PatchMembers)
		}
		if creations[i].body = accepted; cr.id == "" {
			creations[i].id = storage.NewID()
		}
		pending[creations[i].id] = cr.rt.Name
	}
	var writes []*write
	secrets := newSecrets(p)
	err := p.retry(ctx, c.Account, creations[0].id, func() error {
		writes = nil
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
			for _, cr := range creations {
				w := newWrite(p, c, cr.rt, secrets)
				w.pending = pending
				if err := w.create(ctx, s, cr.id, cr.body); err != nil {
					return err
				}
				writes = append(writes, w)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return p.apply(ctx, c, writes...)
	})
	return writes, tooMany(err)
}

// Replace is PUT (RFC 7644 section 3.5.1): what the body leaves out is removed,
// except for secrets and what the server owns.
func (p *Provider) Replace(ctx context.Context, c Call, rt *schema.ResourceType, id string, body scim.Value, pre Precondition, pr Projection) (*Resource, error) {
	accepted, err := acceptWhole(rt, body, c.Profile)
	if err != nil {
		return nil, err
	}
	everything := func(*schema.Attribute) ([]string, bool, error) { return nil, true, nil }
	pr = pr.including(rt, inBody(accepted))
	return p.change(ctx, c, rt, id, pre, pr, false, everything, func(before scim.Resource) (scim.Resource, error) {
		after := keepReadOnly(rt.Root, before, accepted)
		return after, rt.CheckImmutable(before, after)
	})
}

// Patch changes parts of a resource (RFC 7644 section 3.5.2). For a group with
// very many members it answers without a representation, unless pr asks for one.
func (p *Provider) Patch(ctx context.Context, c Call, rt *schema.ResourceType, id string, body scim.Value, pre Precondition, pr Projection) (*Resource, error) {
	ops, err := patch.Parse(rt, body, c.Profile, c.Limits)
	if err != nil {
		return nil, err
	}
	concerned := func(a *schema.Attribute) ([]string, bool, error) { return patch.Concerns(rt, ops, a, c.Profile) }
	pr = pr.including(rt, inOperations(ops))
	return p.change(ctx, c, rt, id, pre, pr, true, concerned, func(before scim.Resource) (scim.Resource, error) {
		after, _, err := patch.Apply(rt, before, ops, c.Profile)
		return after, err
	})
}

// acceptWhole takes the body of a POST or PUT.
func acceptWhole(rt *schema.ResourceType, body scim.Value, p scim.Profile) (scim.Resource, error) {
	accepted, err := rt.Accept(body, p)
	if err == nil {
		err = rt.Check(accepted)
	}
	return accepted, err
}

// change is the common course of PUT and PATCH: concerns says which elements of
// an edge attribute the change depends on, compute is the change itself.
func (p *Provider) change(ctx context.Context, c Call, rt *schema.ResourceType, id string, pre Precondition, pr Projection, partial bool,
	concerns func(*schema.Attribute) ([]string, bool, error), compute func(scim.Resource) (scim.Resource, error)) (*Resource, error) {
	var w *write
	secrets := newSecrets(p)
	err := p.retry(ctx, c.Account, id, func() error {
		w = newWrite(p, c, rt, secrets)
		w.partial = partial
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
			d, err := document(ctx, s, rt, id)
			if err != nil {
				return err
			}
			if pre != nil {
				if err := pre(query.ETag(d.Version)); err != nil {
					return err
				}
				w.guard(storage.AtVersion{ID: id, Version: d.Version})
			}
			return w.change(ctx, s, d, concerns, compute)
		})
		if err != nil || !w.changed {
			return err
		}
		return p.apply(ctx, c, w)
	})
	if err != nil {
		return nil, tooMany(err)
	}
	return w.answer(ctx, pr)
}

// Delete removes a resource (RFC 7644 section 3.6). Groups that it was a member
// of change with it.
func (p *Provider) Delete(ctx context.Context, c Call, rt *schema.ResourceType, id string, pre Precondition) error {
	err := p.retry(ctx, c.Account, id, func() error {
		stamp := storage.Stamp{Version: newVersion(), Modified: p.now()}
		batch := storage.Batch{Deletes: []storage.Delete{{ID: id, Neighbours: &stamp}}}
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
			d, err := document(ctx, s, rt, id)
			if err != nil {
				return err
			}
			if pre != nil {
				if err := pre(query.ETag(d.Version)); err != nil {
					return err
				}
				batch.Guards = append(batch.Guards, storage.AtVersion{ID: id, Version: d.Version})
			}
			guards, err := p.rules(ctx, s, Change{Type: rt, ID: id, Before: query.Resource(d)})
			batch.Guards = append(batch.Guards, guards...)
			return err
		})
		if err != nil {
			return err
		}
		_, err = p.Store.Apply(ctx, c.Account, batch)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return scim.NotFound(rt.Name, id)
	}
	return err
}

// rules asks every rule to check a change.
func (p *Provider) rules(ctx context.Context, s storage.Snapshot, c Change) ([]storage.Guard, error) {
	var guards []storage.Guard
	for _, rule := range p.Rules {
		more, err := rule.Check(ctx, s, c)
		if err != nil {
			return nil, err
		}
		guards = append(guards, more...)
	}
	return guards, nil
}

// keepReadOnly carries over from the stored resource what the server owns, and
// what the client does not send and may never have seen, because it is returned
// only on request or not at all: so that a PUT of what a GET answered changes
// nothing.
func keepReadOnly(a *schema.Attribute, before, after scim.Value) scim.Value {
	for _, sub := range a.Sub {
		old := before.Get(sub.Name)
		switch {
		case old.IsNull():
		case sub.Mutability == schema.ReadOnly,
			after.Get(sub.Name).IsNull() && (sub.Returned == schema.Never || sub.Returned == schema.Request):
			after = after.With(sub.Name, old)
		case sub.IsComplex() && !sub.MultiValued && !after.Get(sub.Name).IsNull():
			after = after.With(sub.Name, keepReadOnly(sub, old, after.Get(sub.Name)))
		}
	}
	return after
}
