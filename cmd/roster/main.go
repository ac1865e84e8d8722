// Roster is a SCIM 2.0 provisioning server: identity providers and HR systems
// push people and groups into it, and it keeps them. This command is the server
// and the tool of its operator; run it without arguments to see what it does.
//
// Its rules: data goes to stdout, words to stderr; the status is 0 if all went
// well, 1 if the command failed, 2 if it was not understood; a secret is shown
// once, when it is made.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, environment{os.Stdout, os.Stderr, os.Environ()}, os.Args[1:]))
}
