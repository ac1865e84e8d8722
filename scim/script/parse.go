package script

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/scim"
)

// Parse reads a script. An error names the file and the line.
func Parse(name, text string) (*Script, error) {
	p := parser{script: &Script{Name: name, Profile: "default"}}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		if err := p.read(strings.TrimRight(line, " \t\r")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.line, err)
		}
	}
	if err := p.endStep(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, p.line, err)
	}
	if len(p.script.Steps) == 0 {
		return nil, fmt.Errorf("%s has no steps: a step starts with '=== title'", name)
	}
	return p.script, nil
}

type parser struct {
	script *Script
	step   *Step // nil in the preamble
	line   int
	body   []string // lines of the body being read
}

func (p *parser) read(line string) error {
	title, isStep := strings.CutPrefix(line, "=== ")
	aside, isAside := strings.CutPrefix(line, "--- ")
	switch {
	case isStep || isAside:
		return p.startStep(title, aside, isAside)
	case strings.HasPrefix(line, "#"):
		p.comment(strings.TrimSpace(line[1:]))
		return nil
	case p.step == nil:
		return p.preamble(line)
	case p.step.method == "":
		return p.requestLine(line)
	case p.step.statuses == nil:
		return p.request(line)
	}
	return p.response(line)
}

func (p *parser) startStep(title, aside string, isAside bool) error {
	if err := p.endStep(); err != nil {
		return err
	}
	if isAside {
		title = aside
	}
	p.step = &Step{Title: title, Aside: isAside, Line: p.line, Needs: slices.Clone(p.script.needs)}
	return nil
}

func (p *parser) endStep() error {
	if p.step == nil {
		return nil
	}
	if p.step.statuses == nil {
		return fmt.Errorf("step %q has no expected status: write '< 200'", p.step.Title)
	}
	if err := p.endBody(); err != nil {
		return err
	}
	p.script.Steps = append(p.script.Steps, *p.step)
	return nil
}

// comment keeps what stands at the top of the file, and below a title.
func (p *parser) comment(text string) {
	switch {
	case p.step != nil && p.step.method == "":
		p.step.Why = joinLine(p.step.Why, text)
	case p.step == nil && p.script.bare():
		p.script.About = joinLine(p.script.About, text)
	}
}

// bare reports whether nothing but comments was read.
func (s *Script) bare() bool {
	return len(s.lets)+len(s.headers)+len(s.bodyHeaders) == 0
}

func joinLine(text, line string) string {
	if text == "" {
		return line
	}
	return text + "\n" + line
}

func (p *parser) preamble(line string) (err error) {
	if line == "" {
		return nil
	}
	if profile, ok := strings.CutPrefix(line, "profile: "); ok {
		p.script.Profile = strings.TrimSpace(profile)
		return nil
	}
	if settings, ok := strings.CutPrefix(line, "settings: "); ok {
		p.script.Settings = strings.TrimSpace(settings)
		_, err := object(settings)
		return err
	}
	if words, ok := strings.CutPrefix(line, "needs: "); ok {
		p.script.needs = append(p.script.needs, strings.Fields(words)...)
		return nil
	}
	if let, ok := strings.CutPrefix(line, "let "); ok {
		name, value, ok := strings.Cut(let, " = ")
		if !ok {
			return errors.New("write 'let name = value'")
		}
		p.script.lets = append(p.script.lets, binding{name, value})
		return nil
	}
	if h, ok := strings.CutPrefix(line, "body> "); ok {
		p.script.bodyHeaders, err = addHeader(p.script.bodyHeaders, h)
		return err
	}
	if h, ok := strings.CutPrefix(line, "> "); ok {
		p.script.headers, err = addHeader(p.script.headers, h)
		return err
	}
	return errors.New("the preamble holds 'profile:', 'settings:', 'needs:', 'let', '>' and 'body>'; a step starts with '=== title'")
}

