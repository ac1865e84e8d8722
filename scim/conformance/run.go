package conformance

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"roster/scim/script"
)

//go:embed checks/*.http
var checks embed.FS

// Config says which server is checked.
type Config struct {
	Base  string // URL in front of /Users, without a slash at its end; required
	Token string // bearer token that may read and write; required
	// Only names checks, by a part of their names, or requirements, by the
	// beginning of their identifiers. Empty: all.
	Only []string
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout is how long the whole run may take; 0 is five minutes.
	Timeout time.Duration
}

// Status is how a check or a requirement went.
type Status string

const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Skipped Status = "skip"
)

// Result is how one check went.
type Result struct {
	Check      string   `json:"check"`
	Shows      []string `json:"shows,omitempty"`
	Status     Status   `json:"status"`
	Difference string   `json:"difference,omitempty"` // of a check that failed
	Why        string   `json:"why,omitempty"`        // what the check is about
	Reason     string   `json:"reason,omitempty"`     // why it was skipped
	Request    string   `json:"request,omitempty"`    // without the credential
	Response   string   `json:"response,omitempty"`
}

// requestTimeout is how long one request may take.
const requestTimeout = 30 * time.Second

// Run checks a server. It fails if the server cannot be reached or does not take
// the token; whatever else is wrong is in the report. It may be called
// concurrently, also for one server. If ctx ends, the run ends after it has
// cleaned up.
func Run(ctx context.Context, c Config) (*Report, error) {
	register, err := Requirements()
	if err != nil {
		return nil, err
	}
	scripts, err := load()
	if err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	r := newRun(c)
	err = r.play(limited, scripts)
	left := r.clean(ctx)
	if err != nil {
		return nil, r.ended(err, left)
	}
	return &Report{Base: c.Base, Results: r.results, LeftBehind: left, requirements: register, only: c.Only}, nil
}

// ended adds to an error what could not be deleted.
func (r *run) ended(err error, left []string) error {
	for _, url := range left {
		err = errors.Join(err, fmt.Errorf("left behind: %s", url))
	}
	return err
}

// load returns the scripts, discovery first.
func load() ([]*script.Script, error) {
	scripts, err := script.Load(checks, "checks/*.http")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(scripts, func(a, b *script.Script) int {
		switch {
		case a.Name == discovery:
			return -1
		case b.Name == discovery:
			return 1
		}
		return 0
	})
	return scripts, nil
}

// discovery is the script that what the server has is learnt from.
const discovery = "discovery.http"

type run struct {
	Config
	cleaner *script.Cleaner
	client  script.Client
	server  *discovered
	rules   []*rule
	results []Result
}

func newRun(c Config) *run {
	r := &run{Config: c, server: &discovered{}, rules: newRules()}
	r.cleaner = &script.Cleaner{Base: c.Base, Next: c.Transport}
	r.client = script.Client{
		Base:  c.Base,
		Token: c.Token,
		HTTP: &http.Client{
			Transport:     r.cleaner,
			Timeout:       requestTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Observe: r.observe,
	}
	return r
}

func (r *run) play(ctx context.Context, scripts []*script.Script) error {
	for _, s := range scripts {
		if s.Name != discovery && !r.wants(s) {
			continue
		}
		r.take(s.Play(ctx, r.client))
		if s.Name == discovery {
			if err := r.usable(); err != nil {
				return err
			}
			r.client.Lacks, r.client.Values = r.server.lacks, r.server.values()
			r.results = append(r.results, r.compareDiscovery()...)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the run was ended: %w", ctx.Err())
		}
	}
	for _, rule := range r.rules {
		r.results = append(r.results, rule.result())
	}
	r.results = slices.DeleteFunc(r.results, func(result Result) bool { return !selected(r.Only, result.Check, result.Shows) })
	if len(r.results) == 0 {
		return fmt.Errorf("no check is called %s, and shows no requirement of that name", strings.Join(r.Only, " or "))
	}
	return nil
}

// usable fails if there is no use in going on.
func (r *run) usable() error {
	switch r.server.users {
	case 0:
		return fmt.Errorf("%s cannot be reached: %s", r.Base, r.results[0].Difference)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s/Users answers %d: the token is not valid there, or may not read users", r.Base, r.server.users)
	}
	return nil
}

// clean deletes what is left, also when the run was ended.
func (r *run) clean(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
	defer cancel()
	return r.cleaner.Clean(ctx)
}

// wants reports whether a script has a check that is asked for. A rule needs all
// scripts.
func (r *run) wants(s *script.Script) bool {
	for _, rule := range r.rules {
		if selected(r.Only, rule.name, rule.shows) {
			return true
		}
	}
	for _, step := range s.Steps {
		if !step.Aside && selected(r.Only, nameOf(s, &step), step.Shows) {
			return true
		}
	}
	return false
}

func selected(only []string, name string, shows []string) bool {
	for _, o := range only {
		if strings.Contains(name, o) || slices.ContainsFunc(shows, func(id string) bool { return within(id, o) }) {
			return true
		}
	}
	return len(only) == 0
}

// within reports whether an identifier is the one that was asked for, or in the
// section or RFC that was.
func within(id, asked string) bool {
	rest, ok := strings.CutPrefix(id, asked)
	return ok && (rest == "" || rest[0] == '-' || rest[0] == '.')
}

func nameOf(s *script.Script, step *script.Step) string {
	return strings.TrimSuffix(s.Name, ".http") + ": " + step.Title
}

// take adds the results of a script. A step that only prepares is a check of its
// own if it fails, for nothing behind it can be told then.
func (r *run) take(report script.Report) {
	for _, step := range report.Results {
		if step.Step.Aside && (step.Err == nil || errors.Is(step.Err, script.ErrNotSent)) {
			continue
		}
		r.results = append(r.results, resultOf(report.Script, step))
	}
}

func resultOf(s *script.Script, step script.Result) Result {
	result := Result{Check: nameOf(s, step.Step), Shows: step.Step.Shows, Status: Passed}
	switch {
	case step.Skipped != "":
		result.Status, result.Reason = Skipped, step.Skipped
	case errors.Is(step.Err, script.ErrNotSent):
		result.Status, result.Reason = Skipped, "a step before it failed"
	case step.Err != nil:
		result.Status, result.Difference, result.Why = Failed, step.Err.Error(), step.Step.Why
		result.Request, result.Response = step.Request, step.Response
	}
	return result
}
