package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roster/scim"
)

// document is a check of what discovery gives as a whole: it returns what is
// wrong, "" if nothing is.
type document struct {
	name  string
	shows []string
	judge func(*discovered) string
}

var documents = []document{
	{"discovery: resource types have a name, a description and an endpoint", []string{"7643-6-a", "7643-6-b", "7643-6-c"}, typesAreComplete},
	{"discovery: endpoints are names in the plural", []string{"7644-3.2-b"}, endpointsArePlural},
	{"discovery: the schema of a resource type is at /Schemas", []string{"7643-6-d"}, schemasOfTypes},
	{"discovery: the extensions of a resource type are at /Schemas", []string{"7643-6-e", "7643-6-f"}, schemasOfExtensions},
	{"discovery: schemas have an id, a name and a description", []string{"7643-7-a", "7643-7-b", "7643-7-c"}, schemasAreComplete},
	{"discovery: schemas of messages are not at /Schemas", []string{"7644-3.1-b"}, noMessages},
	{"discovery: names of attributes follow the grammar", []string{"7643-2.1-b"}, eachAttribute(nameIsValid)},
	{"discovery: attributes have a type that the RFC defines", []string{"7643-2.3-a"}, eachAttribute(typeIsKnown)},
	{"discovery: attributes have all their characteristics", []string{"7643-7-d"}, eachAttribute(isComplete)},
	{"discovery: attributes have a description", []string{"7643-7-f"}, eachAttribute(hasDescription)},
	{"discovery: complex attributes list their sub-attributes, simple ones have none", []string{"7643-1.2-a", "7643-2.4-a", "7643-7-e"}, eachAttribute(subAttributesFit)},
	{"discovery: no complex attribute is in a complex one", []string{"7643-2.3.8-b"}, eachAttribute(notNested)},
	{"discovery: extensions do not define attributes of the core again", []string{"7643-3.3-c"}, noSecondDefinition},
}

// compareDiscovery judges the documents that the server gave.
func (r *run) compareDiscovery() []Result {
	var results []Result
	for _, d := range documents {
		result := Result{Check: d.name, Shows: d.shows, Status: Passed}
		switch wrong := d.judge(r.server); {
		case r.server.types.IsNull() || r.server.schemas.IsNull():
			result.Status, result.Reason = Skipped, "/ResourceTypes or /Schemas cannot be read"
		case wrong != "":
			result.Status, result.Difference = Failed, wrong
		}
		results = append(results, result)
	}
	return results
}

func typesAreComplete(d *discovered) string {
	for _, t := range d.types.Get("Resources").Elements() {
		for _, name := range []string{"name", "description", "endpoint"} {
			if t.Get(name).Text() == "" {
				return fmt.Sprintf("the resource type %s has no %s", t.Get("name"), name)
			}
		}
	}
	return ""
}

// endpointsArePlural takes every ending for a plural, for not all have an s.
func endpointsArePlural(d *discovered) string {
	for _, t := range d.types.Get("Resources").Elements() {
		if strings.EqualFold(strings.Trim(t.Get("endpoint").Text(), "/"), t.Get("name").Text()) {
			return fmt.Sprintf("the endpoint of the resource type %s is %s", t.Get("name"), t.Get("endpoint"))
		}
	}
	return ""
}

func schemasOfTypes(d *discovered) string {
	for _, t := range d.types.Get("Resources").Elements() {
		if urn := t.Get("schema"); d.schema(urn.Text()).IsNull() {
			return fmt.Sprintf("%s, of the resource type %s, is not at /Schemas", urn, t.Get("name"))
		}
	}
	return ""
}

func schemasOfExtensions(d *discovered) string {
	for _, t := range d.types.Get("Resources").Elements() {
		for _, e := range t.Get("schemaExtensions").Elements() {
			switch {
			case d.schema(e.Get("schema").Text()).IsNull():
				return fmt.Sprintf("%s, of the resource type %s, is not at /Schemas", e.Get("schema"), t.Get("name"))
			case e.Get("required").Kind() != scim.Bool:
				return fmt.Sprintf("%s does not say whether it is required", e.Get("schema"))
			}
		}
	}
	return ""
}

