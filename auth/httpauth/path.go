package httpauth

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// maxAccount is how many bytes the name of an account may have in a path.
const maxAccount = 64

// place is where a path leads.
type place struct {
	surface *Surface
	account string  // that it names, decoded
	methods methods // nil if it leads nowhere
	params  chi.RouteParams
}

// locate finds what a path leads to.
func (m *Mux) locate(path string, encoded bool) place {
	p := place{surface: m.surfaceOf(path)}
	if below, found := strings.CutPrefix(path, p.surface.Root+"/accounts/"); found && p.surface.Accounts {
		name, rest, _ := strings.Cut(below, "/")
		name, path = decode(name, encoded), p.surface.Root+"/"+rest
		if name == "" || len(name) > maxAccount || m.surfaceOf(path) != p.surface {
			return p
		}
		p.account = name
	}
	p.methods, p.params = m.find(path)
	return p
}

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
	return decode(x.params.Values[i], r.URL.RawPath != "")
}

// decode is a part of a path, which may be encoded still, as it is meant.
func decode(part string, encoded bool) string {
	if encoded {
		if decoded, err := url.PathUnescape(part); err == nil {
			return decoded
		}
	}
	return part
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
