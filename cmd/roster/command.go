package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"roster/cmd/internal/config"
)

// environment is what a command sees of the world.
type environment struct {
	stdout, stderr io.Writer
	variables      []string // NAME=value
}

// tell writes words for people.
func (e environment) tell(format string, args ...any) {
	fmt.Fprintf(e.stderr, format+"\n", args...)
}

// commands is the grammar of the command line.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the server."`
	Account  accountCommands `cmd:"" help:"Make, set, disable and delete accounts, each with its own users, groups and tokens."`
	Token    tokenCommands   `cmd:"" help:"Make, list, rotate and revoke the tokens that clients use."`
	Client   clientCommands  `cmd:"" help:"Make, list, rotate and revoke clients of the token endpoint, and those with a certificate."`
	Key      keyCommands     `cmd:"" help:"List and rotate the keys that sign access tokens."`
	Audit    auditCommands   `cmd:"" help:"See who did what, export it, and check that nothing is missing."`
	Outbox   outboxCommands  `cmd:"" help:"Read messages that nobody delivers, and those that could not be delivered."`
	Schema   schemaCommands  `cmd:"" help:"Check and drop schemas and resource types of your own."`
	Check    checkCommand    `cmd:"" help:"Look for damage in the data."`
	Backup   backupCommand   `cmd:"" help:"Copy the data to a file, while the server runs or not."`
	Conform  conformCommand  `cmd:"" help:"Check what the RFCs ask of a SCIM server, this one or any."`
	Simulate simulateCommand `cmd:"" help:"Play what a real client sends to a SCIM server, this one or any."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

const description = `Roster is a SCIM 2.0 provisioning server. To try it: roster serve --dev`

// Statuses of the process.
const (
	statusFailed = 1
	statusUsage  = 2
)

// run carries out one command line and returns the status of the process.
func run(ctx context.Context, env environment, args []string) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parser, err := newParser(env)
	if err != nil {
		return env.fail(statusFailed, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		env.fail(statusUsage, err)
		env.tell(`run "roster --help" to see what there is`)
		return statusUsage
	}
	if err := checkVariables(parser.Model, env.variables); err != nil {
		return env.fail(statusUsage, err)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(env); err != nil {
		return env.fail(statusFailed, err)
	}
	return 0
}

func newParser(env environment) (*kong.Kong, error) {
	defaults := config.Defaults()
	return kong.New(&commands{},
		kong.Name("roster"),
		kong.Description(description),
		kong.Writers(env.stdout, env.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{
			"listen":           defaults.Listen,
			"log_format":       defaults.LogFormat,
			"log_level":        defaults.LogLevel,
			"shutdown_timeout": defaults.ShutdownTimeout.String(),
			"address_rate":     strconv.Itoa(defaults.AddressRate),
			"concurrency":      strconv.Itoa(defaults.Concurrency),
		},
	)
}

// fail reports an error, which may have several lines.
func (e environment) fail(status int, err error) int {
	for line := range strings.Lines(err.Error()) {
		e.tell("roster: %s", strings.TrimRight(line, "\n"))
	}
	return status
}
