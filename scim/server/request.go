package server

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// request is one HTTP exchange.
type request struct {
	server *server
	w      *response
	r      *http.Request
	event  *httpauth.Event
	call   provider.Call
	// principal is nil on open routes without a credential.
	principal  *auth.Principal
	resourceID string // of /Me
}

// source is what rules and the history call this way in.
const source = "scim"

// prepare finds out on whose behalf the request is made. Without a principal,
// which only open routes allow, the defaults hold.
func (q *request) prepare() error {
	q.call = provider.Call{
		Base: q.base(), Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(),
		Correlation: auth.CorrelationFrom(q.r.Context()), Source: source,
		Address: auth.OriginFrom(q.r.Context()).Text(),
	}
	principal := auth.PrincipalFrom(q.r.Context())
	if principal == nil {
		return nil
	}
	q.principal = principal
	q.call.Actor = provider.Actor{ID: principal.Subject, Name: principal.Name, User: principal.User, Method: string(principal.Method)}
	q.call.Domain = principal.Domain
	scopes := make([]string, len(principal.Scopes))
	for i, s := range principal.Scopes {
		scopes[i] = string(s)
	}
	slices.Sort(scopes)
	q.call.Scope = strings.Join(scopes, " ")
	profile, limits, err := q.server.Settings(q.r.Context(), principal.Account)
	if err != nil {
		return err
	}
	q.call.Account, q.call.Profile, q.call.Limits = provider.Account(principal.Account), profile, limits
	return nil
}

// base is the URL of Root as the client reaches it, with the account that its path
// names: a client that has the account there keeps to the locations that it gets.
func (q *request) base() string {
	origin := auth.OriginFrom(q.r.Context())
	root := Root
	if origin.Account != "" {
		root += schema.AccountsEndpoint + "/" + url.PathEscape(origin.Account)
	}
	if q.server.PublicURL != "" {
		return q.server.PublicURL + root
	}
	scheme, host := origin.Scheme, origin.Host
	if host == "" {
		scheme, host = "http", q.r.Host
		if q.r.TLS != nil {
			scheme = "https"
		}
	}
	if host == "" {
		return root // HTTP/1.0: all that is known
	}
	return scheme + "://" + host + root
}

// id is the id in the path, or that of /Me.
func (q *request) id() string {
	if q.resourceID != "" {
		return q.resourceID
	}
	return httpauth.Param(q.r, "id")
}

// body reads the JSON of the request, within the account's limit.
func (q *request) body() (scim.Value, error) { return q.bodyWithin(q.call.Limits.Body) }

func (q *request) bodyWithin(limit int) (scim.Value, error) {
	if err := q.checkContentType(); err != nil {
		return scim.Value{}, err
	}
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, int64(limit)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return scim.Value{}, scim.Errorf(http.StatusRequestEntityTooLarge, "", "the body is larger than %d bytes; send less at a time", tooLarge.Limit)
	case err != nil:
		return scim.Value{}, scim.BadRequest(scim.InvalidSyntax, "the body could not be read to its end")
	}
	v, err := scim.ParseJSON(data)
	if err != nil {
		return v, scim.BadRequest(scim.InvalidSyntax, "%v", err)
	}
	return v, nil
}

// checkContentType takes JSON under any of its names, and a missing header
// (RFC 7644 section 3.8).
func (q *request) checkContentType() error {
	if httpauth.SendsJSON(q.r, scim.MediaType, "application/json") {
		return nil
	}
	return scim.Errorf(http.StatusUnsupportedMediaType, "", "the body must be JSON in UTF-8; send it with Content-Type: %s", scim.MediaType)
}

// parameters are those of the query, by lower-case name, the first of each. It
// is more tolerant than net/url: a stray "&", ";" or "%" does no harm.
type parameters map[string]string

func (q *request) parameters() parameters {
	ps := parameters{}
	for pair := range strings.SplitSeq(q.r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = strings.ToLower(unescape(name))
		if _, again := ps[name]; !again && name != "" {
			ps[name] = unescape(value)
		}
	}
	return ps
}

func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// integer reads a parameter that is a whole number. One beyond what an int
// holds counts as the largest or smallest.
func (ps parameters) integer(name string, otherwise int) (int, error) {
	text, ok := ps[strings.ToLower(name)]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, scim.BadRequest(scim.InvalidValue, "%s must be a whole number", name)
	}
	return n, nil
}

func (q *request) projection(rt *schema.ResourceType, ps parameters) (provider.Projection, error) {
	return provider.ParseProjection(rt, q.call.Profile, split(ps["attributes"]), split(ps["excludedattributes"]))
}

// listRequest reads the parameters of a query (RFC 7644 section 3.4.2).
func (q *request) listRequest(ps parameters) (req provider.ListRequest, err error) {
	req.Filter, req.SortBy = ps["filter"], ps["sortby"]
	if _, sent := ps["filter"]; sent && strings.TrimSpace(req.Filter) == "" {
		return req, scim.BadRequest(scim.InvalidFilter, "the filter is empty; leave it out to get everything")
	}
	if req.Descending, err = descending(ps["sortorder"]); err != nil {
		return req, err
	}
	if req.StartIndex, err = ps.integer("startIndex", 1); err != nil {
		return req, err
	}
	if req.Count, err = ps.integer("count", q.call.Limits.PageSize); err != nil {
		return req, err
	}
	if cursor, sent := ps["cursor"]; sent {
		req.Cursor = &cursor
		if _, both := ps["startindex"]; both {
			return req, scim.BadRequest(scim.InvalidValue, "startIndex and cursor exclude each other; send only one of them")
		}
	}
	req.Attributes, req.Excluded = split(ps["attributes"]), split(ps["excludedattributes"])
	return req, nil
}

func descending(order string) (bool, error) {
	switch strings.ToLower(order) {
	case "", "ascending":
		return false, nil
	case "descending":
		return true, nil
	}
	return false, scim.BadRequest(scim.InvalidValue, "sortOrder must be ascending or descending")
}

// split reads a comma-separated parameter.
func split(parameter string) []string {
	var paths []string
	for path := range strings.SplitSeq(parameter, ",") {
		if path = strings.TrimSpace(path); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}
