package provider

import (
	"context"

	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

// remove states the removal of a resource as a batch. A rule may keep something
// of it.
func (w *write) remove(ctx context.Context, s storage.Snapshot, d *storage.Document) error {
	before := query.Resource(d) // decoded once, for the copy too
	w.doc = *d
	w.guard(storage.AtRevision{ID: d.ID, Revision: d.Revision})
	c := w.describe(before, scim.Resource{})
	if err := w.p.derive(ctx, s, c); err != nil {
		return err
	}
	stamp := storage.Stamp{Version: newVersion(), Modified: w.modified()}
	if c.After.IsNull() {
		w.batch.Deletes = []storage.Delete{{ID: d.ID, Neighbours: &stamp}}
	} else {
		w.batch.Puts = []storage.Put{{
			Document: storage.Document{Type: Removed(w.rt.Name), ID: d.ID, Created: d.Created,
				Version: stamp.Version, Modified: stamp.Modified, Body: w.stored(c.After).AppendJSON(nil)},
			DropEdges: true, Neighbours: &stamp,
		}}
	}
	return w.judge(ctx, s, c)
}

// purge states the end of what was kept of a resource as a batch.
func (w *write) purge(ctx context.Context, s storage.Snapshot, d *storage.Document) error {
	before := query.Resource(d) // decoded once, for the copy too
	w.doc = *d
	w.guard(storage.AtRevision{ID: d.ID, Revision: d.Revision})
	w.batch.Deletes = []storage.Delete{{ID: d.ID}}
	return w.judge(ctx, s, w.describe(before, scim.Resource{}))
}
