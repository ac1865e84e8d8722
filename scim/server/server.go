// Package server speaks SCIM over HTTP (RFC 7644): routes, parameters, entity
// tags, discovery, errors. Every answer that has a body is JSON, errors too;
// nothing a client sends makes it panic, wait or allocate without bound.
//
// Who may do what, and the log, are the business of the Mux that serves its routes.
package server

import (
	"context"
	"net/http"
	"strings"

	"roster/auth"
	"roster/auth/httpauth"
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
	// Settings returns the profile and limits of an account. Required.
	Settings func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// PublicURL is how clients reach the server, such as
	// "https://scim.example.com", without Root. Empty: as the request says, or as
	// its auth.Origin does.
	PublicURL string
}

// server is what all requests share.
type server struct {
	Config
	discovery map[bool]*discovery // by Profile.DuplicateNames
}

// operation is a route before it is one.
type operation struct {
	method string
	path   string // below Root
	scope  auth.Scope
	name   string
	handle func(*request) error
}

// New returns the routes of SCIM.
func New(c Config) httpauth.Surface {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	s := &server{Config: c, discovery: map[bool]*discovery{}}
	for _, duplicates := range []bool{false, true} {
		s.discovery[duplicates] = newDiscovery(c.Types, scim.Profile{DuplicateNames: duplicates}, scim.DefaultLimits())
	}
	operations := append(s.discoveryOperations(), s.rootOperations()...)
	for _, rt := range c.Types {
		operations = append(operations, s.typeOperations(rt)...)
	}
	surface := httpauth.Surface{
		Root:     Root,
		Accounts: true,
		Fail:     fail,
		NotFound: "there is no such endpoint; the resource types are listed at " + Root + "/ResourceTypes",
	}
	for _, o := range operations {
		surface.Routes = append(surface.Routes, httpauth.Route{
			Method: o.method, Pattern: Root + o.path, Scope: o.scope, Name: o.name, Handler: s.adapt(o),
		})
	}
	return surface
}

// adapt is the one adaptor between HTTP and the operations.
func (s *server) adapt(o operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := negotiate(w, r)
		q := &request{server: s, w: answer, r: r, event: httpauth.EventFrom(r.Context())}
		if err == nil {
			err = q.prepare()
		}
		if err == nil {
			err = o.handle(q)
		}
		if err != nil {
			writeError(answer, r, err)
		}
	})
}
