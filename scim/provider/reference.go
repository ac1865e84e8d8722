package provider

import (
	"context"
	"errors"
	"net/url"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// references sets the `$ref` of single values, such as a manager, to where their
// `value` leads; one that leads nowhere has none. What a client sent there is
// dropped: it could name anything. Those of edges are made when they are
// answered. Stored references are relative, as in the examples of RFC 7643
// section 8, so that they stay right wherever the server is reached.
func (w *write) references(ctx context.Context, s storage.Snapshot, r scim.Resource) (scim.Resource, error) {
	var fault error
	set := func(typeName, id string) string {
		rt := w.p.byName[typeName]
		if rt == nil {
			return ""
		}
		there, err := w.isThere(ctx, s, rt, id)
		if fault = errors.Join(fault, err); !there {
			return ""
		}
		return ".." + rt.Endpoint + "/" + url.PathEscape(id)
	}
	r = withReferences(w.rt.Root, r, set)
	return r, fault
}

func (w *write) isThere(ctx context.Context, s storage.Snapshot, rt *schema.ResourceType, id string) (bool, error) {
	if w.pending[id] == rt.Name || id == w.doc.ID && w.rt == rt {
		return true, nil
	}
	d, err := s.Get(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil && d.Type == rt.Name, err
}

func withReferences(a *schema.Attribute, v scim.Value, locate query.Locate) scim.Value {
	for _, sub := range a.Sub {
		member := v.Get(sub.Name)
		if !sub.IsComplex() || sub.MultiValued || member.IsNull() {
			continue
		}
		next := withReferences(sub, member, locate)
		if ref := sub.SubAttribute("$ref"); ref != nil && ref.Mutability == schema.ReadOnly {
			if next = next.With(ref.Name, scim.Value{}); !next.Get("value").IsNull() {
				next = locate.WithReference(sub, next)
			}
		}
		v = v.With(sub.Name, next)
	}
	return v
}
