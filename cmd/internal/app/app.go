// Package app is the composition root: it makes a running server of a
// configuration, and is the one place that knows which parts there are.
//
// It promises: one process at a time has a data folder open; a server that is
// told to stop finishes the requests that it has begun; an App that could not be
// made leaves nothing open.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"roster/auth/password"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/config"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// Config is what an App is made of.
type Config struct {
	config.Config // required, valid

	// Memory keeps everything in memory instead of the data folder, and opens no
	// socket for administration. For tests.
	Memory bool
	// Passwords is what a password hash costs. The zero value is right for
	// production.
	Passwords password.Config
	// Logger defaults to slog.Default().
	Logger *slog.Logger
}

// databaseName is the file in the data folder.
const databaseName = "roster.db"

// App is a server that is ready to run. Make one with New, and close it.
type App struct {
	config   Config
	store    storage.Store
	registry *registry.Registry
	service  *admin.Service
	handler  http.Handler
}

// New opens the data folder, which it makes if it is not there, and puts the
// server together. It fails after a second if another process has the folder
// open.
func New(c Config) (*App, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	types := schema.Core()
	store, err := open(c, append(query.Indexes(types), registry.Indexes()...))
	if err != nil {
		return nil, err
	}
	accounts := registry.New(registry.Config{Store: store, Tokens: token.Format{}, Logger: c.Logger})
	a := &App{
		config:   c,
		store:    store,
		registry: accounts,
		service:  &admin.Service{Registry: accounts, Store: store},
	}
	a.handler = a.wire(types)
	return a, nil
}

func open(c Config, indexes []storage.Index) (storage.Store, error) {
	if c.Memory {
		return memory.New(indexes), nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	store, err := bolt.Open(bolt.Config{
		Path:    filepath.Join(c.Data, databaseName),
		Indexes: indexes,
		Logger:  c.Logger,
	})
	if err != nil {
		return nil, err
	}
	return store, nil
}

// Handler serves everything that clients ask for.
func (a *App) Handler() http.Handler { return a.handler }

// Service administers the server from inside its process.
func (a *App) Service() *admin.Service { return a.service }

// Close waits for what runs in the background and closes the store.
func (a *App) Close() error {
	a.registry.Close()
	return a.store.Close()
}

// Run serves clients at the listener, and commands at the socket in the data
// folder, until ctx ends or serving fails. Then it lets the requests that it has
// begun finish, as long as the configuration allows, and returns. It calls ready
// once both take connections, and closes the listener.
func (a *App) Run(ctx context.Context, listener net.Listener, ready func()) error {
	servers := []service{&clients{listener, a.clientServer()}}
	if !a.config.Memory {
		control, err := admin.Listen(a.config.Data, a.service, a.config.Logger)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		servers = append(servers, control)
	}
	a.config.Logger.Info("serving", "address", listener.Addr().String(), "data", a.config.Data)
	ready()
	return a.run(ctx, servers)
}
