package api

import (
	"context"

	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
	"roster/scim"
)

// Config of an API. All of it is required.
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
}

// API is the surface. It may be used concurrently.
type API struct {
	Config
	routes   []Route
	document []byte
}

// New returns the API of a server.
func New(c Config) *API {
	a := &API{Config: c}
	a.routes = a.table()
	a.document = describe(a.routes)
	return a
}
