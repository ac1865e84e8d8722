package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

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

// simulation is a session that was played.
type simulation struct {
	report script.Report
	stop   int      // step at which the client would have stopped, -1 if it would not
	left   []string // URLs of what could not be deleted
}

// requestTimeout is the longest that a known client waits for an answer.
const requestTimeout = time.Minute

// simulate plays a session, and goes on behind a failure, so that the session
// cleans up; what it cannot, the cleaner does.
func simulate(ctx context.Context, s *script.Script, base, token string) *simulation {
	cleaner := &script.Cleaner{Base: base}
	client := &http.Client{
		Transport: cleaner, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	sim := &simulation{stop: -1, report: s.Play(ctx, script.Client{Base: base, Token: token, HTTP: client})}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
	defer cancel()
	sim.left = cleaner.Clean(after)
	for i, result := range sim.report.Results {
		if result.Err != nil {
			sim.stop = i
			break
		}
	}
	return sim
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

func (sim *simulation) print(w io.Writer) error {
	s := sim.report.Script
	lines := []string{clientName(s) + ": " + firstSentence(s.About)}
	for i, result := range sim.report.Results {
		if result.Step.Aside && result.Err == nil {
			continue // the client does not send it
		}
		lines = append(lines, fmt.Sprintf("  %s  %3d  %6s  %s", mark(sim, i), result.Status, result.Took.Round(time.Millisecond), result.Step.Title))
		if i == sim.stop {
			lines = append(lines, indented(sim.report.Describe(result)))
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n")+"\n")
	return err
}

// mark says how a step went: what comes behind the stop, the client would not
// have sent.
func mark(sim *simulation, i int) string {
	switch {
	case i == sim.stop:
		return "STOP"
	case sim.stop >= 0 && i > sim.stop:
		return "  - "
	}
	return " ok "
}

func indented(text string) string {
	return "        " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n        ")
}

type simulationJSON struct {
	Client string     `json:"client"`
	Stops  bool       `json:"stops"`
	Steps  []stepJSON `json:"steps"`
}

type stepJSON struct {
	Title      string `json:"title"`
	Sent       bool   `json:"sentByClient"` // false: the script prepares, checks or cleans up
	Status     int    `json:"status,omitempty"`
	Outcome    string `json:"outcome"` // ok, stop, or after for what comes behind a stop
	Difference string `json:"difference,omitempty"`
	Request    string `json:"request,omitempty"`
	Response   string `json:"response,omitempty"`
}

func (sim *simulation) json() simulationJSON {
	found := simulationJSON{Client: clientName(sim.report.Script), Stops: sim.stop >= 0}
	for i, result := range sim.report.Results {
		step := stepJSON{Title: result.Step.Title, Sent: !result.Step.Aside, Status: result.Status, Outcome: "ok"}
		switch {
		case i == sim.stop:
			step.Outcome = "stop"
			step.Request, step.Response = result.Request, result.Response
		case sim.stop >= 0 && i > sim.stop:
			step.Outcome = "after"
		}
		if result.Err != nil {
			step.Difference = result.Err.Error()
		}
		found.Steps = append(found.Steps, step)
	}
	return found
}
