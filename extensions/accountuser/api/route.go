package api

import (
	"context"
	"net/http"
	"reflect"

	"roster/auth"
	"roster/auth/httpauth"
)

// Root is the path below which the API is served.
const Root = "/v1/account"

// Route is an operation: what it is called with, what it answers and with which
// refusals of its own. Everything that is said of it elsewhere is made of this.
type Route struct {
	Method  string
	Pattern string // below Root, in chi's syntax
	Scope   auth.Scope
	Status  int // of success
	Traits  Traits
	Name    string // for logs, and in camel case the operationId
	Summary string // a sentence for developers of applications
	operation
	// Codes are those that the domain refuses with, beside those of every route.
	Codes []Code
}

// Traits of a route.
type Traits uint8

const (
	// Tagged: success carries the user's entity tag, and the request may have
	// conditions on it.
	Tagged Traits = 1 << iota
	// Large: the body may be as large as that of a Bulk.
	Large
)

// Is reports whether the route has the trait.
func (t Traits) Is(one Traits) bool { return t&one != 0 }

// operation is a handler with the types that it reads and answers.
type operation struct {
	in, out reflect.Type
	body    reflect.Type // nil if it reads none
	serve   func(context.Context, *Request, reflect.Value) (any, error)

	path, query, members []member // of in, and of the body
}

// None is the answer without a body.
type None struct{}

// handle makes an operation of a handler. Fields of In are parameters (path,
// query), and its field Body, if there is one, is the body; see [member].
func handle[In, Out any](f func(context.Context, *Request, In) (Out, error)) operation {
	o := operation{
		in:  reflect.TypeFor[In](),
		out: reflect.TypeFor[Out](),
		serve: func(ctx context.Context, q *Request, in reflect.Value) (any, error) {
			return f(ctx, q, in.Interface().(In))
		},
	}
	o.path, o.query = membersOf(o.in, "path"), membersOf(o.in, "query")
	if f, ok := o.in.FieldByName("Body"); ok {
		o.body, o.members = f.Type, membersOf(f.Type, "json")
	}
	return o
}

// answers reports whether the operation answers with a body.
func (o operation) answers() bool { return o.out != reflect.TypeFor[None]() }

// Routes lists the operations.
func (a *API) Routes() []Route { return a.routes }

// Surface returns the routes as they are served.
func (a *API) Surface() httpauth.Surface {
	s := httpauth.Surface{
		Root:     Root,
		Fail:     fail,
		NotFound: "there is no such endpoint; all are listed at " + Root + "/openapi.json",
	}
	for _, route := range a.routes {
		s.Routes = append(s.Routes, httpauth.Route{
			Method: route.Method, Pattern: Root + route.Pattern, Scope: route.Scope, Name: route.Name,
			Handler: a.adapt(route),
		})
	}
	return s
}

// adapt is the one adaptor between HTTP and the operations.
func (a *API) adapt(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := a.newRequest(r)
		var answer any
		if err == nil {
			answer, err = route.run(w, r, q)
		}
		var notModified bool
		if err == nil {
			notModified, err = q.conditions(r, route)
		}
		switch {
		case err != nil:
			refuseWith(w, r, err)
		case notModified:
			w.Header().Set("ETag", q.etag)
			w.WriteHeader(http.StatusNotModified)
		default:
			q.answer(w, route, answer)
		}
	})
}

// run decodes what the handler reads, and calls it.
func (route Route) run(w http.ResponseWriter, r *http.Request, q *Request) (any, error) {
	in := reflect.New(route.in).Elem()
	decodePath(r, in, route.path)
	if err := decodeQuery(r.URL.RawQuery, in, route.query); err != nil {
		return nil, err
	}
	if err := q.decodeBody(w, r, route, in); err != nil {
		return nil, err
	}
	return route.serve(r.Context(), q, in)
}
