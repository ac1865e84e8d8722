package rest

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"roster/auth"
)

// Route is an operation: what it is called with, what it answers and with which
// refusals of its own. Everything that is said of it elsewhere is made of this.
type Route struct {
	Method  string
	Pattern string // below the root, in chi's syntax
	Scope   auth.Scope
	Status  int // of success
	Traits  Traits
	Name    string // for logs, and in camel case the operationId
	Summary string // a sentence for developers of applications
	Operation
	// Codes are those that the domain refuses with, beside those of every route.
	Codes []Code
}

// Traits of a route.
type Traits uint8

const (
	// Tagged: success carries the entity tag of what it is about, and the request may
	// have conditions on it.
	Tagged Traits = 1 << iota
	// Large: the body may be as large as that of a Bulk.
	Large
)

// Is reports whether the route has the trait.
func (t Traits) Is(one Traits) bool { return t&one != 0 }

// Operation is a handler with the types that it reads and answers; see [Handle].
type Operation struct {
	in, out reflect.Type
	body    reflect.Type // nil if it reads none
	serve   func(context.Context, *Request, reflect.Value) (any, error)

	path, query, members []member // of in, and of the body
}

// None is the answer without a body.
type None struct{}

// Handle makes an operation of a handler. Fields of In are parameters, of the path
// and the query, and its field Body, if there is one, is the body. Their tags say
// what they must be, and the document says it too:
//
//	json:"name,omitzero"     member; without omitzero or default it must be there
//	path:"name"              parameter of the pattern; "" if the pattern has none
//	query:"name"             parameter of the query; a slice may be repeated
//	doc:"..."                description
//	default:"20"             what an absent one stands for
//	enum:"a,b"               the only values of a string, or of a list's strings
//	format:"date-time"       a format of JSON Schema, for people
//	minLength, maxLength     characters of a string, or of a list's strings
//	minItems, maxItems       elements of a list
//	minimum, maximum         bounds of a number
//
// A pointer may be null, and [Maybe] tells absent from empty; nothing else is
// null. A field of an embedded struct is one of the struct around it.
func Handle[In, Out any](f func(context.Context, *Request, In) (Out, error)) Operation {
	o := Operation{
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

// keepPath leaves out the parameters that the pattern does not have, so that one
// handler can serve what is about one of many and about the caller's own.
func (route *Route) keepPath() {
	route.path = slices.DeleteFunc(slices.Clone(route.path), func(m member) bool {
		return !strings.Contains(route.Pattern+"/", "/{"+m.name+"}/")
	})
}

// media lists what the body may be sent as.
func (o Operation) media() []string {
	if o.body != nil {
		if p, ok := reflect.New(o.body).Interface().(patching); ok {
			return []string{mediaJSON, p.media()}
		}
	}
	return []string{mediaJSON}
}

// answers reports whether the operation answers with a body.
func (o Operation) answers() bool { return o.out != reflect.TypeFor[None]() }

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
			a.refuseWith(w, r, err)
		case notModified:
			w.Header().Set("ETag", q.etag)
			w.WriteHeader(http.StatusNotModified)
		default:
			q.answer(w, r, route, answer)
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