func schemasAreComplete(d *discovered) string {
	for _, s := range d.schemas.Get("Resources").Elements() {
		for _, name := range []string{"id", "name", "description"} {
			if s.Get(name).Text() == "" {
				return fmt.Sprintf("the schema %s has no %s", s.Get("id"), name)
			}
		}
	}
	return ""
}

func noMessages(d *discovered) string {
	for _, s := range d.schemas.Get("Resources").Elements() {
		if strings.HasPrefix(strings.ToLower(s.Get("id").Text()), "urn:ietf:params:scim:api:") {
			return s.Get("id").Text() + " is at /Schemas"
		}
	}
	return ""
}

// eachAttribute judges all attributes and sub-attributes.
func eachAttribute(judge func(a scim.Value, isSub bool) string) func(*discovered) string {
	return func(d *discovered) string {
		for _, s := range d.schemas.Get("Resources").Elements() {
			for _, a := range s.Get("attributes").Elements() {
				if wrong := judgeAttribute(judge, a); wrong != "" {
					return fmt.Sprintf("%s: %s", s.Get("id").Text(), wrong)
				}
			}
		}
		return ""
	}
}

func judgeAttribute(judge func(scim.Value, bool) string, a scim.Value) string {
	name := a.Get("name").Text()
	if wrong := judge(a, false); wrong != "" {
		return name + " " + wrong
	}
	for _, sub := range a.Get("subAttributes").Elements() {
		if wrong := judge(sub, true); wrong != "" {
			return name + "." + sub.Get("name").Text() + " " + wrong
		}
	}
	return ""
}

// attributeName is ATTRNAME of RFC 7643 section 2.1, and "$ref", which section
// 2.4 defines against it.
var attributeName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9$_-]*|\$ref)$`)

func nameIsValid(a scim.Value, _ bool) string {
	return unless(attributeName.MatchString(a.Get("name").Text()), "is no valid name")
}

var types = []string{"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}

func typeIsKnown(a scim.Value, _ bool) string {
	return unless(slices.Contains(types, a.Get("type").Text()), "has the type "+a.Get("type").String())
}

// characteristics that are words, with the words.
var characteristics = map[string][]string{
	"mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
	"returned":   {"always", "never", "default", "request"},
}

// uniquenesses are the words for that; a complex attribute has none (RFC 7643
// section 2.3.8).
var uniquenesses = []string{"none", "server", "global"}

func isComplete(a scim.Value, _ bool) string {
	for name, words := range characteristics {
		if !slices.Contains(words, a.Get(name).Text()) {
			return fmt.Sprintf("has the %s %s", name, a.Get(name))
		}
	}
	for _, name := range []string{"multiValued", "required"} {
		if a.Get(name).Kind() != scim.Bool {
			return "does not say whether it is " + name
		}
	}
	if u := a.Get("uniqueness"); !u.IsNull() && !slices.Contains(uniquenesses, u.Text()) {
		return "has the uniqueness " + u.String()
	}
	return ""
}

func hasDescription(a scim.Value, _ bool) string {
	return unless(a.Get("description").Text() != "", "has no description")
}

func subAttributesFit(a scim.Value, _ bool) string {
	isComplex, has := a.Get("type").Text() == "complex", a.Get("subAttributes").Len() > 0
	switch {
	case isComplex && !has:
		return "is complex and has no subAttributes"
	case has && !isComplex:
		return "is simple and has subAttributes"
	}
	return ""
}

func notNested(a scim.Value, isSub bool) string {
	return unless(!isSub || a.Get("type").Text() != "complex", "is complex inside a complex attribute")
}

func noSecondDefinition(d *discovered) string {
	for _, t := range d.types.Get("Resources").Elements() {
		core := map[string]bool{}
		for _, a := range d.schema(t.Get("schema").Text()).Get("attributes").Elements() {
			core[strings.ToLower(a.Get("name").Text())] = true
		}
		for _, e := range t.Get("schemaExtensions").Elements() {
			for _, a := range d.schema(e.Get("schema").Text()).Get("attributes").Elements() {
				if name := a.Get("name").Text(); core[strings.ToLower(name)] {
					return fmt.Sprintf("%s defines %s, which %s has too", e.Get("schema").Text(), name, t.Get("schema").Text())
				}
			}
		}
	}
	return ""
}
