package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"roster/scim/conformance"
)

// target is the server that a command checks.
type target struct {
	URL   string `arg:"" placeholder:"URL" help:"Address of the server, in front of /Users, such as https://scim.example.com/scim/v2."`
	Token string `env:"ROSTER_TOKEN" placeholder:"TOKEN" help:"Bearer token that may read and write users and groups there."`
}

// base returns the URL as the scripts want it.
func (t target) base() (string, error) {
	u, err := url.Parse(t.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", fmt.Errorf("%q is no address of a server: write it like https://scim.example.com/scim/v2", t.URL)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return "", errors.New("the address of a SCIM server has no query, no fragment and no user (RFC 7644 section 1.3)")
	case t.Token == "":
		return "", errors.New("a token is missing: give one with --token or in ROSTER_TOKEN")
	}
	return strings.TrimRight(t.URL, "/"), nil
}

type conformCommand struct {
	target
	output
	Only    []string      `placeholder:"NAME" help:"Only these: parts of names of checks, or identifiers, sections and RFCs, such as 7644-3.5.2."`
	All     bool          `help:"Name every requirement, not only those that are not kept."`
	Timeout time.Duration `default:"5m" placeholder:"TIME" help:"How long all of it may take, ${default} unless set."`
}

func (conformCommand) Help() string {
	return `Checks what RFC 7643, RFC 7644 and RFC 9865 ask of a server, from outside, and prints
what it does not keep, with the request, the response and the clause. What the server
says that it does not support is skipped. The status is 1 if anything is not kept that
the RFCs demand (MUST, SHALL, REQUIRED).

It makes users and groups with random names, and deletes them at the end. Still, use an
account for tests.`
}

func (c *conformCommand) Run(ctx context.Context, env environment) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	env.tell("checking %s; this takes a few hundred requests", base)
	report, err := conformance.Run(ctx, conformance.Config{Base: base, Token: c.Token, Only: c.Only, Timeout: c.Timeout})
	if err != nil {
		return err
	}
	if err := c.print(env, report); err != nil {
		return err
	}
	if n := report.Failing(); n > 0 {
		return fmt.Errorf("%d requirements are not kept", n)
	}
	env.tell("nothing was found that the RFCs forbid")
	return nil
}

func (c *conformCommand) print(env environment, report *conformance.Report) error {
	if c.JSON {
		return c.show(env, report, nil)
	}
	return report.Print(env.stdout, c.All)
}
