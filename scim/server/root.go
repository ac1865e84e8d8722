package server

import (
	"net/http"

	"roster/auth"
	"roster/scim"
	"roster/scim/schema"
)

// rootOperations are the operations on the server as a whole.
func (s *server) rootOperations() []operation {
	return []operation{
		{http.MethodGet, "", auth.SCIMRead, "list", func(q *request) error { return q.list(s.Types...) }},
		{http.MethodPost, "/.search", auth.SCIMRead, "search", func(q *request) error { return q.search(s.Types...) }},
		{http.MethodPost, "/Bulk", auth.SCIMWrite, "bulk", (*request).bulk},
		{http.MethodGet, "/Me", auth.SCIMRead, "get Me", me((*request).get)},
		{http.MethodPut, "/Me", auth.SCIMWrite, "replace Me", me((*request).replace)},
		{http.MethodPatch, "/Me", auth.SCIMWrite, "patch Me", me((*request).patch)},
		{http.MethodDelete, "/Me", auth.SCIMWrite, "delete Me", me((*request).delete)},
	}
}

// me does an operation on the resource that the token belongs to; locations in
// the answer are those of the resource itself (RFC 7644 section 3.11). A token
// of no user has none: 404.
func me(operation func(*request, *schema.ResourceType) error) func(*request) error {
	return func(q *request) error {
		if q.principal == nil || q.principal.User == "" {
			return scim.Errorf(http.StatusNotFound, "", "the token belongs to no user, so that there is no /Me; use the resource's own endpoint")
		}
		q.resourceID = q.principal.User
		rt, err := q.server.Provider.TypeOf(q.r.Context(), q.call, q.resourceID)
		if err != nil {
			return err
		}
		return operation(q, rt)
	}
}
