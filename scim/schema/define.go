package schema

import (
	"slices"
	"strings"

	"roster/scim"
)

// Definitions are what a server serves: the built-in resource types, extended
// and joined by those of files.
type Definitions struct {
	Types   []*ResourceType // the built-in ones first
	Schemas []*Schema       // those of the files, in their order
}

// Define reads the definitions in the files. A file holds a schema (RFC 7643
// section 7), a resource type (section 6), an array of them or a ListResponse. A
// resource type with the name of a built-in one, such as User, extends it. The
// error is Faults, all of them.
//
// What extensions of the server ship is built in too: it is defined before the
// files, and may mark attributes as computed or hidden, and the identity of
// elements.
func Define(files []Source, shipped ...Source) (*Definitions, error) {
	d := newDefiner()
	if len(shipped) > 0 {
		own := slices.Clone(shipped)
		for i := range own {
			own[i].shipped = true
		}
		all, err := d.define(own)
		if err != nil {
			return nil, err
		}
		d = d.next(all)
	}
	return d.define(files)
}

func (d *definer) define(sources []Source) (*Definitions, error) {
	for i := range sources {
		d.read(&sources[i])
	}
	d.check()
	if err := d.faults.err(); err != nil {
		return nil, err
	}
	return d.compile()
}

// Uses reports whether a resource type is made of the schema.
func (d *Definitions) Uses(s *Schema) bool {
	return slices.ContainsFunc(d.Types, func(rt *ResourceType) bool {
		return rt.Schema == s || slices.ContainsFunc(rt.Extensions, func(e Extension) bool { return e.Schema == s })
	})
}

// definer reads a set of files.
type definer struct {
	faults  Faults
	schemas []*schemaStatement // of the files
	types   []*typeStatement   // of the files
	byURN   map[string]*schemaStatement
	builtIn map[*schemaStatement]*Schema
	base    []*ResourceType // that are built in

	extended map[string]map[*schemaStatement]bool // the extensions of types so far
}

func newDefiner() *definer {
	d := &definer{
		byURN:    map[string]*schemaStatement{},
		extended: map[string]map[*schemaStatement]bool{},
		builtIn: map[*schemaStatement]*Schema{
			userStatement():           userSchema(),
			groupStatement():          groupSchema(),
			enterpriseUserStatement(): enterpriseUserSchema(),
		},
		base: Core(),
	}
	d.know()
	return d
}

// next reads files on top of definitions that count as built in.
func (d *definer) next(all *Definitions) *definer {
	n := &definer{
		byURN:    map[string]*schemaStatement{},
		extended: map[string]map[*schemaStatement]bool{},
		builtIn:  d.builtIn,
		base:     all.Types,
	}
	n.know()
	return n
}

// know finds the built-in schemas by their URNs.
func (d *definer) know() {
	for st := range d.builtIn {
		d.byURN[strings.ToLower(st.ID)] = st
	}
}

// schema finds a schema by its URN, in any case; it is nil if there is none.
func (d *definer) schema(urn string) *schemaStatement { return d.byURN[strings.ToLower(urn)] }

func (d *definer) read(source *Source) {
	root, err := source.parse()
	if err != nil {
		d.faults = append(d.faults, source.unreadable(err)...)
		return
	}
	if resources := root.get("Resources"); resources != nil { // of a ListResponse
		root = resources
	}
	list := []member{{node: root}}
	if root.kind == scim.Array {
		list = root.members
	}
	for _, m := range list {
		d.document(statement{source: source, faults: &d.faults, node: m.node})
	}
}

// document reads a schema or a resource type. It need not say in `schemas` which
// it is: the examples of RFC 7643 section 8.7 do not.
func (d *definer) document(s statement) {
	has := func(name string) bool { return s.node.get(name) != nil }
	switch {
	case s.node.kind != scim.Object:
		s.faultAt(s.node.at, "write a schema or a resource type here, an object, not %s", s.node.kind)
	case s.node.says(scim.SchemaSchema), has("attributes"):
		d.schemas = append(d.schemas, readSchema(s))
	case s.node.says(scim.SchemaResourceType), has("endpoint"), has("schemaExtensions"):
		d.types = append(d.types, readType(s))
	default:
		s.faultAt(s.node.at, "this is neither a schema, which has attributes, nor a resource type, which has an endpoint")
	}
}

// says reports whether `schemas` holds the URN.
func (n *node) says(urn string) bool {
	schemas := n.get("schemas")
	return schemas != nil && slices.ContainsFunc(schemas.members, func(m member) bool { return strings.EqualFold(m.node.text, urn) })
}

// compile makes the definitions of statements without faults.
func (d *definer) compile() (*Definitions, error) {
	all := &Definitions{}
	compiled := d.builtIn // and they count as built in from now on
	for _, st := range d.schemas {
		compiled[st] = st.compile()
		all.Schemas = append(all.Schemas, compiled[st])
	}
	extensions := map[string][]Extension{}
	for _, st := range d.types {
		for _, e := range st.Extensions {
			extensions[st.Name] = append(extensions[st.Name], Extension{Schema: compiled[d.schema(e.Schema)], Required: e.Required})
		}
	}
	for _, rt := range d.base {
		extended, err := rt.extend(extensions[rt.Name])
		if err != nil {
			return nil, err
		}
		all.Types = append(all.Types, extended)
	}
	for _, st := range d.types {
		if d.baseType(st.Name) != nil {
			continue
		}
		rt, err := NewResourceType(st.Name, st.path(), st.Description, compiled[d.schema(st.Schema)], extensions[st.Name]...)
		if err != nil {
			return nil, err
		}
		all.Types = append(all.Types, rt)
	}
	return all, nil
}

// extend returns the resource type with more extensions; one that it has already
// can become required.
func (rt *ResourceType) extend(more []Extension) (*ResourceType, error) {
	extensions := slices.Clone(rt.Extensions)
	for _, e := range more {
		at := slices.IndexFunc(extensions, func(own Extension) bool { return own.Schema == e.Schema })
		if at < 0 {
			extensions = append(extensions, e)
		} else {
			extensions[at].Required = e.Required
		}
	}
	return NewResourceType(rt.Name, rt.Endpoint, rt.Description, rt.Schema, extensions...)
}

// baseType returns the built-in resource type with that name, or nil.
func (d *definer) baseType(name string) *ResourceType {
	for _, rt := range d.base {
		if rt.Name == name {
			return rt
		}
	}
	return nil
}

// path is the endpoint with its slash, which may be left out: RFC 7643 section 6
// writes "Users", its examples "/Users".
func (st *typeStatement) path() string { return "/" + strings.TrimPrefix(st.Endpoint, "/") }
