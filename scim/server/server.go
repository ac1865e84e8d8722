// Package server speaks SCIM over HTTP (RFC 7644): routes, parameters, entity
// tags, discovery, errors. Every answer that has a body is JSON, errors too;
// nothing a client sends makes it panic, wait or allocate without bound.
//
// Routes are data, so that one place authorises and a test can walk them all.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"roster/auth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// Root is the path below which SCIM is served.
const Root = "/scim/v2"

// Config of a server.
type Config struct {
	Provider *provider.Provider     // required
	Types    []*schema.ResourceType // required: those that are served
	// Guard lets a request through to the handler only if its principal has the
	// scope, and puts the principal into the context; with auth.Open it lets
	// everyone through, with a principal if there is a valid credential.
	// Required.
	Guard func(scope auth.Scope, next http.Handler) http.Handler
	// Settings returns the profile and limits of an account. Required.
	Settings func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// PublicURL is how clients reach the server, such as
	// "https://scim.example.com", without Root. Empty: as the request says.
	PublicURL string
	// Timeout is how long the server works on one request. Default 60 s.
	Timeout time.Duration
	Logger  *slog.Logger // default slog.Default
}

// Route is an operation of the server.
type Route struct {
	Method  string
	Pattern string // below Root, in chi's syntax
	Scope   auth.Scope
	Name    string // of the operation, for logs
	handle  func(*request) error
}

// Server is the http.Handler.
type Server struct {
	Config
	routes    []Route
	discovery map[bool]*discovery // by Profile.DuplicateNames
	handler   http.Handler
}

// New returns a server.
func New(c Config) *Server {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	s := &Server{Config: c, discovery: map[bool]*discovery{}}
	for _, duplicates := range []bool{false, true} {
		s.discovery[duplicates] = newDiscovery(c.Types, scim.Profile{DuplicateNames: duplicates}, scim.DefaultLimits())
	}
	s.routes = append(s.discoveryRoutes(), s.rootRoutes()...)
	for _, rt := range c.Types {
		s.routes = append(s.routes, s.resourceRoutes(rt)...)
	}
	s.handler = s.observe(s.mux())
	return s
}

// Routes lists the operations.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// mux dispatches by path, and each path by method, so that a path that exists
// answers other methods with 405 and Allow (RFC 9110 section 15.5.6).
func (s *Server) mux() http.Handler {
	mux := chi.NewRouter()
	mux.NotFound(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, scim.Errorf(http.StatusNotFound, "", "there is no such endpoint; the resource types are listed at %s/ResourceTypes", Root))
	})
	byPattern := map[string]methods{}
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		// A method that the router has never heard of.
		found := chi.NewRouteContext()
		mux.Match(found, http.MethodGet, r.URL.Path)
		byPattern[strings.TrimPrefix(found.RoutePattern(), Root)].ServeHTTP(w, r)
	})
	for _, route := range s.routes {
		if byPattern[route.Pattern] == nil {
			byPattern[route.Pattern] = methods{}
			mux.Handle(Root+route.Pattern, byPattern[route.Pattern])
		}
		byPattern[route.Pattern][route.Method] = named(route.Name, s.Guard(route.Scope, s.adapt(route)))
	}
	return trimPath(mux)
}

// methods are the handlers of one path.
type methods map[string]http.Handler

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves out the body
	}
	if h := m[method]; h != nil {
		h.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Allow", m.allow())
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeError(w, scim.Errorf(http.StatusMethodNotAllowed, "", "this endpoint does not take %s; it takes %s", scim.Abbreviate(r.Method), m.allow()))
}

func (m methods) allow() string {
	names := []string{http.MethodOptions}
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// trimPath ignores slashes at the end of the path, which some clients send.
func trimPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = strings.TrimRight(r.URL.Path, "/"), strings.TrimRight(r.URL.RawPath, "/")
		}
		next.ServeHTTP(w, r)
	})
}

// named tells the log which operation it is, also of one that is refused.
func named(operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		eventFrom(r.Context()).operation = operation
		next.ServeHTTP(w, r)
	})
}

// adapt is the one adaptor between HTTP and the operations.
func (s *Server) adapt(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{server: s, w: w, r: r, event: eventFrom(r.Context())}
		err := q.prepare()
		if err == nil {
			err = route.handle(q)
		}
		if err != nil {
			q.event.err = writeError(w, err)
		}
	})
}
