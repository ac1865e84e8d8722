package schema

import (
	"maps"
	"slices"
	"strings"

	"roster/scim"
)

// schemaStatement is a document of RFC 7643 section 7.
type schemaStatement struct {
	statement
	ID, Name, Description string
	Attributes            []*attributeStatement
}

// attributeStatement is an element of its attributes or subAttributes, with our
// notes.
type attributeStatement struct {
	statement
	Name            string
	Type            Type
	SubAttributes   []*attributeStatement
	MultiValued     bool
	Description     string
	Required        bool
	CanonicalValues []string
	CaseExact       bool
	Mutability      Mutability
	Returned        Returned
	Uniqueness      Uniqueness
	ReferenceTypes  []string
	Notes           Notes
}

// typeStatement is a document of RFC 7643 section 6.
type typeStatement struct {
	statement
	ID, Name, Endpoint, Description, Schema string
	Extensions                              []extensionStatement
}

type extensionStatement struct {
	statement
	Schema   string
	Required bool
}

// takers say what to do with the members of an object.
type takers map[string]func(*node)

// read gives each member to its taker. A member that has none is a fault, so
// that a misspelt one does not go unnoticed; names are case-sensitive here.
func (s *statement) read(known takers) {
	if s.node.kind != scim.Object {
		s.faultAt(s.node.at, "write an object here, not %s", s.node.kind)
		return
	}
	seen := map[string]bool{}
	for _, m := range s.node.members {
		take := known[m.name]
		switch {
		case seen[m.name]:
			s.faultAt(m.at, "the member %q appears twice; leave one of them out", m.name)
		case take == nil:
			s.faultAt(m.at, "the member %q is unknown; %s", scim.Abbreviate(m.name), advise(m.name, slices.Sorted(maps.Keys(known))))
		default:
			take(m.node)
		}
		seen[m.name] = true
	}
}

// advise names what was perhaps meant, or else all that there is.
func advise(name string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(k, name) || strings.EqualFold(k, name+"s") || strings.EqualFold(k+"s", name) {
			return "write it " + k
		}
	}
	return "there are " + strings.Join(known, ", ")
}

func ignore(*node) {}

func (s *statement) text(to *string) func(*node) {
	return func(n *node) {
		if n.kind != scim.String {
			s.faultAt(n.at, "write a string here, not %s", n.kind)
		}
		*to = n.text
	}
}

func (s *statement) flag(to *bool) func(*node) {
	return func(n *node) {
		if n.kind != scim.Bool {
			s.faultAt(n.at, "write true or false here, not %s", n.kind)
		}
		*to = n.truth
	}
}

func (s *statement) texts(to *[]string) func(*node) {
	return s.each(func(n *node) {
		var text string
		s.text(&text)(n)
		*to = append(*to, text)
	})
}

// each gives the elements of an array to take.
func (s *statement) each(take func(*node)) func(*node) {
	return func(n *node) {
		if n.kind != scim.Array {
			s.faultAt(n.at, "write an array here, not %s", n.kind)
		}
		for _, m := range n.members {
			if n.kind == scim.Array {
				take(m.node)
			}
		}
	}
}

// keyword takes one of a few words; with another one the default stays.
func keyword[K ~string](s *statement, to *K, words ...K) func(*node) {
	return func(n *node) {
		if n.kind == scim.String && slices.Contains(words, K(n.text)) {
			*to = K(n.text)
			return
		}
		choice := make([]string, len(words))
		for i, w := range words {
			choice[i] = string(w)
		}
		s.faultAt(n.at, "choose one of %s; the words are case-sensitive here", strings.Join(choice, ", "))
	}
}

func readSchema(s statement) *schemaStatement {
	st := &schemaStatement{statement: s}
	if id := s.node.get("id"); id != nil && id.kind == scim.String {
		st.subject = "schema " + scim.Abbreviate(id.text)
	}
	st.read(takers{
		"schemas": ignore, "meta": ignore,
		"id": st.text(&st.ID), "name": st.text(&st.Name), "description": st.text(&st.Description),
		"attributes": st.each(func(n *node) {
			st.Attributes = append(st.Attributes, readAttribute(st.statement, "", n))
		}),
	})
	return st
}

// readAttribute reads an attribute in the attribute with that path, "" if there
// is none. What is left out has the default of RFC 7643 section 2.2.
func readAttribute(s statement, in string, n *node) *attributeStatement {
	st := &attributeStatement{statement: s, Type: StringType, Mutability: ReadWrite, Returned: Default, Uniqueness: NotUnique}
	st.node = n
	path := in + "(without a name)"
	if name := n.get("name"); name != nil && name.kind == scim.String {
		path = in + scim.Abbreviate(name.text)
	}
	st.subject = "attribute " + path
	st.read(takers{
		"name": st.text(&st.Name), "description": st.text(&st.Description),
		"type":        keyword(&st.statement, &st.Type, StringType, BooleanType, DecimalType, IntegerType, DateTimeType, BinaryType, ReferenceType, ComplexType),
		"multiValued": st.flag(&st.MultiValued), "required": st.flag(&st.Required), "caseExact": st.flag(&st.CaseExact),
		"canonicalValues": st.texts(&st.CanonicalValues), "referenceTypes": st.texts(&st.ReferenceTypes),
		"mutability": keyword(&st.statement, &st.Mutability, ReadWrite, ReadOnly, Immutable, WriteOnly),
		"returned":   keyword(&st.statement, &st.Returned, Default, Always, Never, Request),
		"uniqueness": keyword(&st.statement, &st.Uniqueness, NotUnique, ServerUnique, GlobalUnique),
		"roster":     st.readNotes,
		"subAttributes": st.each(func(n *node) {
			st.SubAttributes = append(st.SubAttributes, readAttribute(s, path+".", n))
		}),
	})
	if st.Type == BinaryType || st.Type == ReferenceType { // RFC 7643 sections 2.3.6 and 2.3.7
		st.CaseExact = true
	}
	return st
}

func (st *attributeStatement) readNotes(n *node) {
	notes := st.statement
	notes.node = n
	known := takers{
		"index": notes.flag(&st.Notes.Index), "exists": notes.flag(&st.Notes.Exists),
		"edge": notes.text(&st.Notes.Edge), "derived": notes.text(&st.Notes.Derived),
		"secret": notes.flag(&st.Notes.Secret), "grant": notes.flag(&st.Notes.Grant),
		"optionalUniqueness": notes.flag(&st.Notes.OptionalUniqueness),
	}
	if st.source.shipped {
		known["computed"] = notes.flag(&st.Notes.Computed)
		known["identity"] = notes.flag(&st.Notes.Identity)
		known["hidden"] = notes.flag(&st.Notes.Hidden)
	}
	notes.read(known)
}

func readType(s statement) *typeStatement {
	st := &typeStatement{statement: s}
	if name := s.node.get("name"); name != nil && name.kind == scim.String {
		st.subject = "resource type " + scim.Abbreviate(name.text)
	}
	st.read(takers{
		"schemas": ignore, "meta": ignore,
		"id": st.text(&st.ID), "name": st.text(&st.Name), "endpoint": st.text(&st.Endpoint),
		"description": st.text(&st.Description), "schema": st.text(&st.Schema),
		"schemaExtensions": st.each(func(n *node) {
			e := extensionStatement{statement: st.statement}
			e.node = n
			e.read(takers{"schema": e.text(&e.Schema), "required": e.flag(&e.Required)})
			st.Extensions = append(st.Extensions, e)
		}),
	})
	return st
}
