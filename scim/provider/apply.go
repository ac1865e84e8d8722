package provider

import (
	"context"
	"errors"
	"net/http"

	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

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
	err := p.Commit(ctx, c.Account, all)
	if errors.Is(err, storage.ErrNotFound) {
		return scim.NotFound(writes[0].rt.Name, writes[0].doc.ID)
	}
	return err
}

// ErrAccountDeleted: the account was deleted while the request was under way. It is a
// 404, as for all that was in it.
var ErrAccountDeleted = scim.Errorf(http.StatusNotFound, "", "the account was deleted")

// Commit applies a batch for which there is no use case, such as one of counters
// and side records alone. It fails as the store does, and with ErrAccountDeleted.
func (p *Provider) Commit(ctx context.Context, account Account, b storage.Batch) error {
	_, err := p.Store.Apply(ctx, account, b)
	if err == nil && len(b.Enqueue) > 0 {
		p.Enqueued(account)
	}
	if errors.Is(err, storage.ErrErased) {
		return ErrAccountDeleted
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
