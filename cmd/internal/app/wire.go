package app

import (
	"context"
	"net/http"

	"roster/auth/httpauth"
	"roster/extensions"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/server"
)

// wire puts together what serves clients.
func (a *App) wire(ctx context.Context) (http.Handler, error) {
	cursorKey, err := a.registry.Key(ctx, "cursor")
	if err != nil {
		return nil, err
	}
	config := provider.Config{
		Store:     a.store,
		Types:     a.types,
		Hasher:    a.hasher,
		CursorKey: cursorKey,
		Logger:    a.config.Logger,
	}
	a.parts.configure(&config)
	p, err := provider.New(config)
	if err != nil {
		return nil, err
	}
	a.host = extensions.Host{Store: a.store, Provider: p, Types: a.types}
	a.serve()
	mux := httpauth.Config{Authenticator: a.authenticators(), Logger: a.config.Logger}
	a.bound(&mux)
	return httpauth.NewMux(mux,
		server.New(server.Config{
			Provider:  p,
			Types:     a.types,
			Settings:  a.settings,
			PublicURL: a.config.PublicURL,
		}), a.surfaces()...)
}

// settings looks up how an account wants its clients to be treated.
func (a *App) settings(ctx context.Context, id string) (scim.Profile, scim.Limits, error) {
	account, err := a.registry.Account(ctx, id)
	return account.Profile, account.Limits, err
}
