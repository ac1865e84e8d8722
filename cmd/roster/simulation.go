package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"roster/scim/script"
)

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

func (sim *simulation) print(w io.Writer) error {
	s := sim.report.Script
	lines := []string{clientName(s) + ": " + firstSentence(s.About)}
	for i, result := range sim.report.Results {
		if result.Step.Aside && i != sim.stop {
			continue // the client does not send it
		}
		lines = append(lines, fmt.Sprintf("  %s  %s  %s", mark(sim, i), exchanged(sim.report.Results[i]), result.Step.Title))
		if i == sim.stop {
			lines = append(lines, indented(sim.report.Describe(result)))
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n")+"\n")
	return err
}

// exchanged is a request in a few words, with the status and the time it took.
func exchanged(result script.Result) string {
	if result.Status == 0 {
		return fmt.Sprintf("%-21s", "not sent")
	}
	method, _, _ := strings.Cut(result.Request, " ")
	return fmt.Sprintf("%3d  %5d ms  %-6s", result.Status, result.Took.Milliseconds(), method)
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