func addHeader(list []header, line string) ([]header, error) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return nil, errors.New("a header is 'Name: value'")
	}
	return append(list, header{http.CanonicalHeaderKey(name), strings.TrimSpace(value)}), nil
}

func (p *parser) requestLine(line string) error {
	if line == "" {
		return nil
	}
	if shows, ok := strings.CutPrefix(line, "shows: "); ok {
		p.step.Shows = append(p.step.Shows, strings.Fields(shows)...)
		return nil
	}
	if needs, ok := strings.CutPrefix(line, "needs: "); ok {
		p.step.Needs = append(p.step.Needs, strings.Fields(needs)...)
		return nil
	}
	words := strings.SplitN(line, " ", 3)
	if len(words) < 3 || words[0] != ">" {
		return errors.New("a step starts with '> METHOD /path', behind 'shows:' and 'needs:'")
	}
	p.step.method, p.step.target = words[1], words[2]
	return nil
}

func (p *parser) request(line string) (err error) {
	if h, ok := strings.CutPrefix(line, "> "); ok {
		p.step.headers, err = addHeader(p.step.headers, h)
		return err
	}
	if status, ok := strings.CutPrefix(line, "< "); ok {
		p.step.body = strings.Trim(strings.Join(p.body, "\n"), "\n")
		p.body = nil
		return p.status(status)
	}
	p.body = append(p.body, line)
	return nil
}

func (p *parser) status(line string) error {
	words := strings.Fields(strings.ReplaceAll(line, "|", " "))
	if n := len(words) - 1; n > 0 && words[n] == "exactly" {
		p.step.exactly, words = true, words[:n]
	}
	for _, word := range words {
		code, err := strconv.Atoi(word)
		if err != nil || code < 100 || code > 599 {
			return fmt.Errorf("%q is no status: write '< 200', '< 200 | 204' or '< 200 exactly'", word)
		}
		p.step.statuses = append(p.step.statuses, code)
	}
	return nil
}

func (p *parser) response(line string) (err error) {
	h, ok := strings.CutPrefix(line, "< ")
	if !ok {
		p.body = append(p.body, line)
		return nil
	}
	if name, ok := strings.CutPrefix(h, "body -> "); ok {
		p.step.keep = name
		return nil
	}
	if strings.HasPrefix(h, "{{") {
		return p.addCheck(h)
	}
	if p.step.expected, err = addHeader(p.step.expected, h); err != nil {
		return err
	}
	return checkPlaceholder(p.step.expected[len(p.step.expected)-1].value)
}

func (p *parser) addCheck(line string) error {
	expression, want, ok := strings.Cut(line, " = ")
	if !ok {
		return errors.New("write '< {{function argument}} = value'")
	}
	p.step.checks = append(p.step.checks, check{expression, want})
	return checkPlaceholder(want)
}

// endBody takes the lines behind the expected headers for the expected body.
func (p *parser) endBody() error {
	text := strings.TrimSpace(strings.Join(p.body, "\n"))
	p.body = nil
	if text == "" {
		return nil
	}
	if slices.Contains(p.step.statuses, http.StatusNoContent) && len(p.step.statuses) == 1 {
		return errors.New("a 204 has no body to compare")
	}
	want, err := parseExpected(text)
	if err != nil {
		return fmt.Errorf("step %q: expected body: %w", p.step.Title, err)
	}
	p.step.want = &want
	return nil
}

func parseExpected(text string) (scim.Value, error) {
	v, err := scim.ParseJSON([]byte(text))
	if err != nil {
		return scim.Value{}, err
	}
	return v, checkPlaceholders(v)
}

func checkPlaceholders(v scim.Value) error {
	if v.Kind() == scim.String {
		return checkPlaceholder(v.Text())
	}
	for i := range v.Len() {
		if err := checkPlaceholders(v.At(i)); err != nil {
			return err
		}
	}
	return nil
}
