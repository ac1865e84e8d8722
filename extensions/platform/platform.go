package platform

import (
	"context"
	"time"

	"roster/auth/registry"
	"roster/extensions/rest"
	"roster/scim"
	"roster/storage"
)

// Root is the path below which the admin API is served.
const Root = "/v1/platform"

// Config of a Platform. All of it is required.
type Config struct {
	Registry *registry.Registry
	Store    storage.Store // of the accounts
	// Founded puts into a new account what it begins with. The server calls it again
	// when it starts, for an account of which it failed.
	Founded func(ctx context.Context, account string) error
	// Protocol returns the profile and limits of an account.
	Protocol func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// SigningKeys lists the keys of access tokens, the oldest first.
	SigningKeys func(ctx context.Context) ([]SigningKey, error)
	// RotateSigningKeys makes another key sign from now on. With drop, the others are
	// gone at once, and what they signed is not valid any more.
	RotateSigningKeys func(ctx context.Context, drop bool) error
}

// SigningKey is a key of access tokens, without what is private.
type SigningKey struct {
	ID        string    `json:"id" doc:"kid of the tokens"`
	CreatedAt time.Time `json:"createdAt"`
	State     string    `json:"state" enum:"published,signing,retired" doc:"published: to sign soon; retired: only verifies"`
}

// Platform is what the routes are served by. It may be used concurrently.
type Platform struct{ Config }

// New returns the platform of a server.
func New(c Config) *Platform { return &Platform{c} }

// API returns the admin API.
func (p *Platform) API() *rest.API {
	return rest.New(rest.Config{
		Root:         Root,
		Name:         "admin API",
		Introduction: "Administration of the accounts of a server, by whoever runs it.",
		Routes:       p.routes(),
		Protocol:     p.Protocol,
		Codes:        append(Codes(), rest.Meaning{Code: "self_lockout", Status: 409, Means: "The caller would lock itself out"}),
	})
}

// Codes lists what AccountRoutes refuse with, beside what every API does.
func Codes() []rest.Meaning {
	return []rest.Meaning{
		{Code: "operator_only", Status: 403, Means: "The setting or token is the server's: only whoever runs it may do this"},
	}
}
