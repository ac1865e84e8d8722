package server

import (
	"context"
	"net/http"
	"strings"

	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// changer is Provider.Replace or Provider.Patch.
type changer func(context.Context, provider.Call, *schema.ResourceType, string, scim.Value, provider.Precondition, provider.Projection) (*provider.Resource, error)

func (q *request) change(rt *schema.ResourceType, change changer) error {
	pr, err := q.projection(rt, q.parameters())
	if err != nil {
		return err
	}
	body, err := q.body()
	if err != nil {
		return err
	}
	r, err := change(q.r.Context(), q.call, rt, q.id(), body, q.precondition(), pr)
	if err != nil {
		return err
	}
	return q.resource(http.StatusOK, r)
}

// precondition reads If-Match, and If-None-Match as it holds for changes (RFC
// 9110 sections 13.1.1 and 13.1.2, RFC 7644 section 3.14).
func (q *request) precondition() provider.Precondition {
	asked := httpauth.ConditionOf(q.r)
	if asked.IsNone() {
		return nil
	}
	return func(etag string) error {
		switch {
		case !asked.Wants(etag):
			return notAt(etag)
		case asked.Excludes(etag):
			return scim.Errorf(http.StatusPreconditionFailed, "", "the resource is at version %s, which If-None-Match excludes", etag)
		}
		return nil
	}
}

func notAt(etag string) error {
	return scim.Errorf(http.StatusPreconditionFailed, "", "the resource is now at version %s, which If-Match does not name; read it again", etag)
}

// searchRequest reads the body of a .search (RFC 7644 section 3.4.3).
func (q *request) searchRequest(body scim.Value) (req provider.ListRequest, err error) {
	if body.Kind() != scim.Object {
		return req, scim.BadRequest(scim.InvalidSyntax, "the body must be a SearchRequest object, not %s", body.Kind())
	}
	if schemas, _ := body.Lookup("schemas"); !(q.call.Profile.LooseSchemas && schemas.IsUnassigned()) && !schemas.HoldsText(scim.MessageSearchRequest) {
		return req, scim.BadRequest(scim.InvalidSyntax, "schemas must hold %q", scim.MessageSearchRequest)
	}
	ps := parameters{}
	for name, v := range body.Members() {
		text, err := searchValue(strings.ToLower(name), name, v)
		if err != nil {
			return req, err
		}
		if !v.IsUnassigned() {
			ps[strings.ToLower(name)] = text
		}
	}
	return q.listRequest(ps)
}

// searchValue reads a member of a SearchRequest as the parameter of the same name.
func searchValue(key, name string, v scim.Value) (string, error) {
	wrong := func(want string) error {
		return scim.BadRequest(scim.InvalidValue, "%s must be %s, not %s", name, want, v.Kind())
	}
	switch key {
	case "attributes", "excludedattributes":
		var paths []string
		for _, e := range v.Elements() {
			if e.Kind() != scim.String {
				return "", wrong("a list of strings")
			}
			paths = append(paths, e.Text())
		}
		if v.Kind() == scim.String {
			return v.Text(), nil
		}
		if v.Kind() != scim.Array && !v.IsNull() {
			return "", wrong("a list of strings")
		}
		return strings.Join(paths, ","), nil
	case "filter", "sortby", "sortorder", "cursor":
		if v.Kind() != scim.String && !v.IsNull() {
			return "", wrong("a string")
		}
	case "startindex", "count":
		if v.Kind() != scim.Number && !v.IsNull() {
			return "", wrong("a number")
		}
	}
	return v.Text(), nil
}
