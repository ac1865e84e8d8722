package app

import (
	"context"
	"net/http"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/password"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/scim/server"
)

// wire puts together what serves clients.
func (a *App) wire(ctx context.Context, types []*schema.ResourceType) (http.Handler, error) {
	cursorKey, err := a.registry.Key(ctx, "cursor")
	if err != nil {
		return nil, err
	}
	p, err := provider.New(provider.Config{
		Store:     a.store,
		Types:     types,
		Hasher:    password.New(a.config.Passwords),
		CursorKey: cursorKey,
		Logger:    a.config.Logger,
	})
	if err != nil {
		return nil, err
	}
	return server.New(server.Config{
		Provider:  p,
		Types:     types,
		Guard:     guard(a.registry, a.config),
		Settings:  a.settings,
		PublicURL: a.config.PublicURL,
		Logger:    a.config.Logger,
	}), nil
}

// settings looks up how an account wants its clients to be treated.
func (a *App) settings(ctx context.Context, id string) (scim.Profile, scim.Limits, error) {
	account, err := a.registry.Account(ctx, id)
	return account.Profile, account.Limits, err
}

// guard admits a request to a route with a scope.
func guard(authenticator auth.Authenticator, c Config) func(auth.Scope, http.Handler) http.Handler {
	g := httpauth.New(httpauth.Config{
		Authenticator: authenticator,
		Fail: func(w http.ResponseWriter, _ *http.Request, status int, detail string) {
			server.WriteError(w, status, detail)
		},
		Logger: c.Logger,
	})
	return func(scope auth.Scope, next http.Handler) http.Handler {
		if scope == auth.Open {
			return g.Optional(next)
		}
		return g.Required(g.Require(scope)(next))
	}
}
