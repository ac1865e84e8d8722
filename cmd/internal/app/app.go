// Package app is the composition root: it makes a running server of a
// configuration, and is the one place that knows which parts there are.
//
// It promises: one process at a time has a data folder open; a server that is
// told to stop finishes the requests that it has begun; an App that could not be
// made leaves nothing open.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"roster/auth/audit"
	"roster/auth/factor"
	"roster/auth/limit"
	"roster/auth/oauth"
	"roster/auth/outgoing"
	"roster/auth/password"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/config"
	"roster/cmd/internal/transport"
	"roster/extensions"
	"roster/extensions/notify"
	"roster/extensions/platform"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Config is what an App is made of.
type Config struct {
	config.Config // required, valid

	// Issuer is the URL by which clients of the token endpoint know the server, and
	// which its access tokens are for. Default: the public URL, or http://localhost if
	// there is none.
	Issuer string
	// Memory keeps everything in memory instead of the data folder, and opens no
	// socket for administration. For tests.
	Memory bool
	// Messages is how people are told things. The zero value keeps it all in the
	// outbox.
	Messages notify.Config
	// Passkeys is for which site passkeys are made. What is left out follows from
	// the public URL.
	Passkeys factor.RelyingPartyConfig
	// Passwords is what a password hash costs. The zero value is right for
	// production.
	Passwords password.Config
	// Unlimited lets clients ask as often and as much as they like. For tests.
	Unlimited bool
	// Outgoing is how issuers and webhooks are reached, but for the InternalNetworks. For
	// tests.
	Outgoing outgoing.Config
	// Extensions beside those that every server has. For tests.
	Extensions []extensions.Extension
	// Logger defaults to slog.Default().
	Logger *slog.Logger
}

// App is a server that is ready to run. Make one with New, and close it.
type App struct {
	config   Config
	parts    parts
	host     extensions.Host
	services []service
	hasher   *password.Hasher
	types    []*schema.ResourceType
	store    storage.Store
	registry *registry.Registry
	recorder *audit.Recorder
	platform *platform.Platform
	oauth    *oauth.Server
	service  *admin.Service
	network  *outgoing.Network
	handler  http.Handler
	limiter  *limit.Limiter
	tls      *transport.TLS // nil: plain HTTP
}

// New reads the definitions, opens the data folder, which it makes if it is not
// there, and puts the server together. It refuses to go on without a definition
// that has data, and fails after a second if another process has the folder open.
func New(c Config) (*App, error) {
	c.Logger = c.logger()
	a := &App{config: c}
	var err error
	if a.tls, err = c.tls(); err != nil {
		return nil, err
	}
	sources, err := readSchemas(c.Schemas)
	if err != nil {
		return nil, err
	}
	definitions, err := schema.Define(sources, c.shipped()...)
	if err != nil {
		return nil, err
	}
	now := newInventory(sources, definitions)
	err = peek(c, func(s storage.Store) error { return checkVanished(context.Background(), s, now, c.Data) })
	if err != nil {
		return nil, err
	}
	for _, s := range definitions.Schemas {
		if !definitions.Uses(s) {
			c.logger().Warn("no resource type uses the schema: list it in the schemaExtensions of one", "schema", s.ID)
		}
	}
	if err := a.assemble(definitions); err != nil {
		return nil, err
	}
	if err := now.remember(context.Background(), a.store); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.registry.ResumeDeletions(context.Background()); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.service.Found(context.Background()); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// reopen is New with the definitions that the data was last served with.
func reopen(c Config) (*App, error) {
	var in inventory
	err := peek(c, func(s storage.Store) (err error) {
		in, err = readInventory(context.Background(), s)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Logger = c.logger()
	a := &App{config: c}
	definitions, err := schema.Define(in.Sources, c.shipped()...)
	if err != nil {
		return nil, fmt.Errorf("this version cannot read the definitions that the data was last served with: run \"roster serve\" with mended ones first: %w", err)
	}
	if err := a.assemble(definitions); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *App) assemble(definitions *schema.Definitions) (err error) {
	a.types = definitions.Types
	indexes := append(query.Indexes(definitions.Types), registry.Indexes()...)
	if a.store, err = openStore(a.config, append(indexes, a.config.indexes()...)); err != nil {
		return err
	}
	a.registry = registry.New(registry.Config{Store: a.store, Tokens: token.Format{}, Logger: a.config.Logger})
	a.recorder = audit.NewRecorder(audit.RecorderConfig{Store: a.store, Logger: a.config.Logger})
	a.service = &admin.Service{Registry: a.registry, Store: a.store, Founded: a.found,
		Enqueued: func(account storage.Account) { a.parts.enqueued(account) }} // the parts are still to come
	out := a.config.Outgoing
	if out.Internal, err = a.config.Internal(); err != nil {
		return errors.Join(err, a.Close())
	}
	a.network = outgoing.New(out)
	a.hasher = password.New(a.config.Passwords) // one, so that not too much is hashed at once
	if err = a.extend(context.Background()); err == nil {
		a.handler, err = a.wire(context.Background())
	}
	if err != nil {
		return errors.Join(err, a.Close())
	}
	return nil
}

func (c Config) logger() *slog.Logger {
	if c.Logger == nil {
		return slog.Default()
	}
	return c.Logger
}

func (c Config) issuer() string {
	return strings.TrimRight(cmp.Or(c.Issuer, c.PublicURL, "http://localhost"), "/")
}

// typeOf returns the resource type with that name, or nil.
func (a *App) typeOf(name string) *schema.ResourceType {
	for _, rt := range a.types {
		if rt.Name == name {
			return rt
		}
	}
	return nil
}

// Handler serves everything that clients ask for.
func (a *App) Handler() http.Handler { return a.handler }

// Service administers the server from inside its process.
func (a *App) Service() *admin.Service { return a.service }

// Close waits for what runs in the background and closes the store.
func (a *App) Close() error {
	for _, s := range a.services {
		if s.Close != nil {
			s.Close()
		}
	}
	a.registry.Close()
	return errors.Join(a.recorder.Close(), a.store.Close())
}
