package main

import (
	"context"
	"errors"

	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/cmd/internal/telemetry"
)

// connection is for commands that work on the data of a server, whether it runs
// or not.
type connection struct {
	Data string `required:"" env:"ROSTER_DATA" placeholder:"DIR" help:"Data folder of the server, which may be running or not."`
}

// What to do if there is no database yet.
const (
	mustExist = false
	orCreate  = true
)

// with calls use with a connection to the data.
func (c connection) with(ctx context.Context, env environment, create bool, use func(*admin.Conn) error) (err error) {
	settings := config.Defaults()
	settings.Data, settings.LogFormat, settings.LogLevel = c.Data, "text", "warn"
	if err := settings.Validate(); err != nil {
		return err
	}
	logger, err := telemetry.NewLogger(env.stderr, settings.LogFormat, settings.LogLevel)
	if err != nil {
		return err
	}
	conn, err := app.Administer(ctx, app.Config{Config: settings, Logger: logger}, create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return use(conn)
}
