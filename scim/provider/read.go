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

// Get returns a resource, or a 404.
func (p *Provider) Get(ctx context.Context, c Call, rt *schema.ResourceType, id string, pr Projection) (r *Resource, err error) {
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		d, err := document(ctx, s, rt, id)
		if err != nil {
			return err
		}
		r, err = p.render(ctx, s, c, rt, d, pr)
		return err
	})
	return r, tooMany(err)
}

// ListRequest is a query on one resource type, as it was sent.
type ListRequest struct {
	Filter, SortBy string // "" if not asked for
	Descending     bool
	StartIndex     int
	Count          int // negative counts as 0
	Projection     Projection
}

// List answers a query.
func (p *Provider) List(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (*List, error) {
	q, err := p.compile(ctx, c, rt, req)
	if err != nil {
		return nil, err
	}
	list := &List{StartIndex: max(req.StartIndex, 1)}
	err = p.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, q)
		if err != nil {
			return err
		}
		list.Total, list.Checked = page.Total, page.Checked
		size := 0
		for _, d := range page.Documents {
			r, err := p.render(ctx, s, c, rt, d, req.Projection)
			if err != nil {
				return err
			}
			if size += len(r.JSON); size > maxListBytes && len(list.Resources) > 0 {
				return nil
			}
			list.Resources = append(list.Resources, r)
		}
		return nil
	})
	return list, tooMany(err)
}

// Explain prints how the store would answer a query, if the engine can tell.
func (p *Provider) Explain(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (string, error) {
	q, err := p.compile(ctx, c, rt, req)
	if err != nil {
		return "", err
	}
	if e, ok := p.Store.(storage.Explainer); ok {
		return e.Explain(ctx, c.Account, q)
	}
	return "", nil
}

func (p *Provider) compile(ctx context.Context, c Call, rt *schema.ResourceType, req ListRequest) (storage.Query, error) {
	bound := query.Request{Descending: req.Descending, StartIndex: req.StartIndex, Count: req.Count, Locate: p.locate(c)}
	if req.Filter != "" {
		expression, err := filter.Parse(req.Filter, c.Limits)
		if err != nil {
			return storage.Query{}, err
		}
		if bound.Filter, err = filter.Bind(rt, expression, c.Profile); err != nil {
			return storage.Query{}, err
		}
	}
	if req.SortBy != "" {
		a, err := query.SortAttribute(rt, req.SortBy, c.Profile)
		if err != nil {
			return storage.Query{}, err
		}
		bound.SortBy = a
	}
	return query.Compile(ctx, rt, bound, c.Limits), nil
}

// tooMany tells the client of a query that would read too much (RFC 7644
// section 3.4.2).
func tooMany(err error) error {
	if errors.Is(err, storage.ErrTooMany) {
		return scim.BadRequest(scim.TooMany, "the request would need more resources read than is allowed; narrow the filter to attributes such as userName, externalId or emails.value")
	}
	return err
}
