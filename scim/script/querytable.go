package script

import (
	"fmt"
	"strings"
	"text/template"

	"roster/scim"
)

// QueryTable is a table of queries over resources that it creates itself. It
// needs an account without users and groups, for it counts results.
//
// In front of the rows stand 'let' lines and the resources, each as
//
//	User alice
//	{"userName": "alice@example.com"}
//
// with its schemas added, and its name where it has none; {{alice}} is its id
// from then on. A row is a title, a
// request ('> GET /Users?filter=…', sent as written), and the result: the
// status, then the scimType of an error, or the names of the resources that are
// found ('none' if there are none; behind 'in order:' their order counts); then
// what else is expected of the body.
type QueryTable struct {
	name      string
	lets      []string
	resources []resource
	rows      []*row
}

type resource struct{ Kind, Name, Body string }

// ParseQueryTable reads a table of queries, and compiles it once, so that a
// mistake is found here.
func ParseQueryTable(name, text string) (*QueryTable, error) {
	preamble, rows, err := readTable(name, text)
	if err != nil {
		return nil, err
	}
	t := &QueryTable{name: name, rows: rows}
	if err := t.readPreamble(preamble); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, profile := range []string{"default", "strict"} {
		if _, err := t.Script(profile); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return t, nil
}

// IDs returns the first word of every row's title, in their order.
func (t *QueryTable) IDs() []string {
	ids := make([]string, len(t.rows))
	for i, r := range t.rows {
		ids[i] = r.id()
	}
	return ids
}

func (t *QueryTable) readPreamble(lines []string) error {
	for _, line := range lines {
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "let "):
			t.lets = append(t.lets, line)
		case len(words) == 2 && (words[0] == "User" || words[0] == "Group"):
			t.resources = append(t.resources, resource{Kind: words[0], Name: words[1]})
		case len(t.resources) > 0:
			last := &t.resources[len(t.resources)-1]
			last.Body = joinLine(last.Body, line)
		case line != "":
			return fmt.Errorf("%q: want 'let name = value', 'User name' or 'Group name'", line)
		}
	}
	return nil
}

// Script returns the table as one script for an account with that profile: a
// step for each resource, one for each row with the row's title, and at the end
// the resources are deleted.
func (t *QueryTable) Script(profile string) (*Script, error) {
	var text strings.Builder
	err := queryTemplate.Execute(&text, map[string]any{
		"Profile": profile, "Lets": strings.Join(t.lets, "\n"), "Resources": t.resources,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range t.rows {
		if err := t.writeRow(&text, r, r.result(profile)); err != nil {
			return nil, fmt.Errorf("line %d: row %s: %w", r.line, r.id(), err)
		}
	}
	for _, res := range t.resources {
		fmt.Fprintf(&text, "\n--- Clean up\n> DELETE /%ss/{{%s}}\n< 204\n", res.Kind, res.Name)
	}
	s, err := Parse(t.name, text.String())
	if err != nil {
		return nil, err
	}
	t.pointToRows(s)
	return s, nil
}

// pointToRows makes the steps of rows point to the table's lines.
func (t *QueryTable) pointToRows(s *Script) {
	s.atLine(0)
	rows := t.rows
	for i := range s.Steps {
		if !s.Steps[i].Aside {
			s.Steps[i].Line, rows = rows[0].line, rows[1:]
		}
	}
}

func (t *QueryTable) writeRow(text *strings.Builder, r *row, want *result) error {
	if len(r.parts) != 2 {
		return fmt.Errorf("a row has one line '> GET /path'")
	}
	body, err := t.expectedBody(want)
	if err != nil {
		return err
	}
	fmt.Fprintf(text, "\n=== %s\n", r.title)
	if r.why != "" {
		fmt.Fprintf(text, "%s\n", indent("# ", r.why))
	}
	fmt.Fprintf(text, "> %s\n< %s\n%s\n", strings.TrimSpace(r.parts[1]), want.status, body)
	return nil
}

// expectedBody adds the found resources, or the scimType, to what the row says.
func (t *QueryTable) expectedBody(want *result) (scim.Value, error) {
	body, err := object(want.body)
	if err != nil {
		return body, err
	}
	if want.status != "200" {
		return problem(body, want.words), nil
	}
	if len(want.words) == 0 {
		return body, nil
	}
	found, err := t.found(want.words)
	if err != nil {
		return body, err
	}
	body = withDefault(body, "schemas", textList(scim.MessageListResponse))
	total := len(want.words)
	switch {
	case want.words[0] == "none":
		total = 0
	case want.words[0] == "in":
		total -= 2
	}
	body = withDefault(body, "totalResults", scim.NumberValue(fmt.Sprint(total)))
	return withDefault(body, "Resources", found), nil
}

func (t *QueryTable) found(words []string) (scim.Value, error) {
	list := scim.ArrayValue()
	if words[0] == "none" {
		return list, nil
	}
	if len(words) > 2 && words[0] == "in" && words[1] == "order:" {
		list, words = list.Append(scim.StringValue(inOrder)), words[2:]
	}
	for _, name := range words {
		if !t.has(name) {
			return list, fmt.Errorf("%q is no resource of the table", name)
		}
		id := scim.Member{Name: "id", Value: scim.StringValue("{{" + name + "}}")}
		list = list.Append(scim.ObjectValue(id))
	}
	return list, nil
}

func (t *QueryTable) has(name string) bool {
	for _, res := range t.resources {
		if res.Name == name {
			return true
		}
	}
	return false
}

// Complete is the body that creates the resource, for the template.
func (r resource) Complete() (string, error) {
	v, err := complete(r.Kind, r.Body, r.Name)
	return v.String(), err
}

var queryTemplate = template.Must(template.New("query").Delims("[[", "]]").Parse(`profile: [[.Profile]]
> Accept: application/scim+json
body> Content-Type: application/scim+json
[[.Lets]]

--- The account has no users: the rows count them
> GET /Users?count=0
< 200
{"totalResults": 0}

--- The account has no groups: the rows count them
> GET /Groups?count=0
< 200
{"totalResults": 0}
[[range .Resources]]
--- [[.Kind]] [[.Name]]
> POST /[[.Kind]]s
[[.Complete]]
< 201
< body -> [[.Name]]Body
{"id": "<string -> [[.Name]]>"}
[[end]]`))
