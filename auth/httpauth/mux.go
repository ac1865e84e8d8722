package httpauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"roster/auth"
	"roster/auth/limit"
)

// Mux serves surfaces. It may be used concurrently.
type Mux struct {
	config   Config
	proxies  proxies
	surfaces []Surface
	paths    *chi.Mux // finds the pattern of a path, and serves nothing
	patterns map[string]methods
}

// NewMux returns a Mux. The first surface answers also what is below no root.
//
// It fails if a route cannot be reached, because its pattern is not below the root
// or another route has its place; if an own route is not open; and if an origin is
// not one. A pattern that chi cannot read is a panic.
func NewMux(c Config, first Surface, more ...Surface) (*Mux, error) {
	c.Realm, c.Timeout, c.Logger = cmp.Or(c.Realm, "roster"), cmp.Or(c.Timeout, time.Minute), cmp.Or(c.Logger, slog.Default())
	c.Limiter = cmp.Or(c.Limiter, limit.Unlimited())
	surfaces := append([]Surface{first}, more...)
	if err := checkOrigins(c.Origins); err != nil {
		return nil, err
	}
	m := &Mux{config: c, proxies: c.TrustedProxies, surfaces: surfaces, paths: chi.NewRouter(), patterns: map[string]methods{}}
	for i := range surfaces {
		surfaces[i].Routes = slices.Clone(surfaces[i].Routes)
		for j := range surfaces[i].Routes {
			m.add(&surfaces[i].Routes[j])
		}
	}
	if slices.ContainsFunc(surfaces, func(s Surface) bool { return s.Accounts }) && c.Named == nil {
		return nil, errors.New("a surface has accounts in its paths: set Config.Named, which knows them")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Mux) add(route *Route) {
	if m.patterns[route.Pattern] == nil {
		m.patterns[route.Pattern] = methods{}
		m.paths.Get(route.Pattern, http.NotFound)
	}
	m.patterns[route.Pattern][route.Method] = route
}

// check finds the way to each route as a request for it would.
func (m *Mux) check() error {
	for i := range m.surfaces {
		s := &m.surfaces[i]
		for j := range s.Routes {
			route := &s.Routes[j]
			if at := m.locate(route.Pattern, false); at.methods.of(route.Method) != route || at.surface != s {
				return fmt.Errorf("route %s %s (%s) cannot be reached: it is not below %q, or another route has its place", route.Method, route.Pattern, route.Name, s.Root)
			}
			if route.Own && route.Scope != auth.Open {
				return fmt.Errorf("route %s %s (%s) needs the scope %s, and nobody looks whether the sender has it: it is not open, so it cannot be its own", route.Method, route.Pattern, route.Name, route.Scope)
			}
		}
	}
	return nil
}

// Routes lists the routes of all surfaces.
func (m *Mux) Routes() []Route {
	var all []Route
	for _, s := range m.surfaces {
		all = append(all, s.Routes...)
	}
	return all
}

// ServeHTTP implements http.Handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, mux: m, place: m.locate(pathOf(r), r.URL.RawPath != ""), event: Event{Operation: "none"}}
	ctx, cancel := context.WithTimeout(r.Context(), m.config.Timeout)
	defer cancel()
	r = x.begin(ctx, r)
	defer x.end(r, time.Now())
	defer x.rescue(r)
	m.dispatch(x, r)
}

// dispatch goes by path and then by method, so that a path that exists answers
// other methods with 405 and Allow (RFC 9110 section 15.5.6).
func (m *Mux) dispatch(x *exchange, r *http.Request) {
	if route := x.methods.of(r.Method); route != nil {
		x.event.Operation = route.Name
		m.serve(x, r, route)
		return
	}
	if refused := m.anonymous(r.Context()); refused != nil {
		x.refuse(r, refused)
		return
	}
	if x.methods == nil {
		x.surface.Fail(x, r, http.StatusNotFound, x.surface.NotFound)
		return
	}
	if r.Method == http.MethodOptions {
		x.allow(r)
		return
	}
	x.Header().Set("Allow", x.methods.allow())
	x.surface.Fail(x, r, http.StatusMethodNotAllowed, "this endpoint does not take that method; it takes "+x.methods.allow())
}

// serve lets the request through to the handler if its sender may.
func (m *Mux) serve(x *exchange, r *http.Request, route *Route) {
	principal, refused := m.admit(r, route)
	if principal != nil {
		x.identify(principal)
		r = r.WithContext(auth.WithPrincipal(r.Context(), principal))
	} else if refused == nil {
		x.receive(r)
	}
	leave, refused := m.enter(x, r, principal, refused)
	if refused != nil {
		x.refuse(r, refused)
		return
	}
	x.leave, x.body = leave, r.ContentLength
	defer func() { x.leave() }()
	if principal != nil {
		x.hurry(r)
	}
	route.Handler.ServeHTTP(x, r)
	if x.status < http.StatusOK {
		x.WriteHeader(http.StatusOK) // as net/http would, for the log
	}
}
