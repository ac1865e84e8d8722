package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"

	"roster/cmd/internal/admin"
)

// Run serves clients at the listener, and commands at the socket in the data
// folder, until ctx ends or serving fails. Then it lets the requests that it has
// begun finish, as long as the configuration allows, and returns. It calls ready
// once both take connections, and closes the listener.
func (a *App) Run(ctx context.Context, listener net.Listener, ready func()) error {
	servers := []runner{&clients{listener, a.clientServer()}}
	if !a.config.Memory {
		control, err := admin.Listen(a.config.Data, a.service, a.config.Logger)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		servers = append(servers, control)
	}
	work, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { a.Work(work) })
	defer working.Wait()
	defer stop()
	a.config.Logger.Info("serving", "address", listener.Addr().String(), "data", a.config.Data)
	if list, err := a.registry.ListAccounts(ctx, "", 1); err == nil && len(list) == 0 {
		a.config.Logger.Warn("there is no account yet, and nobody is let in: make one with 'roster account create', or choose the data folder that has yours", "data", a.config.Data)
	}
	ready()
	return a.run(ctx, servers)
}

// runner is what runs until it is shut down.
type runner interface {
	Serve() error
	Shutdown(context.Context) error
}

// clients is the HTTP server that clients reach.
type clients struct {
	listener net.Listener
	http     *http.Server
}

func (c *clients) Serve() error {
	if c.http.TLSConfig != nil {
		return c.http.ServeTLS(c.listener, "", "")
	}
	return c.http.Serve(c.listener)
}

// Shutdown lets requests finish until ctx ends, and then breaks them off.
func (c *clients) Shutdown(ctx context.Context) error {
	err := c.http.Shutdown(ctx)
	if err != nil {
		_ = c.http.Close()
	}
	return err
}

func (a *App) clientServer() *http.Server {
	s := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: a.config.ReadHeaderTimeout,
		ReadTimeout:       a.config.ReadTimeout,
		WriteTimeout:      a.config.WriteTimeout,
		IdleTimeout:       a.config.IdleTimeout,
		MaxHeaderBytes:    a.config.MaxHeaderBytes,
		ErrorLog:          log.New(complaints{a.limiter, a.config.Logger}, "", 0),
	}
	if a.tls != nil {
		s.TLSConfig = a.tls.Config()
	}
	return s
}

// run runs the servers until ctx ends or one of them fails, and shuts all of
// them down together.
func (a *App) run(ctx context.Context, servers []runner) error {
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() { ended <- s.Serve() }()
	}
	running := len(servers)
	var failure error
	select {
	case <-ctx.Done():
		a.config.Logger.Info("shutting down")
	case err := <-ended:
		failure = fmt.Errorf("serve: %w", err)
		running--
	}
	failure = errors.Join(failure, a.shutdown(servers))
	for range running {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

func (a *App) shutdown(servers []runner) error {
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() { ended <- s.Shutdown(ctx) }()
	}
	var failure error
	for range servers {
		if err := <-ended; errors.Is(err, context.DeadlineExceeded) {
			a.config.Logger.Warn("requests were broken off at shutdown", "after", a.config.ShutdownTimeout)
		} else {
			failure = errors.Join(failure, err)
		}
	}
	return failure
}
