// Package extensions says what an extension of the server is: schemas, resource
// types, indexes, rules, routes and background work that the core knows nothing
// of. The account model is one; package app puts them together.
//
// What an extension defines is served like everything else: its resource types
// and attributes are discovered, filtered, sorted, patched, and its rules hold on
// every way in.
package extensions

import (
	"context"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// Extension is what one contributes. What is left out contributes nothing.
type Extension struct {
	Name string // for the log; required

	// Definitions are schemas and resource types as in RFC 7643 sections 6 and 7,
	// with notes for the server (see schema.Notes). A resource type with the name
	// of a built-in one extends it.
	Definitions []schema.Source
	// Indexes that definitions cannot declare, such as over removed resources.
	Indexes []storage.Index
	// Rules are what every change must pass, after those of earlier extensions.
	Rules []provider.Rule
	// Computed says how attributes that the definitions mark so are made.
	Computed []provider.Computed
	// Representations are other forms of resources for the clients of some accounts.
	Representations []provider.Representation
	// Knows tells whether a value of a grant attribute, such as a role, names
	// something; nil: it knows none.
	Knows func(ctx context.Context, s storage.Snapshot, a *schema.Attribute, value string) (bool, error)

	// Enqueued is told of an account that has messages waiting because of a change.
	Enqueued func(account storage.Account)
	// Found prepares an account that was just made. It may be called again for
	// one that is prepared already, and changes nothing then.
	Found func(ctx context.Context, h Host, account storage.Account) error
	// Serve returns what is served beside SCIM; nil: nothing.
	Serve func(Host) Service
	// Run works in the background until ctx ends. An error is logged; it does not
	// end the server. It is not called by commands that only open the data.
	Run func(ctx context.Context, h Host) error
}

// Service is what an extension serves. What is left out it does not have.
type Service struct {
	Surface *httpauth.Surface
	// Authenticator knows credentials of the extension's own. It fails with
	// auth.ErrUnauthenticated for all others.
	Authenticator auth.Authenticator
	// Admit refuses, with auth.ErrUnauthenticated, whoever has a token of the server
	// but may not use it now, and returns others as they may act now: with what their
	// roles allow in the place of the scope auth.Roles. It is asked for each request
	// of a token that belongs to a user, and does not change what it is given.
	Admit func(context.Context, *auth.Principal) (*auth.Principal, error)
	// Clients are the extension's own clients of the token endpoint; nil: it has none.
	Clients auth.Clients
	// Close waits for what is still being done, once nothing is served any more.
	Close func()
}

// Host is the server that an extension is part of.
type Host struct {
	Store    storage.Store
	Provider *provider.Provider
	Types    []*schema.ResourceType
}

// Type returns the resource type with that name, or nil.
func (h Host) Type(name string) *schema.ResourceType {
	for _, rt := range h.Types {
		if rt.Name == name {
			return rt
		}
	}
	return nil
}
