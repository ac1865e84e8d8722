package provider

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"roster/scim"
	"roster/storage"
)

// stored is the part of a resource that the document's body holds: `schemas`
// and `id` first, no `meta`, nothing that is kept as edges.
func (w *write) stored(r scim.Resource) scim.Resource {
	r = w.rt.WithSchemas(r)
	members := make([]scim.Member, 0, r.Len()+1)
	for name, v := range r.Members() {
		a := w.rt.At(name)
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

// newVersion mints an opaque version of 12 characters.
func newVersion() string {
	var b [9]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
