package server

import (
	"net/http"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim/provider"
	"roster/scim/schema"
)

// typeOperations are those of one resource type (RFC 7644 section 3.2).
func (s *server) typeOperations(rt *schema.ResourceType) []operation {
	one := rt.Endpoint + "/{id}"
	of := func(operation func(*request, *schema.ResourceType) error) func(*request) error {
		return func(q *request) error { return operation(q, rt) }
	}
	name := func(verb string) string { return verb + " " + rt.Name }
	return []operation{
		{http.MethodGet, rt.Endpoint, auth.SCIMRead, name("list"), func(q *request) error { return q.list(rt) }},
		{http.MethodPost, rt.Endpoint, auth.SCIMWrite, name("create"), of((*request).create)},
		{http.MethodPost, rt.Endpoint + "/.search", auth.SCIMRead, name("search"), func(q *request) error { return q.search(rt) }},
		{http.MethodGet, one, auth.SCIMRead, name("get"), of((*request).get)},
		{http.MethodPut, one, auth.SCIMWrite, name("replace"), of((*request).replace)},
		{http.MethodPatch, one, auth.SCIMWrite, name("patch"), of((*request).patch)},
		{http.MethodDelete, one, auth.SCIMWrite, name("delete"), of((*request).delete)},
	}
}

func (q *request) create(rt *schema.ResourceType) error {
	pr, err := q.projection(rt, q.parameters())
	if err != nil {
		return err
	}
	body, err := q.body()
	if err != nil {
		return err
	}
	r, err := q.server.Provider.Create(q.r.Context(), q.call, rt, body, pr)
	if err != nil {
		return err
	}
	q.w.Header().Set("Location", r.Location)
	return q.resource(http.StatusCreated, r)
}

func (q *request) get(rt *schema.ResourceType) error {
	pr, err := q.projection(rt, q.parameters())
	if err != nil {
		return err
	}
	r, err := q.server.Provider.Get(q.r.Context(), q.call, rt, q.id(), pr)
	if err != nil {
		return err
	}
	asked := httpauth.ConditionOf(q.r)
	if !asked.Wants(r.ETag) {
		return notAt(r.ETag)
	}
	if asked.Excludes(r.ETag) {
		q.w.Header().Set("ETag", r.ETag)
		q.w.Header().Set("Content-Location", r.Location)
		q.w.Header().Add("Vary", "Accept, Accept-Encoding")
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return q.resource(http.StatusOK, r)
}

func (q *request) list(types ...*schema.ResourceType) error {
	req, err := q.listRequest(q.parameters())
	if err != nil {
		return err
	}
	return q.answerList(types, req)
}

func (q *request) search(types ...*schema.ResourceType) error {
	body, err := q.body()
	if err != nil {
		return err
	}
	req, err := q.searchRequest(body)
	if err != nil {
		return err
	}
	return q.answerList(types, req)
}

func (q *request) answerList(types []*schema.ResourceType, req provider.ListRequest) error {
	list, err := q.server.Provider.List(q.r.Context(), q.call, types, req)
	if err != nil {
		return err
	}
	q.event.Results, q.event.Checked = len(list.Resources), list.Checked
	q.w.writeJSON(http.StatusOK, list.AppendJSON(nil))
	return nil
}

func (q *request) replace(rt *schema.ResourceType) error {
	return q.change(rt, q.server.Provider.Replace)
}

func (q *request) patch(rt *schema.ResourceType) error {
	return q.change(rt, q.server.Provider.Patch)
}

func (q *request) delete(rt *schema.ResourceType) error {
	if err := q.server.Provider.Delete(q.r.Context(), q.call, rt, q.id(), q.precondition()); err != nil {
		return err
	}
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// resource answers with a representation, or without one where there is none.
func (q *request) resource(status int, r *provider.Resource) error {
	q.w.Header().Set("ETag", r.ETag)
	if q.resourceID != "" {
		q.w.Header().Set("Location", r.Location) // of what /Me stands for
	}
	minimal := q.r.Method != http.MethodGet && q.r.Method != http.MethodHead && q.prefersMinimal()
	switch {
	case status == http.StatusCreated && minimal:
		q.w.WriteHeader(status)
		return nil
	case r.JSON == nil, minimal:
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	q.w.Header().Set("Content-Location", r.Location)
	q.w.writeJSON(status, r.JSON)
	return nil
}
