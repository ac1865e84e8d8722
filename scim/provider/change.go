package provider

import (
	"context"
	"net/http"
	"slices"

	"roster/scim"
	"roster/scim/patch"
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

// acceptAll takes the bodies of resources to be made, mints the ids that they lack,
// and returns their types by id.
func (c Call) acceptAll(creations []creation) (types map[string]string, err error) {
	types = map[string]string{}
	linked := 0
	for i := range creations {
		cr := &creations[i]
		if cr.body, err = acceptWhole(cr.rt, cr.body, c.Profile); err != nil {
			return nil, err
		}
		for _, a := range cr.rt.Linked() {
			linked += cr.body.Get(a.Name).Len()
		}
		if i > 0 && linked > c.Limits.PatchMembers {
			return nil, scim.Errorf(http.StatusRequestEntityTooLarge, "",
				"resources that refer to one another in a circle are one change, with at most %d members in all; send fewer at a time", c.Limits.PatchMembers)
		}
		if cr.id == "" {
			cr.id = storage.NewID()
		}
		types[cr.id] = cr.rt.Name
	}
	return types, nil
}

// create makes all of the resources or none; they may refer to one another.
func (p *Provider) create(ctx context.Context, c Call, creations []creation) ([]*write, error) {
	pending, err := c.acceptAll(creations)
	if err != nil {
		return nil, err
	}
	var writes []*write
	secrets := newSecrets(p)
	if ctx, err = p.prepare(ctx, c); err != nil {
		return nil, err
	}
	err = p.retry(ctx, c.Account, creations[0].id, func() error {
		writes = nil
		err := p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
			all := newTogether(s, c.Domain, creations)
			for _, cr := range creations {
				w := newWrite(p, c, cr.rt, secrets, Create)
				w.pending, w.together = pending, all
				if err := w.create(ctx, s, cr.id, fixed(cr.body)); err != nil {
					return err
				}
				all.add(w)
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
	return p.change(ctx, c, rt, id, pr.including(rt, inBody(accepted)), &alteration{way: Replace, pre: pre, concerns: everything,
		compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, Along, error) {
			after := keepReadOnly(rt.Root, before, accepted)
			return after, Along{}, rt.CheckImmutable(before, after)
		}})
}

// Patch changes parts of a resource (RFC 7644 section 3.5.2). For a group with
// very many members it answers without a representation, unless pr asks for one.
func (p *Provider) Patch(ctx context.Context, c Call, rt *schema.ResourceType, id string, body scim.Value, pre Precondition, pr Projection) (*Resource, error) {
	ops, err := patch.Parse(rt, body, c.Profile, c.Limits)
	if err != nil {
		return nil, err
	}
	names := inOperations(ops)
	return p.change(ctx, c, rt, id, pr.including(rt, names), &alteration{way: Modify, pre: pre, names: names,
		concerns: func(a *schema.Attribute) ([]string, bool, error) { return patch.Concerns(rt, ops, a, c.Profile) },
		compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, Along, error) {
			after, _, err := patch.Apply(rt, before, ops, c.Profile)
			return after, Along{}, err
		}})
}

// Delete removes a resource (RFC 7644 section 3.6). Groups that it was a member
// of change with it.
func (p *Provider) Delete(ctx context.Context, c Call, rt *schema.ResourceType, id string, pre Precondition) error {
	_, err := p.alter(ctx, c, rt, id, &alteration{way: Remove, pre: pre})
	return err
}

// acceptWhole takes the body of a POST or PUT.
func acceptWhole(rt *schema.ResourceType, body scim.Value, p scim.Profile) (scim.Resource, error) {
	accepted, err := rt.Accept(body, p)
	if err == nil {
		err = rt.Check(accepted)
	}
	return accepted, err
}

// change is the common course of PUT and PATCH.
func (p *Provider) change(ctx context.Context, c Call, rt *schema.ResourceType, id string, pr Projection, a *alteration) (*Resource, error) {
	w, err := p.alter(ctx, c, rt, id, a)
	if err != nil {
		return nil, err
	}
	return w.answer(ctx, pr)
}

// keepReadOnly carries over from the stored resource what the server owns, and
// what the client does not send and may never have seen: what is returned only on
// request or not at all, what is set for good, and an extension in which the
// server owns something, of which the client sends nothing. So a PUT of what a GET
// answered changes nothing, and neither does a client lose what it does not know.
func keepReadOnly(a *schema.Attribute, before, after scim.Value) scim.Value {
	for _, sub := range a.Sub {
		old, sent := before.Get(sub.Name), after.Get(sub.Name)
		switch {
		case old.IsNull():
		case sub.Mutability == schema.ReadOnly,
			sent.IsNull() && (sub.Returned == schema.Never || sub.Returned == schema.Request || sub.Mutability == schema.Immutable),
			sent.IsNull() && sub.IsExtension() && serverOwns(sub),
			sub.Mutability == schema.Immutable && sub.Same(old, sent):
			after = after.With(sub.Name, old)
		case sub.IsComplex() && !sub.MultiValued:
			if kept := keepReadOnly(sub, old, sent); !kept.IsUnassigned() {
				after = after.With(sub.Name, kept)
			}
		}
	}
	return after
}

// serverOwns reports whether clients cannot write some attribute of an extension.
func serverOwns(extension *schema.Attribute) bool {
	return slices.ContainsFunc(extension.Sub, func(a *schema.Attribute) bool { return a.Mutability == schema.ReadOnly })
}
