package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"roster/auth"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/cmd/internal/telemetry"
	"roster/scim/server"
)

type serveCommand struct {
	Data            string        `env:"ROSTER_DATA" placeholder:"DIR" help:"Folder that holds everything the server keeps; made if it is not there."`
	Schemas         string        `env:"ROSTER_SCHEMAS" placeholder:"DIR" help:"Folder of JSON files, or one file, with schemas and resource types beyond users and groups."`
	Listen          string        `env:"ROSTER_LISTEN" default:"${listen}" placeholder:"HOST:PORT" help:"Where to serve, ${default} unless set. Port 0 takes any free one."`
	PublicURL       string        `name:"public-url" env:"ROSTER_PUBLIC_URL" placeholder:"URL" help:"Where clients reach the server, without /scim/v2. Locations in answers start with it; else with what the request says."`
	TLS             tlsFlags      `embed:"" group:"To speak TLS:"`
	TrustedProxy    []string      `env:"ROSTER_TRUSTED_PROXY" placeholder:"NETWORK" help:"Address or network of proxies whose Forwarded and X-Forwarded-* headers are believed, such as 10.0.0.0/8. Can be given several times."`
	InternalNetwork []string      `env:"ROSTER_INTERNAL_NETWORK" placeholder:"NETWORK" help:"Address or network, such as 10.0.0.0/8, that issuers and webhooks may be in; by name, others are reached at public addresses only. Can be given several times."`
	CORSOrigin      []string      `name:"cors-origin" env:"ROSTER_CORS_ORIGIN" placeholder:"URL" help:"Site whose pages may call the server from a browser, such as https://app.example.com. Can be given several times."`
	LogFormat       string        `env:"ROSTER_LOG_FORMAT" default:"${log_format}" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal, else json."`
	LogLevel        string        `env:"ROSTER_LOG_LEVEL" default:"${log_level}" placeholder:"LEVEL" help:"debug, info, warn or error; info has a line for each request."`
	ShutdownTimeout time.Duration `env:"ROSTER_SHUTDOWN_TIMEOUT" default:"${shutdown_timeout}" placeholder:"TIME" help:"How long requests may take to finish when the server is stopped, ${default} unless set."`
	AddressRate     int           `env:"ROSTER_ADDRESS_RATE" default:"${address_rate}" placeholder:"N" help:"Requests a second without a valid token that one address may send, ${default} unless set. Behind a proxy that is not trusted, all clients have its address."`
	Concurrency     int           `env:"ROSTER_CONCURRENCY" default:"${concurrency}" placeholder:"N" help:"Requests in work at once, ${default} unless set; each 16 KiB of a body count as one more. Others wait up to two seconds."`
	Messages        messageFlags  `embed:"" group:"To tell people things:"`
	Passkeys        passkeyFlags  `embed:"" group:"Passkeys:"`
	Check           bool          `help:"Only check the settings."`
	Dev             bool          `group:"For development:" help:"Serve one account, with a token that is printed. Data is temporary unless --data is given."`
	DevToken        string        `group:"For development:" env:"ROSTER_DEV_TOKEN" placeholder:"TOKEN" help:"The token to use with --dev instead of a random one: 8 characters or more."`
}

// tlsFlags say how the server speaks TLS.
type tlsFlags struct {
	Cert        string `name:"tls-cert" env:"ROSTER_TLS_CERT" placeholder:"FILE" help:"Certificate in PEM, with those that it chains to. It is read again when it changes."`
	Key         string `name:"tls-key" env:"ROSTER_TLS_KEY" placeholder:"FILE" help:"Its private key in PEM."`
	ClientCerts bool   `name:"tls-client-certs" env:"ROSTER_TLS_CLIENT_CERTS" help:"Let clients show a certificate instead of a token; see \"roster client create --help\"."`
	ClientCA    string `name:"tls-client-ca" env:"ROSTER_TLS_CLIENT_CA" placeholder:"FILE" help:"CAs in PEM that sign the certificates of clients, which may then be known by a name that is in them, too. Those of anybody else are refused."`
}

func (serveCommand) Help() string {
	return `The server prints where it serves, such as "scim: http://127.0.0.1:8080/scim/v2",
when it is ready, and with --dev a second line, "token: ...". Its log goes to stderr.

It stops on SIGINT or SIGTERM, after the requests that it has begun.

Make accounts and tokens with "roster account create" and "roster token create",
before or while the server runs.`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, env environment) (err error) {
	if c.DevToken != "" && !c.Dev {
		return errors.New("--dev-token (ROSTER_DEV_TOKEN) works with --dev only: make tokens with \"roster token create\"")
	}
	if c.Dev && c.Data == "" {
		if c.Data, err = os.MkdirTemp("", "roster-dev-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	}
	settings := c.settings()
	if err := settings.Validate(); err != nil {
		return err
	}
	if c.Check {
		if err := app.CheckSettings(c.config(settings)); err != nil {
			return err
		}
		env.tell("the settings are fine")
		return nil
	}
	return c.serve(ctx, env, settings)
}

func (c *serveCommand) settings() config.Config {
	s := config.Defaults()
	s.Data = c.Data
	s.Schemas = c.Schemas
	s.Listen = c.Listen
	s.PublicURL = c.PublicURL
	s.TLSCertificate, s.TLSKey = c.TLS.Cert, c.TLS.Key
	s.TLSClientCertificates, s.TLSClientCA = c.TLS.ClientCerts, c.TLS.ClientCA
	s.TrustedProxies, s.CORSOrigins = c.TrustedProxy, c.CORSOrigin
	s.InternalNetworks = c.InternalNetwork
	s.LogFormat = c.LogFormat
	s.LogLevel = c.LogLevel
	s.ShutdownTimeout = c.ShutdownTimeout
	s.AddressRate = c.AddressRate
	s.Concurrency = c.Concurrency
	return s
}

func (c *serveCommand) config(settings config.Config) app.Config {
	return app.Config{Config: settings, Messages: c.Messages.config(), Passkeys: c.Passkeys.config()}
}

func (c *serveCommand) serve(ctx context.Context, env environment, settings config.Config) (err error) {
	logger, err := telemetry.NewLogger(env.stderr, settings.LogFormat, settings.LogLevel)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --listen", err)
	}
	config := c.config(settings)
	config.Logger, config.Issuer = logger, publicURL(settings, listener)
	a, err := app.New(config)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	lines := "scim: " + config.Issuer + server.Root + "\n"
	if c.Dev {
		secret, release, failure := a.Develop(ctx, auth.Secret(c.DevToken))
		if failure != nil {
			return errors.Join(failure, listener.Close())
		}
		// The context has ended by then.
		defer func() { err = errors.Join(err, release(context.WithoutCancel(ctx))) }()
		env.tell(notForProduction, settings.Data)
		lines += "token: " + secret.Reveal() + "\n"
	}
	return a.Run(ctx, listener, func() { fmt.Fprint(env.stdout, lines) })
}

const notForProduction = `
*** DEVELOPMENT MODE: NOT FOR PRODUCTION ***
*** The token is printed, and opens all of the account. Data: %s
`

// publicURL is where clients find the server.
func publicURL(settings config.Config, listener net.Listener) string {
	switch {
	case settings.PublicURL != "":
		return strings.TrimRight(settings.PublicURL, "/")
	case settings.TLSCertificate != "":
		return "https://" + listener.Addr().String()
	}
	return "http://" + listener.Addr().String()
}
