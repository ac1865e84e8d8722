package httpauth

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// find returns the routes of a path, nil if there are none, without the slashes at
// its end that some clients send. Parameters are never empty: "/a//b" is no
// "/a/{id}/b".
func (m *Mux) find(path string) (methods, chi.RouteParams) {
	found := chi.NewRouteContext()
	pattern := m.paths.Find(found, http.MethodGet, strings.TrimRight(path, "/"))
	if pattern == "" || slices.Contains(found.URLParams.Values, "") {
		return nil, chi.RouteParams{}
	}
	return m.patterns[pattern], found.URLParams
}

// surfaceOf returns the surface with the longest root above the path.
func (m *Mux) surfaceOf(path string) *Surface {
	var of *Surface
	for i := range m.surfaces {
		s := &m.surfaces[i]
		if (path == s.Root || strings.HasPrefix(path, s.Root+"/")) && (of == nil || len(s.Root) > len(of.Root)) {
			of = s
		}
	}
	if of == nil {
		return &m.surfaces[0]
	}
	return of
}

// pathOf returns the path as it was sent where that matters: an encoded slash is a
// part of a parameter.
func pathOf(r *http.Request) string { return cmp.Or(r.URL.RawPath, r.URL.Path) }

// Param returns a parameter of the route's pattern, decoded; "" if there is none
// with that name.
func Param(r *http.Request, name string) string {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		return ""
	}
	i := slices.Index(x.params.Keys, name)
	if i < 0 {
		return ""
	}
	value := x.params.Values[i]
	if r.URL.RawPath == "" { // the path was decoded already
		return value
	}
	if decoded, err := url.PathUnescape(value); err == nil {
		return decoded
	}
	return value
}

// methods are the routes of one pattern.
type methods map[string]*Route

// of returns the route for a method, nil if there is none.
func (m methods) of(method string) *Route {
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves out the body
	}
	return m[method]
}

// allow lists the methods as the header Allow does.
func (m methods) allow() string {
	names := []string{http.MethodOptions}
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
