package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
)

// Config of an API. What is not said to be optional is required.
type Config struct {
	// Root is the path below which the API is served, such as "/v1/account".
	Root string
	// Name is what it is called in the document and in logs, such as "account API".
	Name string
	// Introduction is a sentence or more for developers of applications.
	Introduction string
	Routes       []Route
	// Protocol returns the profile and limits of an account.
	Protocol func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// Codes are those that the routes refuse with, beside the general ones, which
	// every API has. Optional.
	Codes []Meaning
	// CodeOf returns the code of an error of the domain, "" if it has none. The
	// error must be a SCIM error as well. Optional.
	CodeOf func(error) Code
}

// API is what is served below a root. It may be used concurrently.
type API struct {
	config   Config
	routes   []Route
	codes    codes
	document json.RawMessage
}

// New returns the API of a table of routes, with one more: its document.
func New(c Config) *API {
	a := &API{config: c, codes: codesWith(c.Codes)}
	document := Route{
		Method: http.MethodGet, Pattern: "/openapi.json", Scope: auth.Open, Status: http.StatusOK,
		Name: "describe " + c.Name, Summary: "This document",
		Operation: Handle(func(context.Context, *Request, struct{}) (json.RawMessage, error) { return a.document, nil }),
	}
	a.routes = append([]Route{document}, c.Routes...)
	for i := range a.routes {
		a.routes[i].keepPath()
	}
	a.document = a.describe()
	return a
}

// Routes lists the operations, also the document's.
func (a *API) Routes() []Route { return slices.Clone(a.routes) }

// Codes lists all codes that the API refuses with, and what they mean.
func (a *API) Codes() []Meaning { return slices.Clone(a.codes) }

// Surface returns the routes as they are served.
func (a *API) Surface() httpauth.Surface {
	s := httpauth.Surface{
		Root:     a.config.Root,
		Fail:     a.fail,
		NotFound: "there is no such endpoint; all are listed at " + a.config.Root + "/openapi.json",
	}
	for _, route := range a.routes {
		s.Routes = append(s.Routes, httpauth.Route{
			Method: route.Method, Pattern: a.config.Root + route.Pattern, Scope: route.Scope, Name: route.Name,
			Handler: a.adapt(route),
		})
	}
	return s
}
