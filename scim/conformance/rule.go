package conformance

import (
	"net/http"
	"strings"

	"roster/scim"
	"roster/scim/script"
)

// exchange is a request of the run and its response.
type exchange struct {
	request  *http.Request
	response *http.Response
	path     string // below the base, without the query
	content  []byte
	body     scim.Value // null if it is no JSON
	// resources are those that the body is or lists, without the documents of
	// discovery.
	resources []scim.Value
	server    *discovered
	base      string
}

// partial reports whether the request asks for some attributes only.
func (x *exchange) partial() bool {
	query := strings.ToLower(x.request.URL.RawQuery)
	return strings.Contains(query, "attributes=") || strings.HasSuffix(x.path, "/.search")
}

// rule holds every response of the run to something.
type rule struct {
	name  string
	shows []string
	// judge says what is wrong, "" if nothing is, and whether the rule is about
	// such a response.
	judge func(x *exchange) (wrong string, applies bool)

	seen  int
	first *Result // the first breach
}

// observe sees every response of the scripts.
func (r *run) observe(resp *http.Response, content []byte, step script.Result) {
	path, _, _ := strings.Cut(strings.TrimPrefix(resp.Request.URL.String(), r.Base), "?")
	x := &exchange{
		request: resp.Request, response: resp, content: content, server: r.server, base: r.Base,
		path: "/" + strings.Trim(path, "/"),
	}
	if body, err := scim.ParseJSON(content); err == nil {
		x.body = body
	}
	x.resources = resourcesIn(x)
	if resp.Request.Method == http.MethodGet && resp.Request.Header.Get("Authorization") != "" {
		r.server.learn(x.path, resp.StatusCode, x.body)
	}
	for _, rule := range r.rules {
		rule.see(x, step)
	}
}

// resourcesIn finds the users, groups and other resources of a response.
func resourcesIn(x *exchange) []scim.Value {
	if x.response.StatusCode >= http.StatusMultipleChoices || x.body.Kind() != scim.Object {
		return nil
	}
	for _, place := range []string{"/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Bulk"} {
		if strings.HasPrefix(x.path, place) {
			return nil
		}
	}
	if list, ok := x.body.Lookup("Resources"); ok {
		var all []scim.Value
		for _, resource := range list.Elements() {
			all = append(all, resource)
		}
		return all
	}
	if _, isList := x.body.Lookup("totalResults"); isList {
		return nil
	}
	return []scim.Value{x.body}
}

func (r *rule) see(x *exchange, step script.Result) {
	wrong, applies := r.judge(x)
	if !applies {
		return
	}
	r.seen++
	if wrong != "" && r.first == nil {
		r.first = &Result{
			Check: r.name, Shows: r.shows, Status: Failed, Difference: wrong,
			Request: step.Request, Response: step.Response,
		}
	}
}

func (r *rule) result() Result {
	switch {
	case r.first != nil:
		return *r.first
	case r.seen == 0:
		return Result{Check: r.name, Shows: r.shows, Status: Skipped, Reason: "no response of the run was of the kind"}
	}
	return Result{Check: r.name, Shows: r.shows, Status: Passed}
}
