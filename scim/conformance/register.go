package conformance

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"roster/testdata"
)

// Level is how binding a requirement is, in the words of RFC 2119.
type Level string

// levels are the words, and whether they bind.
var levels = map[Level]bool{
	"MUST": true, "MUST NOT": true, "SHALL": true, "SHALL NOT": true, "REQUIRED": true,
	"SHOULD": false, "SHOULD NOT": false, "RECOMMENDED": false,
}

// Binds reports whether a server that does not keep the requirement does not
// conform.
func (l Level) Binds() bool { return levels[l] }

// Section is a section of an RFC.
type Section struct {
	RFC    string `json:"rfc"`    // "7644"
	Number string `json:"number"` // "3.4.2.1"
	Title  string `json:"title"`
}

func (s Section) String() string { return "RFC " + s.RFC + " section " + s.Number }

// Requirement is an entry of the register.
type Requirement struct {
	ID         string
	Section    Section
	Level      Level
	Text       string   // one sentence
	Checks     []string // names
	Tests      []string // Go tests, as "scim/filter.TestMatch"
	Pending    []string // features that are not there yet
	Undone     string   // why a SHOULD is not followed
	Untestable string   // why no test can show it
	Note       string
}

// Requirements reads the register, in the order of its files.
func Requirements() ([]Requirement, error) {
	names, err := fs.Glob(testdata.Requirements, "requirements/*.txt")
	if err != nil {
		return nil, err
	}
	var all []Requirement
	for _, name := range names {
		text, err := fs.ReadFile(testdata.Requirements, name)
		if err != nil {
			return nil, err
		}
		some, err := parseRegister(name, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func parseRegister(name, text string) (list []Requirement, err error) {
	var section Section
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			section, err = parseSection(line)
		case strings.HasPrefix(line, "  "):
			err = addDetail(list, strings.TrimSpace(line))
		default:
			var r Requirement
			r, err = parseRequirement(line, section)
			list = append(list, r)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	return list, nil
}

var (
	sectionLine     = regexp.MustCompile(`^== RFC (\d+) section ([\d.]+): (\S.*)$`)
	requirementLine = regexp.MustCompile(`^((\d+)-([\d.]+)-[a-z]{1,2}) ((?:MUST|SHALL|SHOULD)(?: NOT)?|REQUIRED|RECOMMENDED) (\S.*\.)$`)
)

func parseSection(line string) (Section, error) {
	found := sectionLine.FindStringSubmatch(line)
	if found == nil {
		return Section{}, fmt.Errorf("write '== RFC 7644 section 3.3: Creating Resources'")
	}
	return Section{RFC: found[1], Number: found[2], Title: found[3]}, nil
}

func parseRequirement(line string, section Section) (Requirement, error) {
	found := requirementLine.FindStringSubmatch(line)
	switch {
	case found == nil:
		return Requirement{}, fmt.Errorf("write '7644-3.3-a MUST A sentence.'")
	case found[2] != section.RFC || found[3] != section.Number:
		return Requirement{}, fmt.Errorf("%s stands under %v", found[1], section)
	}
	return Requirement{ID: found[1], Section: section, Level: Level(found[4]), Text: found[5]}, nil
}

// addDetail adds a line to the last requirement.
func addDetail(list []Requirement, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	if len(list) == 0 || rest == "" {
		return fmt.Errorf("%q belongs to no requirement, or says nothing", line)
	}
	r := &list[len(list)-1]
	switch word {
	case "check":
		r.Checks = append(r.Checks, rest)
	case "test":
		r.Tests = append(r.Tests, rest)
	case "pending":
		r.Pending = append(r.Pending, strings.Fields(rest)[0])
	case "undone":
		r.Undone = rest
	case "untestable":
		r.Untestable = rest
	case "note":
		r.Note = rest
	default:
		return fmt.Errorf("%q is none of check, test, pending, undone, untestable, note", word)
	}
	return nil
}
