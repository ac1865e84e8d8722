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
	who, err := a.newAccess()
	if err != nil {
		return nil, err
	}
	mux := httpauth.Config{Origins: a.config.CORSOrigins, Logger: a.config.Logger}
	if mux.TrustedProxies, err = a.config.Proxies(); err != nil {
		return nil, err
	}
	who.configure(&mux)
	a.bound(&mux)
	a.service.Keys = keys{a.oauth}
	return httpauth.NewMux(mux,
		server.New(server.Config{
			Provider:  p,
			Types:     a.types,
			Settings:  a.settings,
			PublicURL: a.config.PublicURL,
		}), append(append(a.surfaces(), a.platform.API().Surface()), a.oauth.Surfaces()...)...)
}

// settings looks up how an account wants its clients to be treated.
func (a *App) settings(ctx context.Context, id string) (scim.Profile, scim.Limits, error) {
	account, err := a.account(ctx, id)
	return account.Profile, account.Limits, err
}
