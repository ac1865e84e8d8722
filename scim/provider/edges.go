package provider

import (
	"context"
	"slices"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// link is an edge attribute of a resource that is being changed, with those of
// its elements that the change depends on.
type link struct {
	attribute *schema.Attribute
	edges     []storage.Edge
}

// list is the link as the attribute's value.
func (l *link) list(locate query.Locate) scim.Value {
	elements := make([]scim.Value, len(l.edges))
	for i := range l.edges {
		elements[i] = locate.WithReference(l.attribute, query.EdgeElement(&l.edges[i]))
	}
	if len(elements) == 0 {
		return scim.Value{}
	}
	return scim.ArrayValue(elements...)
}

// load reads the elements that the change depends on. Where these are all, the
// resource's version is guarded, because it moves with every membership; where
// they are only some, the change is right whatever happens to the others.
func (w *write) load(ctx context.Context, s storage.Snapshot, concerns func(*schema.Attribute) ([]string, bool, error)) ([]*link, error) {
	var links []*link
	for _, a := range w.rt.Linked() {
		if a.Edge == "" {
			continue
		}
		ids, all, err := concerns(a)
		if err != nil {
			return nil, err
		}
		l := &link{attribute: a}
		if all {
			w.guard(storage.AtVersion{ID: w.doc.ID, Version: w.doc.Version})
			l.edges, err = s.Edges(ctx, a.Edge, storage.Outbound, w.doc.ID, "", 0)
		} else if len(ids) > 0 {
			l.edges, err = s.GetEdges(ctx, a.Edge, w.doc.ID, ids)
		}
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	return links, nil
}

// edges adds the difference between the link and the elements that shall be to
// the batch.
func (w *write) edges(ctx context.Context, s storage.Snapshot, l *link, after scim.Value) error {
	old := make(map[string]storage.Edge, len(l.edges))
	for _, e := range l.edges {
		old[e.To] = e
	}
	wanted := make(map[string]scim.Value, after.Len())
	var added []string
	for _, element := range after.Elements() {
		id := element.Get("value").Text()
		if id == "" {
			return scim.BadRequest(scim.InvalidValue, "each element of %s needs a value, the id of a resource", l.attribute.Path())
		}
		if _, again := wanted[id]; !again {
			added = append(added, id)
		}
		wanted[id] = element
	}
	for _, e := range l.edges {
		if _, kept := wanted[e.To]; !kept {
			w.edgeChange().Remove = append(w.edgeChange().Remove, e)
		}
	}
	added = slices.DeleteFunc(added, func(id string) bool {
		e, there := old[id]
		return there && sameDisplay(query.EdgeElement(&e), wanted[id])
	})
	types, err := w.targets(ctx, s, l.attribute, added)
	if err != nil {
		return err
	}
	for _, id := range added {
		w.edgeChange().Add = append(w.edgeChange().Add, storage.Edge{Kind: l.attribute.Edge, From: w.doc.ID, To: id, Data: edgeData(wanted[id], types[id])})
	}
	return nil
}

// edgeChange is the one that the edges of all attributes are in, so that what
// follows from it happens once.
func (w *write) edgeChange() *storage.EdgeChange {
	if len(w.batch.Edges) == 0 {
		w.batch.Edges = make([]storage.EdgeChange, 1)
	}
	return &w.batch.Edges[0]
}

// sameDisplay compares what the client may say of an element: all but `value`,
// `type` and `$ref`, which are the server's (RFC 7643 section 4.2).
func sameDisplay(old, now scim.Value) bool {
	return clientsPart(old).Equal(clientsPart(now))
}

func clientsPart(element scim.Value) scim.Value {
	return element.With("value", scim.Value{}).With("$ref", scim.Value{}).With("type", scim.Value{})
}

// edgeData is what an edge keeps of an element.
func edgeData(element scim.Value, typeName string) []byte {
	data := clientsPart(element)
	if typeName != "" {
		data = data.With("type", scim.StringValue(typeName))
	}
	return data.AppendJSON(nil)
}

// targets finds the resource types of referenced ids and guards that they stay.
// One that is not there, or of a type that the attribute does not refer to, is
// refused, unless the profile accepts it.
func (w *write) targets(ctx context.Context, s storage.Snapshot, a *schema.Attribute, ids []string) (map[string]string, error) {
	found, err := s.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	var allowed []string
	if ref := a.SubAttribute("$ref"); ref != nil {
		allowed = ref.ReferenceTypes
	}
	types := make(map[string]string, len(found))
	for _, d := range found {
		if len(allowed) == 0 || slices.Contains(allowed, d.Type) {
			types[d.ID] = d.Type
			w.guard(storage.Exists{ID: d.ID, Types: allowed})
		}
	}
	for _, id := range ids {
		if t := w.pending[id]; t != "" && (len(allowed) == 0 || slices.Contains(allowed, t)) {
			types[id] = t
		}
		if types[id] == "" && !w.call.Profile.UnknownReferences {
			return nil, unknownReference(id)
		}
	}
	return types, nil
}
