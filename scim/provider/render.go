package provider

import (
	"bytes"
	"context"
	"net/url"
	"slices"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Resource is a resource as it is answered.
type Resource struct {
	ID       string
	Location string
	ETag     string
	// JSON is the representation; nil where the use case answers without one.
	JSON []byte
}

// location is the URL of a resource.
func (c Call) location(rt *schema.ResourceType, id string) string {
	return c.Base + rt.Endpoint + "/" + url.PathEscape(id)
}

// locate finds resources by type and id.
func (p *Provider) locate(c Call) query.Locate {
	return func(typeName, id string) string {
		if rt := p.byName[typeName]; rt != nil {
			return c.location(rt, id)
		}
		return ""
	}
}

// render represents a document in the answer to a call. The stored bytes are the
// served ones, with the linked attributes and `meta` spliced in at the end, unless
// attributes have to be left out or made.
func (p *Provider) render(ctx context.Context, s storage.Snapshot, c Call, rt *schema.ResourceType, d *storage.Document, pr Projection) (*Resource, error) {
	r := &Resource{ID: d.ID, Location: c.location(rt, d.ID), ETag: query.ETag(d.Version)}
	if as := p.representation(c.Profile, rt); as != nil {
		return r, p.represent(ctx, s, c, rt, d, as, r)
	}
	if pr.IsDefault() && rt.Plain(d.Body) && c.seesAll(d.Body) {
		linked, err := p.linked(ctx, s, c, rt, d, pr)
		if err != nil {
			return nil, err
		}
		meta := query.Meta(d).With("location", scim.StringValue(r.Location))
		r.JSON = splice(d.Body, append(linked, scim.Member{Name: "meta", Value: meta}))
		return r, nil
	}
	tree, err := p.tree(ctx, s, c, rt, d, pr)
	if err != nil {
		return nil, err
	}
	r.JSON = tree.AppendJSON(make([]byte, 0, len(d.Body)))
	return r, nil
}

// tree is the representation of a document as a value.
func (p *Provider) tree(ctx context.Context, s storage.Snapshot, c Call, rt *schema.ResourceType, d *storage.Document, pr Projection) (scim.Resource, error) {
	linked, err := p.linked(ctx, s, c, rt, d, pr)
	if err != nil {
		return scim.Resource{}, err
	}
	tree := query.InDomain(c.Domain, query.Resource(d))
	if len(linked) > 0 {
		tree = tree.With("meta", scim.Value{}) // comes last
	}
	for _, m := range linked {
		tree = tree.With(m.Name, m.Value)
	}
	tree = tree.With("meta", c.meta(rt, d))
	if tree, err = p.complete(ctx, s, c, d, tree, pr.wanted(rt, tree)); err != nil {
		return tree, err
	}
	return rt.WithSchemas(pr.Apply(rt, tree)), nil // of what is there (RFC 7643 section 3)
}

// seesAll reports whether a stored representation that is Plain is what clients of
// the call's domain see: that there is no external id in it that is not theirs.
func (c Call) seesAll(stored []byte) bool {
	return c.Domain == "" || !bytes.Contains(stored, []byte(`"externalId":`))
}

// splice adds members to the JSON text of a non-empty object.
func splice(body []byte, members []scim.Member) []byte {
	out := make([]byte, 0, len(body)+512)
	out = append(out, body...)
	out = scim.ObjectValue(members...).AppendJSON(out[:len(body)-1])
	out[len(body)-1] = ','
	return out
}

// linked reads the attributes that are edges, as far as the answer wants them.
func (p *Provider) linked(ctx context.Context, s storage.Snapshot, c Call, rt *schema.ResourceType, d *storage.Document, pr Projection) ([]scim.Member, error) {
	var members []scim.Member
	for _, a := range rt.Linked() {
		if !pr.Wants(a) {
			continue
		}
		elements, err := p.elements(ctx, s, c, a, d.ID)
		if err != nil {
			return nil, err
		}
		if len(elements) > 0 {
			members = append(members, scim.Member{Name: a.Name, Value: scim.ArrayValue(elements...)})
		}
	}
	return members, nil
}

// elements lists the elements of a linked attribute, each with its `$ref`.
func (p *Provider) elements(ctx context.Context, s storage.Snapshot, c Call, a *schema.Attribute, id string) ([]scim.Value, error) {
	if a.Derived != "" {
		elements, err := query.Derived(ctx, s, a, id, c.Limits.GroupClosure)
		for i, e := range elements {
			elements[i] = p.locate(c).WithReference(a, e)
		}
		return elements, err
	}
	edges, err := s.Edges(ctx, a.Edge, storage.Outbound, id, "", 0)
	elements := make([]scim.Value, len(edges))
	for i := range edges {
		elements[i] = p.locate(c).WithReference(a, query.EdgeElement(&edges[i]))
	}
	return elements, err
}

// List is an answer to a query (RFC 7644 section 3.4.2).
type List struct {
	Total      int
	Paged      bool // by index: StartIndex is told
	StartIndex int
	Resources  []*Resource
	// Next and Previous are cursors (RFC 9865), "" where there is none.
	Next, Previous string
	Checked        int  // documents read to decide, for the log
	short          bool // the bodies were too large for more
}

// maxListBytes bounds the representations of one page: a page whose resources
// are larger, groups with very many members say, ends early. A client goes on
// behind the last one that it got.
const maxListBytes = 8 << 20

// maxSkippedBytes bounds what a sorted query over several types reads to skip.
// Cursors skip nothing.
const maxSkippedBytes = 64 << 20

// AppendJSON appends the ListResponse.
func (l *List) AppendJSON(dst []byte) []byte {
	v := scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(scim.MessageListResponse))},
		scim.Member{Name: "totalResults", Value: scim.IntValue(l.Total)},
		scim.Member{Name: "itemsPerPage", Value: scim.IntValue(len(l.Resources))},
	)
	if l.Paged {
		v = v.With("startIndex", scim.IntValue(l.StartIndex))
	}
	if l.Previous != "" {
		v = v.With("previousCursor", scim.StringValue(l.Previous))
	}
	if l.Next != "" {
		v = v.With("nextCursor", scim.StringValue(l.Next))
	}
	head := v.AppendJSON(dst)
	size := len(`,"Resources":[]}`)
	for _, r := range l.Resources {
		size += len(r.JSON) + 1
	}
	dst = append(slices.Grow(head[:len(head)-1], size), `,"Resources":[`...)
	for i, r := range l.Resources {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, r.JSON...)
	}
	return append(dst, "]}"...)
}
