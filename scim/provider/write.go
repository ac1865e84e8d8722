package provider

import (
	"context"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// write is one attempt at a change of one resource.
type write struct {
	p        *Provider
	call     Call
	rt       *schema.ResourceType
	secrets  *secrets
	way      Way
	action   string
	doc      storage.Document
	base     scim.Resource // as it is stored, null if it is not there or out of sight
	batch    storage.Batch
	extra    Along // of an edit, applied in any case
	fresh    []newSecret
	version  string            // that the change gives the resource
	pending  map[string]string // types by id of what the same batch creates
	together *together         // what rules see of a creation with others; nil for one alone
	changed  bool
}

func newWrite(p *Provider, c Call, rt *schema.ResourceType, s *secrets, way Way) *write {
	return &write{p: p, call: c, rt: rt, secrets: s, way: way}
}

func (w *write) guard(g ...storage.Guard) { w.batch.Guards = append(w.batch.Guards, g...) }

func (w *write) create(ctx context.Context, s storage.Snapshot, id string, compute compute) error {
	created, _ := storage.IDTime(id)
	w.doc = storage.Document{Type: w.rt.Name, ID: id, Created: created, Modified: created}
	w.guard(storage.Absent{ID: id})
	links, err := w.load(ctx, s, nothing)
	if err != nil {
		return err
	}
	after, extra, err := compute(ctx, s, nil, scim.Resource{})
	if err != nil {
		return err
	}
	w.extra = extra
	return w.build(ctx, s, scim.Resource{}, query.FromDomain(w.call.Domain, scim.Resource{}, after), links)
}

func (w *write) change(ctx context.Context, s storage.Snapshot, d *storage.Document, a *alteration) error {
	query.Resource(d) // decoded once, for the copy too
	w.doc = *d
	w.doc.Type = w.rt.Name
	links, err := w.load(ctx, s, a.concerns)
	if err != nil {
		return err
	}
	before, err := w.before(ctx, s, d, a)
	if err != nil {
		return err
	}
	for _, l := range links {
		before = before.With(l.attribute.Name, l.list(w.p.locate(w.call)))
	}
	after, extra, err := a.compute(ctx, s, d, query.InDomain(w.call.Domain, before))
	if err != nil {
		return err
	}
	after = query.FromDomain(w.call.Domain, before, after)
	if w.extra = extra; a.names != nil {
		after = w.uncomplete(after)
	}
	return w.build(ctx, s, before, after, links)
}

// before is the resource that a change starts from. What works on parts of it
// sees that there are secrets, and the computed attributes that it names.
func (w *write) before(ctx context.Context, s storage.Snapshot, d *storage.Document, a *alteration) (scim.Resource, error) {
	before := query.Resource(d)
	if w.way != Restore { // nothing of what was kept counts as there
		w.base = before
	}
	if w.way != Modify {
		return before, nil
	}
	before, err := w.showSecrets(ctx, s, before)
	if err != nil || a.names == nil {
		return before, err
	}
	var named []*schema.Attribute
	for _, attribute := range w.rt.Computed() {
		if a.names(attribute) {
			named = append(named, attribute)
		}
	}
	return w.p.complete(ctx, s, w.call, d, before, named)
}

// describe is the change as rules see it.
func (w *write) describe(before, after scim.Resource) *Change {
	c := &Change{Call: w.call, Type: w.rt, ID: w.doc.ID, Way: w.way, Action: w.action, Before: before, After: after}
	if w.way != Create {
		d := w.doc
		c.Document = &d
	}
	return c
}

// build turns the resource as it shall be into a batch; before is null for a
// creation.
func (w *write) build(ctx context.Context, s storage.Snapshot, before, after scim.Resource, links []*link) (err error) {
	c := w.describe(before, after)
	if err := w.p.derive(ctx, w.seen(s), c); err != nil {
		return err
	}
	if after = c.After; w.way == Restore {
		before = scim.Resource{} // nothing of what was kept counts as there
	}
	if err := w.checkGrants(ctx, s, before, after); err != nil {
		return err
	}
	if err := w.checkExists(ctx, s, before, after); err != nil {
		return err
	}
	for _, l := range links {
		if err := w.edges(ctx, s, l, after.Get(l.attribute.Name)); err != nil {
			return err
		}
	}
	if after, w.fresh, err = takeSecrets(w.rt, before, after); err != nil {
		return err
	}
	if after, err = w.references(ctx, s, after); err != nil {
		return err
	}
	if err := w.store(w.stored(after), c.Rewrite || w.extra.Rewrite); err != nil {
		return err
	}
	c.After = after
	for _, secret := range w.fresh {
		c.Secrets = append(c.Secrets, secret.attribute.Path())
	}
	if err := w.judge(ctx, s, c); err != nil {
		return err
	}
	return w.checkClaims(ctx, s)
}

// seen is what the rules see of the snapshot.
func (w *write) seen(s storage.Snapshot) storage.Snapshot {
	if w.together != nil {
		return w.together
	}
	return s
}

// judge lets the rules check the change that the batch makes, and takes up what
// goes with it.
func (w *write) judge(ctx context.Context, s storage.Snapshot, c *Change) error {
	b := &w.batch
	w.changed = len(b.Puts)+len(b.Deletes)+len(b.Edges) > 0 || !w.extra.isEmpty()
	c.Changed, c.Edges = w.changed, b.Edges
	if err := w.p.check(ctx, w.seen(s), c); err != nil || !w.changed {
		return err
	}
	certain := len(b.Puts)+len(b.Deletes) > 0 || !w.extra.isEmpty()
	w.take(w.extra, true)
	w.take(c.Along, certain)
	return nil
}

// take adds what goes along to the batch. The effects of a change of edges alone
// happen only if some edge really changes.
func (w *write) take(a Along, certain bool) {
	b := &w.batch
	b.Guards = append(b.Guards, a.Guards...)
	b.Sides = append(b.Sides, a.Sides...)
	b.Enqueue = append(b.Enqueue, a.Enqueue...)
	b.Dequeue = append(b.Dequeue, a.Dequeue...)
	for i := range b.Puts {
		b.Puts[i].Claims = append(b.Puts[i].Claims, a.Claims...)
	}
	if certain {
		addEffects(&b.Effects, a.Effects)
		return
	}
	for i := range b.Edges {
		addEffects(&b.Edges[i].IfChanged, a.Effects)
	}
}

func addEffects(to *storage.Effects, e storage.Effects) {
	to.Touches = append(to.Touches, e.Touches...)
	to.Counters = append(to.Counters, e.Counters...)
	to.Events = append(to.Events, e.Events...)
}
