package script

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/scim"
)

// Client says against which server a script is played.
type Client struct {
	Base  string // URL in front of /Users, without a slash at its end; required
	Token string // bearer token; required unless the script brings its own
	// HTTP sends the requests; nil is a client of its own with a timeout of 60
	// seconds, the read timeout of Okta. It must not follow redirects.
	HTTP *http.Client
	// Protocol also holds every response to what RFC 7644 asks of each: the
	// media type, the form of an error, ETag and Location equal to meta. A
	// client would not stop at that, a test should.
	Protocol bool
	// Root is the path below Base that SCIM begins at, for scripts that also speak
	// other protocols: what is not below it is not held to RFC 7644.
	Root string
	// Values are further variables of the script, and Functions further functions.
	Values    map[string]string
	Functions map[string]Function
	// Lacks says why the server does not have what a step needs, "" if it has.
	// nil: it has everything.
	Lacks func(need string) string
	// Observe sees every response, before it is compared.
	Observe func(resp *http.Response, content []byte, r Result)
}

// ErrNotSent is the error of a step that lacks a value which an earlier one
// should have kept.
var ErrNotSent = errors.New("not sent")

// longest body of a response that is read: more is a fault of the server.
const longest = 64 << 20

// Play sends the steps in order and tells how each went. A step that lacks a
// value which an earlier one should have kept is not sent; the others are, so
// that the session cleans up behind itself. Play may be called concurrently.
func (s *Script) Play(ctx context.Context, c Client) Report {
	if c.HTTP == nil {
		c.HTTP = newHTTPClient()
		defer c.HTTP.CloseIdleConnections()
	}
	report := Report{Script: s}
	vars := newScope(c.Base, c.Token)
	vars.functions = bind(ctx, c.Functions)
	for name, value := range c.Values {
		vars.set(name, scim.StringValue(value))
	}
	for _, let := range s.lets {
		value, err := vars.expand(let.value, verbatim)
		if err != nil {
			return report.with(Result{Step: &Step{Title: "let " + let.name}, Err: err})
		}
		vars.set(let.name, scim.StringValue(value))
	}
	for i := range s.Steps {
		report = report.with(s.playStep(ctx, c, vars, &s.Steps[i]))
	}
	return report
}

func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment},
		Timeout:   time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

func (s *Script) playStep(ctx context.Context, c Client, vars *scope, step *Step) Result {
	r := Result{Step: step}
	if r.Skipped = c.lacks(step.Needs); r.Skipped != "" {
		return r
	}
	req, body, err := s.request(ctx, c, vars, step)
	if err != nil {
		r.Err = fmt.Errorf("%w: %w", ErrNotSent, err)
		return r
	}
	r.Request = printRequest(req, body)
	start := time.Now()
	resp, err := c.HTTP.Do(req)
	r.Took = time.Since(start)
	if err != nil {
		r.Err = err
		return r
	}
	defer resp.Body.Close()
	content, err := readBody(resp)
	r.Status, r.Response = resp.StatusCode, printResponse(resp, content)
	if err != nil {
		r.Err = fmt.Errorf("reading the response: %w", err)
		return r
	}
	if c.Observe != nil {
		c.Observe(resp, content, r)
	}
	r.Err = step.compare(vars, resp, content)
	if r.Err == nil && c.Protocol && strings.HasPrefix(step.target, c.Root) {
		r.Err = checkProtocol(resp, content)
	}
	return r
}

// lacks returns why a step cannot be played.
func (c Client) lacks(needs []string) string {
	if c.Lacks == nil {
		return ""
	}
	for _, need := range needs {
		if reason := c.Lacks(need); reason != "" {
			return reason
		}
	}
	return ""
}

// readBody reads a response, also one that is compressed because the script
// asked for it itself.
func readBody(resp *http.Response) ([]byte, error) {
	var body io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" && resp.ContentLength != 0 {
		unzipped, err := gzip.NewReader(resp.Body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	content, err := io.ReadAll(io.LimitReader(body, longest+1))
	if len(content) > longest {
		return nil, fmt.Errorf("the body is longer than %d bytes", longest)
	}
	return content, err
}

func (s *Script) request(ctx context.Context, c Client, vars *scope, step *Step) (*http.Request, string, error) {
	target, err := vars.expand(step.target, verbatim)
	if err != nil {
		return nil, "", err
	}
	body, err := vars.expand(step.body, insideJSON)
	if err != nil {
		return nil, "", err
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, step.method, c.Base+target, reader)
	if err != nil {
		return nil, "", err
	}
	return req, body, s.setHeaders(req, vars, step, body != "")
}

// setHeaders lets the step's headers go before those of the preamble, and these
// before the token. Nothing else is added to what the client sends.
func (s *Script) setHeaders(req *http.Request, vars *scope, step *Step, hasBody bool) error {
	all := []header{{"Authorization", "Bearer {{token}}"}}
	all = append(all, s.headers...)
	if hasBody {
		all = append(all, s.bodyHeaders...)
	}
	for _, h := range append(all, step.headers...) {
		value, err := vars.expand(h.value, verbatim)
		if err != nil {
			return err
		}
		if value == "<none>" {
			req.Header.Del(h.name)
			continue
		}
		req.Header.Set(h.name, value)
	}
	return nil
}

// compare returns the first difference in the status, then the headers, then
// the body, and keeps what the step asks for.
func (s *Step) compare(vars *scope, resp *http.Response, content []byte) error {
	if !slices.Contains(s.statuses, resp.StatusCode) {
		return &Difference{"status", s.statusText(), strconv.Itoa(resp.StatusCode)}
	}
	m := matcher{vars: vars}
	for _, h := range s.expected {
		have := scim.Value{}
		if values := resp.Header.Values(h.name); len(values) > 0 {
			have = scim.StringValue(strings.Join(values, ", "))
		}
		if d := m.matchString("header "+h.name, h.value, have); d != nil {
			return d
		}
	}
	// The body may refer to what a header kept, such as the Location.
	vars.keep(m.kept)
	m.kept = nil
	if err := s.compareBody(&m, content); err != nil {
		return err
	}
	vars.keep(m.kept)
	return s.check(vars)
}

// check compares what the expressions come to, in order.
func (s *Step) check(vars *scope) error {
	for _, c := range s.checks {
		m := matcher{vars: vars}
		have, err := vars.value(c.expression)
		if err != nil {
			return fmt.Errorf("%s: %w", c.expression, err)
		}
		if d := m.matchString(c.expression, c.want, have); d != nil {
			return d
		}
		vars.keep(m.kept)
	}
	return nil
}

func (s *Step) compareBody(m *matcher, content []byte) error {
	noBody := len(content) == 0 && len(s.statuses) > 1
	if s.want == nil && s.keep == "" || noBody {
		return nil
	}
	have, err := scim.ParseJSON(content)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if s.keep != "" {
		m.kept = append(m.kept, scim.Member{Name: s.keep, Value: have})
	}
	if s.want == nil {
		return nil
	}
	m.exactly = s.exactly
	if s.want.Kind() == scim.Object {
		have = withoutOthers(have, m.vars.named(*s.want))
	}
	if d := m.match("$", *s.want, have); d != nil {
		return d
	}
	return nil
}

func (s *Step) statusText() string {
	texts := make([]string, len(s.statuses))
	for i, code := range s.statuses {
		texts[i] = strconv.Itoa(code)
	}
	return strings.Join(texts, " or ")
}
