package script

import (
	"fmt"
	"slices"
	"strings"
	"text/template"

	"roster/scim"
)

// PatchRow is one row of a table of PATCH requests: a resource, operations, and
// what they make of it.
//
// The title is 'id kind: text', the kind User or Group. Then come the resource
// as it is created (its schemas and its name are added), the operations (one
// object or a list; the message around them is added), and the result: the
// status, then the scimType of an error, or 'unchanged' where the resource must
// keep its version, else it must have a new one; then the expected body. The
// variables are {{me}}, the id of the resource, {{name}}, its userName or
// displayName, and {{a}}, {{b}}, {{aName}}, {{bName}} of two users who are
// created where the row speaks of them.
type PatchRow struct {
	ID    string
	Title string
	kind  string
	file  string
	row   *row
}

// ParsePatchTable reads a table of PATCH requests, and compiles every row once,
// so that a mistake is found here.
func ParsePatchTable(name, text string) ([]PatchRow, error) {
	preamble, rows, err := readTable(name, text)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(strings.Join(preamble, "")) != "" {
		return nil, fmt.Errorf("%s: in front of the first row only comments are read", name)
	}
	var table []PatchRow
	for _, r := range rows {
		kind, _, ok := strings.Cut(strings.TrimPrefix(r.title, r.id()+" "), ":")
		if !ok || kind != "User" && kind != "Group" || len(r.parts) != 2 {
			return nil, fmt.Errorf("%s:%d: a row is '=== id User: title', a resource, '> operations' and results", name, r.line)
		}
		p := PatchRow{ID: r.id(), Title: r.title, kind: kind, file: name, row: r}
		for _, profile := range []string{"default", "strict"} {
			if _, err := p.Script(profile); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, r.line, err)
			}
		}
		table = append(table, p)
	}
	return table, nil
}

// Script returns the row as a script for an account with that profile: the
// resource is created, changed, read again and deleted. After a failure it must
// be as it was, with the same version (RFC 7644 section 3.5.2).
func (p PatchRow) Script(profile string) (*Script, error) {
	start, err := complete(p.kind, p.row.parts[0], "{{name}}")
	if err != nil {
		return nil, fmt.Errorf("resource: %w", err)
	}
	want := p.row.result(profile)
	body, err := p.expectedBody(want)
	if err != nil {
		return nil, fmt.Errorf("expected body: %w", err)
	}
	all := fmt.Sprint(p.row.parts, body)
	var text strings.Builder
	err = patchTemplate.Execute(&text, map[string]any{
		"Profile": profile, "Title": p.Title, "Why": p.row.why, "ID": p.ID, "Kind": p.kind,
		"A": speaksOf(all, "a"), "B": speaksOf(all, "b"),
		"Start": start, "Operations": operations(p.row.parts[1]), "Status": want.status,
		"OK": want.status == "200", "Unchanged": slices.Contains(want.words, "unchanged"), "Body": body,
	})
	if err != nil {
		return nil, err
	}
	s, err := Parse(p.file, text.String())
	if err != nil {
		return nil, fmt.Errorf("row %s: %w in\n%s", p.ID, err, text.String())
	}
	s.atLine(p.row.line)
	return s, nil
}

// speaksOf reports whether a text has {{user}}, {{userName}} or a function of one.
func speaksOf(text, user string) bool {
	for _, name := range []string{user, user + "Name"} {
		if strings.Contains(text, "{{"+name+"}}") || strings.Contains(text, " "+name+"}}") {
			return true
		}
	}
	return false
}

// atLine makes a compiled script point to the row that it comes from.
func (s *Script) atLine(line int) {
	for i := range s.Steps {
		s.Steps[i].Line = line
	}
}

func operations(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return text
	}
	return "[" + text + "]"
}

// complete adds to a resource what every profile asks for: the schemas that it
// uses, and a name.
func complete(kind, text, name string) (scim.Value, error) {
	v, err := object(text)
	if err != nil {
		return v, err
	}
	schema, attribute := scim.SchemaUser, "userName"
	if kind == "Group" {
		schema, attribute = scim.SchemaGroup, "displayName"
	}
	schemas := textList(schema)
	if _, ok := v.Lookup(scim.SchemaEnterpriseUser); ok {
		schemas = textList(schema, scim.SchemaEnterpriseUser)
	}
	return withDefault(withDefault(v, "schemas", schemas), attribute, scim.StringValue(name)), nil
}

func (p PatchRow) expectedBody(want *result) (scim.Value, error) {
	body, err := object(want.body)
	if err != nil || want.status == "200" {
		return body, err
	}
	return problem(body, want.words), nil
}

var patchTemplate = template.Must(template.New("patch").Delims("[[", "]]").Parse(`profile: [[.Profile]]
let aName = a.{{random}}@example.com
let bName = b.{{random}}@example.com
let name = [[.ID]].{{random}}@example.com
> Accept: application/scim+json
body> Content-Type: application/scim+json
[[if .A]]
--- User a
> POST /Users
{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "{{aName}}"}
< 201
{"id": "<string -> a>"}
[[end]][[if .B]]
--- User b
> POST /Users
{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "{{bName}}"}
< 201
{"id": "<string -> b>"}
[[end]]
--- The resource that is to be changed
> POST /[[.Kind]]s
[[.Start]]
< 201
< ETag: <string -> etag>
< body -> before
{"id": "<string -> me>"}

=== [[.Title]]
> PATCH /[[.Kind]]s/{{me}}
{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations": [[.Operations]]}
< [[.Status]]
[[if .OK]]< ETag: [[if .Unchanged]]{{etag}}[[else]]<not {{etag}}>[[end]]
< body -> after
[[end]][[.Body]]

[[if .OK]]--- What is stored is what was answered
> GET /[[.Kind]]s/{{me}}
< 200
"{{after}}"
[[else]]--- Nothing was changed
> GET /[[.Kind]]s/{{me}}
< 200
< ETag: {{etag}}
"{{before}}"
[[end]]
--- Clean up
> DELETE /[[.Kind]]s/{{me}}
< 204
[[if .A]]
--- Clean up
> DELETE /Users/{{a}}
< 204
[[end]][[if .B]]
--- Clean up
> DELETE /Users/{{b}}
< 204
[[end]]`))
