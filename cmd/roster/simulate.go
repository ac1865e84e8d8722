package main

import (
	"context"
	"fmt"
	"strings"

	"roster/scim/script"
	"roster/testdata"
)

type simulateCommand struct {
	output
	Client string `arg:"" optional:"" help:"Which client: a name that --list shows, or its beginning, such as okta or entra; all for every one."`
	URL    string `arg:"" optional:"" placeholder:"URL" help:"Address of the server, in front of /Users, such as https://scim.example.com/scim/v2."`
	Token  string `env:"ROSTER_TOKEN" placeholder:"TOKEN" help:"Bearer token that may read and write users and groups there."`
	List   bool   `help:"List the clients."`
}

func (simulateCommand) Help() string {
	return `Plays the sessions of clients as they are known from documents, logs and test suites,
and shows, request by request, where the server would have stopped the real client. The
status is 1 if it would have stopped one.

The sessions make users and groups with random names, and delete them at the end.`
}

func (c *simulateCommand) Run(ctx context.Context, env environment) error {
	sessions, err := script.Load(testdata.Clients, "clients/*.http")
	if err != nil {
		return err
	}
	if c.List {
		return c.list(env, sessions)
	}
	if c.Client == "" || c.URL == "" {
		return fmt.Errorf("say which client and where, as in \"roster simulate okta https://scim.example.com/scim/v2\"; --list shows the clients")
	}
	base, err := target{URL: c.URL, Token: c.Token}.base()
	if err != nil {
		return err
	}
	sessions, err = choose(sessions, c.Client)
	if err != nil {
		return err
	}
	var played []*simulation
	for _, s := range sessions {
		sim := simulate(ctx, s, base, c.Token)
		if first := sim.report.Results[0]; first.Status == 0 {
			return fmt.Errorf("%s cannot be reached: %w", base, first.Err)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s was ended: %w", clientName(s), err)
		}
		played = append(played, sim)
	}
	if err := c.print(env, played); err != nil {
		return err
	}
	return verdict(env, played)
}

func (c *simulateCommand) list(env environment, sessions []*script.Script) error {
	type client struct {
		Name     string `json:"name"`
		Requests int    `json:"requests"`
		About    string `json:"about"`
	}
	clients := []client{}
	table := [][]string{{"NAME", "REQUESTS", "ABOUT"}}
	for _, s := range sessions {
		one := client{clientName(s), requests(s), firstSentence(s.About)}
		clients = append(clients, one)
		table = append(table, []string{one.Name, fmt.Sprint(one.Requests), one.About})
	}
	return c.show(env, clients, table)
}

// requests counts what the client itself sends.
func requests(s *script.Script) (n int) {
	for _, step := range s.Steps {
		if !step.Aside {
			n++
		}
	}
	return n
}

func clientName(s *script.Script) string { return strings.TrimSuffix(s.Name, ".http") }

// firstSentence is what a script says of itself, in short.
func firstSentence(about string) string {
	text := strings.ReplaceAll(about, "\n", " ")
	if end := strings.Index(text+" ", ". "); end >= 0 {
		return text[:end]
	}
	return text
}

func choose(sessions []*script.Script, client string) ([]*script.Script, error) {
	var chosen []*script.Script
	for _, s := range sessions {
		name := clientName(s)
		if client == "all" || name == client || strings.HasPrefix(name, client+"-") {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%q is no client that is known: --list shows them", client)
	}
	return chosen, nil
}

func verdict(env environment, played []*simulation) error {
	var stopped []string
	for _, sim := range played {
		if sim.stop >= 0 {
			stopped = append(stopped, clientName(sim.report.Script))
		}
		for _, url := range sim.left {
			env.tell("left behind, for it could not be deleted: %s", url)
		}
	}
	if len(stopped) > 0 {
		return fmt.Errorf("the server would have stopped %s", strings.Join(stopped, ", "))
	}
	env.tell("no client would have stopped")
	return nil
}

func (c *simulateCommand) print(env environment, played []*simulation) error {
	var all []simulationJSON
	for _, sim := range played {
		if c.JSON {
			all = append(all, sim.json())
		} else if err := sim.print(env.stdout); err != nil {
			return err
		}
	}
	if c.JSON {
		return c.show(env, all, nil)
	}
	return nil
}
