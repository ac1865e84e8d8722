package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
)

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
