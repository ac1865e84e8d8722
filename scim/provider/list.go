package provider

import (
	"context"
	"errors"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// ListRequest is a query, as it was sent.
type ListRequest struct {
	Filter, SortBy string // "" if not asked for
	Descending     bool
	StartIndex     int     // from 1; less counts as 1
	Count          int     // negative counts as 0
	Cursor         *string // RFC 9865: "" for the first page; nil pages by StartIndex
	// Attributes and Excluded are the parameters attributes and
	// excludedAttributes.
	Attributes, Excluded []string
}

// List answers a query on resources of the given types: all of one endpoint, or
// those of the server for a query on its root (RFC 7644 section 3.4.2.1), which
// lists one type behind the other unless it is sorted. An attribute that a type
// does not have is one without value there.
func (p *Provider) List(ctx context.Context, c Call, types []*schema.ResourceType, req ListRequest) (*List, error) {
	w, err := p.newWalk(ctx, c, types, req)
	if err != nil {
		return nil, err
	}
	var list *List
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) (err error) {
		list, err = w.read(ctx, s)
		return err
	})
	return list, tooMany(err)
}

// Explain prints how the store would answer a query, if the engine can tell.
func (p *Provider) Explain(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (string, error) {
	w, err := p.newWalk(ctx, c, []*schema.ResourceType{rt}, req)
	if err != nil {
		return "", err
	}
	if e, ok := p.Store.(storage.Explainer); ok {
		return e.Explain(ctx, c.Account, w.parts[0].query)
	}
	return "", nil
}

// newWalk binds a query to each of the types.
func (p *Provider) newWalk(ctx context.Context, c Call, types []*schema.ResourceType, req ListRequest) (*walk, error) {
	req.Count = max(req.Count, 0)
	w := &walk{Provider: p, call: c, req: req, count: min(req.Count, c.Limits.MaxPageSize), offset: max(req.StartIndex, 1) - 1}
	if req.Cursor != nil {
		w.offset = 0
		if err := w.open(*req.Cursor, types); err != nil {
			return nil, err
		}
	}
	bound, err := bindFilter(types, req.Filter, c)
	if err != nil {
		return nil, err
	}
	sortable := 0
	for i, rt := range types {
		part := &part{rt: rt}
		request := query.Request{Filter: bound[i], Descending: req.Descending, Domain: c.Domain, Locate: p.locate(c)}
		request.Complete = func(ctx context.Context, s storage.Snapshot, d *storage.Document, r scim.Resource, computed []*schema.Attribute) (scim.Resource, error) {
			return p.complete(ctx, s, c, d, r, computed)
		}
		if req.SortBy != "" {
			if request.SortBy, err = query.SortAttribute(rt, req.SortBy, c.Profile); err == nil {
				sortable++
			} else if !errors.Is(err, schema.ErrUnknownAttribute) || i == len(types)-1 && sortable == 0 {
				return nil, err
			}
		}
		if part.projection, err = ParseProjection(rt, c.Profile, req.Attributes, req.Excluded); err != nil {
			return nil, err
		}
		part.query = query.Compile(ctx, rt, request, c.Limits)
		w.parts = append(w.parts, part)
	}
	w.turn()
	return w, nil
}

// bindFilter binds a filter to each of the types.
func bindFilter(types []*schema.ResourceType, text string, c Call) ([]filter.Node, error) {
	bound := make([]filter.Node, len(types))
	if text == "" {
		return bound, nil
	}
	expression, err := filter.Parse(text, c.Limits)
	if err != nil {
		return nil, err
	}
	for i, rt := range types {
		if bound[i], err = filter.Bind(rt, expression, c.Profile, types...); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

// tooMany tells the client of a query that would read too much (RFC 7644
// section 3.4.2).
func tooMany(err error) error {
	if errors.Is(err, storage.ErrTooMany) {
		return scim.BadRequest(scim.TooMany, "the request would need more resources read than is allowed; narrow the filter to attributes such as userName, externalId or emails.value")
	}
	return err
}
