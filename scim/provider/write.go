package provider

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

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

// checkClaims tells early of a value that is taken, where finding it out at the
// commit would first cost the hash of a password.
func (w *write) checkClaims(ctx context.Context, s storage.Snapshot) error {
	if len(w.fresh) == 0 || len(w.batch.Puts) == 0 {
		return nil
	}
	for _, claim := range w.batch.Puts[0].Claims {
		owner, err := s.Owner(ctx, claim.Attribute, claim.Value)
		switch {
		case errors.Is(err, storage.ErrNotFound) || owner == w.doc.ID && err == nil:
		case err != nil:
			return err
		default:
			return &storage.ConflictError{Guard: claim}
		}
	}
	return nil
}

func (w *write) guard(g ...storage.Guard) { w.batch.Guards = append(w.batch.Guards, g...) }

// newVersion mints an opaque version of 12 characters.
func newVersion() string {
	var b [9]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

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
	return w.build(ctx, s, scim.Resource{}, after, links)
}

func (w *write) change(ctx context.Context, s storage.Snapshot, d *storage.Document, a *alteration) error {
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
	after, extra, err := a.compute(ctx, s, d, before)
	if err != nil {
		return err
	}
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

// stored is the part of a resource that the document's body holds: `schemas`
// and `id` first, no `meta`, nothing that is kept as edges.
func (w *write) stored(r scim.Resource) scim.Resource {
	r = w.rt.WithSchemas(r)
	members := make([]scim.Member, 0, r.Len()+1)
	for name, v := range r.Members() {
		a := w.rt.Root.SubAttribute(name)
		if name == "id" || name == "meta" || a == nil || a.Edge != "" || a.Derived != "" {
			continue
		}
		members = append(members, scim.Member{Name: name, Value: v})
		if name == "schemas" {
			members = append(members, scim.Member{Name: "id", Value: scim.StringValue(w.doc.ID)})
		}
	}
	return scim.ObjectValue(members...)
}

// store writes the document if its body or a secret changed, and else touches
// it if an edge did.
func (w *write) store(body scim.Resource, rewrite bool) error {
	w.version = newVersion()
	stamp := storage.Stamp{Version: w.version, Modified: w.modified()}
	if rewrite || w.base.IsNull() || len(w.fresh) > 0 || !body.Equal(w.stored(w.base)) {
		if w.way != Create {
			w.guard(storage.AtRevision{ID: w.doc.ID, Revision: w.doc.Revision})
		}
		w.batch.Puts = []storage.Put{{Document: storage.Document{
			Type: w.rt.Name, ID: w.doc.ID, Created: w.doc.Created, Version: stamp.Version, Modified: stamp.Modified,
			Claims: w.claims(body), Body: body.AppendJSON(nil),
		}}}
		return w.checkSize(body)
	}
	for i := range w.batch.Edges {
		w.batch.Edges[i].IfChanged.Touches = []storage.Touch{{ID: w.doc.ID, Stamp: stamp}}
	}
	return nil
}

// checkSize keeps resources within the account's limits, also those that grow
// by many small changes: the server reads and writes them whole.
func (w *write) checkSize(body scim.Resource) error {
	if n, most := len(w.batch.Puts[0].Body), w.call.Limits.Resource; n > most {
		return scim.Errorf(http.StatusRequestEntityTooLarge, "", "the resource would have %d bytes; at most %d are allowed", n, most)
	}
	for _, a := range w.rt.All {
		if !a.MultiValued {
			continue
		}
		n := 0
		a.Values(w.rt.Root, body, func(scim.Value) bool { n++; return true })
		if n > w.call.Limits.Elements {
			return scim.BadRequest(scim.InvalidValue, "attribute %s would have %d values; at most %d are allowed", a.Path(), n, w.call.Limits.Elements)
		}
	}
	return nil
}

// modified is the time of this change: that of creation for a new resource, so
// that lastModified equals created, and never before the last one.
func (w *write) modified() time.Time {
	if w.doc.Version == "" {
		return w.doc.Created
	}
	if now := w.p.now(); now.After(w.doc.Modified) {
		return now
	}
	return w.doc.Modified
}

// claims lists the unique values of a resource. `id` is unique by its minting.
func (w *write) claims(r scim.Resource) []storage.Claim {
	var claims []storage.Claim
	for _, a := range w.rt.All {
		if !a.Unique(w.call.Profile) || a.Path() == "id" {
			continue
		}
		a.Values(w.rt.Root, r, func(v scim.Value) bool {
			if n, ok := a.Normal(v); ok {
				claims = append(claims, storage.Claim{Attribute: w.rt.IndexName(a), Value: []byte(n)})
			}
			return true
		})
	}
	return claims
}

// apply makes the changes in one batch. It hashes their secrets first, outside
// of any snapshot because that takes long.
func (p *Provider) apply(ctx context.Context, c Call, writes ...*write) error {
	var all storage.Batch
	for _, w := range writes {
		sides, err := w.secrets.hash(ctx, w.doc.ID, w.fresh)
		if err != nil {
			return err
		}
		all.Guards = append(all.Guards, w.batch.Guards...)
		all.Puts = append(all.Puts, w.batch.Puts...)
		all.Deletes = append(all.Deletes, w.batch.Deletes...)
		all.Edges = append(all.Edges, w.batch.Edges...)
		all.Sides = append(append(all.Sides, w.batch.Sides...), sides...)
		all.Enqueue = append(all.Enqueue, w.batch.Enqueue...)
		all.Dequeue = append(all.Dequeue, w.batch.Dequeue...)
		addEffects(&all.Effects, w.batch.Effects)
	}
	_, err := p.Store.Apply(ctx, c.Account, all)
	if err == nil && len(all.Enqueue) > 0 {
		p.Enqueued(c.Account)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return scim.NotFound(writes[0].rt.Name, writes[0].doc.ID)
	}
	return err
}

// answer represents the resource as it is now. One that somebody removed in the
// meantime was there when the change was made, but there is nothing to show.
func (w *write) answer(ctx context.Context, pr Projection) (*Resource, error) {
	var r *Resource
	err := w.p.Store.View(ctx, w.call.Account, func(s storage.Snapshot) error {
		d, err := document(ctx, s, w.rt, w.doc.ID)
		if err != nil {
			return err
		}
		if large, err := w.tooLarge(ctx, s, pr); large || err != nil {
			r = &Resource{ID: d.ID, Location: w.call.location(w.rt, d.ID), ETag: query.ETag(d.Version)}
			return err
		}
		r, err = w.p.render(ctx, s, w.call, w.rt, d, pr)
		return err
	})
	return r, err
}

// tooLarge reports whether a PATCH answers without a representation because of
// the number of elements that it would hold.
func (w *write) tooLarge(ctx context.Context, s storage.Snapshot, pr Projection) (bool, error) {
	if w.way != Modify || !pr.IsDefault() {
		return false, nil
	}
	for _, a := range w.rt.Linked() {
		if a.Edge == "" {
			continue
		}
		n, err := s.CountEdges(ctx, a.Edge, storage.Outbound, w.doc.ID)
		if err != nil || n > w.call.Limits.MembersPerBody {
			return true, err
		}
	}
	return false, nil
}
