package script

import (
	"errors"
	"fmt"
	"strings"

	"roster/scim"
)

// A table is a script in which each row stands for several requests. Its rows
// are written like steps:
//
//	=== P07 User: the value of an address changes
//	# What sends it.
//	{"emails": [{"type": "work", "value": "old@example.com"}]}
//	> {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"}
//	< 200
//	{"emails": [{"type": "work", "value": "new@example.com"}]}
//	< strict 400 invalidSyntax
//
// A result is for every profile unless it names one; a profile that is named
// has a result of its own.
type row struct {
	title string
	why   string
	line  int

	parts   []string // blocks in front of the first result: what is between the markers
	results map[string]*result
}

// result is what a row gives under one profile.
type result struct {
	status string
	words  []string // behind the status
	body   string
}

// everyProfile is the key of the result for profiles that have none of their own.
const everyProfile = ""

// result returns what the row gives under a profile.
func (r *row) result(profile string) *result {
	if own := r.results[profile]; own != nil {
		return own
	}
	return r.results[everyProfile]
}

// id is the first word of the title, such as P07.
func (r *row) id() string {
	id, _, _ := strings.Cut(r.title, " ")
	return id
}

// readTable splits a table into what stands before the first row, and the rows.
func readTable(name, text string) (preamble []string, rows []*row, err error) {
	var r *row
	var latest *result
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		title, isRow := strings.CutPrefix(line, "=== ")
		found, isResult := strings.CutPrefix(line, "< ")
		comment, isComment := strings.CutPrefix(line, "#")
		switch {
		case isRow:
			r, latest = &row{title: title, line: i + 1, results: map[string]*result{}}, nil
			rows = append(rows, r)
		case isComment:
			if r != nil {
				r.why = joinLine(r.why, strings.TrimSpace(comment))
			}
		case r == nil:
			preamble = append(preamble, line)
		case isResult:
			latest, err = r.addResult(found)
		case latest != nil:
			latest.body = joinLine(latest.body, line)
		default:
			r.addPart(line)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	return preamble, rows, checkRows(name, rows)
}

func checkRows(name string, rows []*row) error {
	if len(rows) == 0 {
		return fmt.Errorf("%s has no rows: a row starts with '=== id title'", name)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.id()] {
			return fmt.Errorf("%s:%d: row %s is there twice", name, r.line, r.id())
		}
		seen[r.id()] = true
		if r.results[everyProfile] == nil {
			return fmt.Errorf("%s:%d: row %s has no result: write '< 200'", name, r.line, r.id())
		}
	}
	return nil
}

func (r *row) addResult(text string) (*result, error) {
	words := strings.Fields(text)
	profile := everyProfile
	if len(words) > 0 && (words[0][0] < '0' || words[0][0] > '9') {
		profile, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return nil, errors.New("a result is '< 200' or '< strict 400 invalidPath'")
	}
	if r.results[profile] != nil {
		return nil, errors.New("the row has that result already")
	}
	found := &result{status: words[0], words: words[1:]}
	r.results[profile] = found
	return found, nil
}

// addPart appends a line to the block that is being read; a line with > opens
// the next one.
func (r *row) addPart(line string) {
	if next, ok := strings.CutPrefix(line, "> "); ok {
		for len(r.parts) == 0 {
			r.parts = append(r.parts, "")
		}
		r.parts = append(r.parts, next)
		return
	}
	if len(r.parts) == 0 {
		r.parts = []string{""}
	}
	last := len(r.parts) - 1
	r.parts[last] = strings.TrimLeft(r.parts[last]+"\n"+line, "\n")
}

// object reads a block as a JSON object; an empty one is an empty object.
func object(text string) (scim.Value, error) {
	if strings.TrimSpace(text) == "" {
		return scim.ObjectValue(), nil
	}
	v, err := scim.ParseJSON([]byte(text))
	if err == nil && v.Kind() != scim.Object {
		err = errors.New("want a JSON object")
	}
	return v, err
}

// withDefault sets a member that an object does not have.
func withDefault(v scim.Value, name string, value scim.Value) scim.Value {
	if _, ok := v.Lookup(name); ok {
		return v
	}
	return v.With(name, value)
}

func textList(texts ...string) scim.Value {
	list := scim.ArrayValue()
	for _, t := range texts {
		list = list.Append(scim.StringValue(t))
	}
	return list
}

// problem is the expected body of an error.
func problem(body scim.Value, words []string) scim.Value {
	scimType := "<absent>"
	if len(words) > 0 {
		scimType = words[0]
	}
	return withDefault(body, "scimType", scim.StringValue(scimType))
}
