package provider

import (
	"context"
	"errors"

	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

// together is the snapshot that rules see while resources are created that refer
// to one another in a circle, and so in one batch: those resources are there, as
// far as they are known, and the counters are where the batch will leave them. A
// document of such a resource has no revision yet. Queries and claims do not know
// of them.
type together struct {
	storage.Snapshot
	documents map[string]*storage.Document
	counters  map[string]int64 // steps
}

// newTogether has the resources as they were sent. It is nil for one alone.
func newTogether(s storage.Snapshot, domain string, creations []creation) *together {
	if len(creations) == 1 {
		return nil
	}
	t := &together{Snapshot: s, documents: map[string]*storage.Document{}, counters: map[string]int64{}}
	for _, cr := range creations {
		created, _ := storage.IDTime(cr.id)
		body := query.FromDomain(domain, scim.Resource{}, cr.body)
		t.documents[cr.id] = &storage.Document{Type: cr.rt.Name, ID: cr.id, Created: created, Modified: created, Body: body.AppendJSON(nil)}
	}
	return t
}

// add takes up a resource as it will be stored, and what goes with it.
func (t *together) add(w *write) {
	if t == nil {
		return
	}
	for i := range w.batch.Puts {
		d := w.batch.Puts[i].Document
		t.documents[d.ID] = &d
	}
	t.step(w.batch.Effects)
	for i := range w.batch.Edges {
		t.step(w.batch.Edges[i].IfChanged)
	}
}

func (t *together) step(e storage.Effects) {
	for _, step := range e.Counters {
		t.counters[step.Name] += step.Delta
	}
}

func (t *together) Get(ctx context.Context, id string) (*storage.Document, error) {
	if d := t.documents[id]; d != nil {
		return d, nil
	}
	return t.Snapshot.Get(ctx, id)
}

func (t *together) GetMany(ctx context.Context, ids []string) ([]*storage.Document, error) {
	var found []*storage.Document
	for _, id := range ids {
		d, err := t.Get(ctx, id)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}

func (t *together) Counter(ctx context.Context, name string) (int64, error) {
	n, err := t.Snapshot.Counter(ctx, name)
	return n + t.counters[name], err
}
