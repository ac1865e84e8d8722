package script

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Report tells how a script went, step by step.
type Report struct {
	Script  *Script
	Results []Result
}

// Result is how one step went.
type Result struct {
	Step     *Step
	Status   int           // 0: no response
	Took     time.Duration // until the response's headers
	Request  string        // as sent, without the credential; long bodies are cut
	Response string
	Err      error  // nil: as expected; else a *Difference where the response differs
	Skipped  string // why it was not played, "" if it was
}

func (r Report) with(result Result) Report {
	r.Results = append(r.Results, result)
	return r
}

// Err returns nil if every step went as expected, else the failures with their
// requests and responses.
func (r Report) Err() error {
	var all []error
	for _, result := range r.Results {
		if result.Err != nil {
			all = append(all, errors.New(r.Describe(result)))
		}
	}
	return errors.Join(all...)
}

// Describe prints a step with its difference, for people.
func (r Report) Describe(result Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n", r.Script.Name, result.Step.Line, result.Step.Title)
	if result.Err != nil {
		fmt.Fprintf(&b, "%v\n", result.Err)
	}
	if result.Step.Why != "" {
		fmt.Fprintf(&b, "%s\n", indent("# ", result.Step.Why))
	}
	if result.Request != "" {
		fmt.Fprintf(&b, "%s\n", indent("> ", result.Request))
	}
	if result.Response != "" {
		fmt.Fprintf(&b, "%s\n", indent("< ", result.Response))
	}
	return b.String()
}

func indent(prefix, text string) string {
	return prefix + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+prefix)
}

// printed is how much of a body is shown.
const printed = 4000

func printRequest(req *http.Request, body string) string {
	line := abbreviate(req.Method+" "+req.URL.String(), 1000)
	return line + "\n" + printHeader(req.Header) + "\n" + printable(body)
}

func printResponse(resp *http.Response, content []byte) string {
	return resp.Status + "\n" + printHeader(resp.Header) + "\n" + printable(string(content))
}

// printHeader leaves out the credential, so that a report can be shown around.
func printHeader(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		value := strings.Join(h[name], ", ")
		if name == "Authorization" {
			value, _, _ = strings.Cut(value, " ")
			value += " …"
		}
		fmt.Fprintf(&b, "%s: %s\n", name, abbreviate(value, 500))
	}
	return b.String()
}

func printable(body string) string {
	return strings.ToValidUTF8(abbreviate(body, printed), "\uFFFD")
}
