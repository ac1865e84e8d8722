package script

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"roster/scim"
)

// Script is a session of one client. It is immutable once parsed, and may be
// played any number of times, also at once.
type Script struct {
	Name    string // of its file
	Heading string // in a file of several scripts, else ""
	About   string // the comment at the top
	Profile string // of the account it is for; "default" if it names none
	// Settings of the account it is for, a JSON object; "" if it needs none.
	Settings string

	needs       []string
	headers     []header
	bodyHeaders []header
	lets        []binding
	Steps       []Step
}

// Step is one request and what is expected of the response.
type Step struct {
	Title string
	Why   string   // the comment below the title: why the client would stop
	Aside bool     // no traffic of the client: the script prepares, checks or cleans up
	Line  int      // in the file
	Shows []string // requirements
	Needs []string // what the server must have, else the step is skipped

	method  string
	target  string
	headers []header
	body    string

	statuses []int
	expected []header
	exactly  bool
	checks   []check
	keep     string      // name for the whole body
	want     *scim.Value // nil: any body
}

// check is what an expression must come to once the response is there.
type check struct{ expression, want string }

// Request returns what is sent as it is written, with the names of variables and
// functions.
func (s *Step) Request() (method, target, body string) { return s.method, s.target, s.body }

// Expects returns the statuses that the step takes, and the body that it expects,
// null if any will do.
func (s *Step) Expects() (statuses []int, body scim.Value) {
	if s.want != nil {
		body = *s.want
	}
	return slices.Clone(s.statuses), body
}

type header struct{ name, value string }

type binding struct{ name, value string }

// Load parses the files that match a pattern of [path.Match], with [ParseAll], in
// the order of their names. No match is an error: a test that runs nothing proves nothing.
func Load(fsys fs.FS, pattern string) ([]*Script, error) {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("scripts %s: %w", pattern, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no script matches %s", pattern)
	}
	var scripts []*Script
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		found, err := ParseAll(path.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, found...)
	}
	return scripts, nil
}
