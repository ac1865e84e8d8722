package api

import (
	"context"

	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
	"roster/extensions/rest"
	"roster/scim"
)

// Root is the path below which the API is served.
const Root = "/v1/account"

// Config of an API. What is not said to be optional is required.
type Config struct {
	Users       *model.Users
	Grants      *grants.Access
	Credentials *credentials.Credentials
	Invitations *invitations.Invitations
	Events      events.Log
	// Protocol returns the profile and limits of an account.
	Protocol func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// Account tells what an account is like.
	Account func(ctx context.Context, id string) (Account, error)
	// Routes are more of the API, which the account model knows nothing of, and
	// Codes what they refuse with. Optional.
	Routes []rest.Route
	Codes  []rest.Meaning
}

// API is what the routes are served by. It may be used concurrently.
type API struct{ Config }

// New returns the API of a server.
func New(c Config) *rest.API {
	a := &API{c}
	return rest.New(rest.Config{
		Root:         Root,
		Name:         "account API",
		Introduction: "Administration of one account and its users: that of the token.",
		Routes:       append(a.table(), c.Routes...),
		Protocol:     c.Protocol,
		Codes:        append(rest.Mapped(codes, func(m meaning) rest.Meaning { return rest.Meaning(m) }), c.Codes...),
		CodeOf:       codeOf,
	})
}
