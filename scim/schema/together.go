package schema

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"roster/scim"
)

// check holds every statement to its own rules, and all of them to what they
// must be beside one another.
func (d *definer) check() {
	d.collect()
	for _, st := range d.schemas {
		st.check()
		st.checkReserved()
	}
	for _, st := range d.types {
		d.checkType(st)
		d.checkExtensions(st)
	}
	d.checkEndpoints()
	d.checkEdges()
	d.checkReferences()
	d.checkPaths()
}

// protocol is what the server says of itself, which nobody can define anew.
var protocol = []string{
	strings.ToLower(scim.SchemaSchema), strings.ToLower(scim.SchemaResourceType), strings.ToLower(scim.SchemaServiceProviderConfig),
}

// collect finds the schemas by their URNs.
func (d *definer) collect() {
	for _, st := range d.schemas {
		urn := strings.ToLower(st.ID)
		other := d.byURN[urn]
		switch {
		case urn == "":
		case d.builtIn[other] != nil, slices.Contains(protocol, urn), strings.HasPrefix(urn, "urn:ietf:params:scim:api:"):
			st.fault("id", "the server defines this schema itself; leave it out, or write an extension with a URN of its own")
		case other != nil:
			st.fault("id", "the id appears twice, also in %s; remove one of the schemas", other.source.Name)
		default:
			d.byURN[urn] = st
		}
	}
}

// checkReserved keeps the names of the common attributes (RFC 7643 section 3.1).
func (st *schemaStatement) checkReserved() {
	for _, a := range st.Attributes {
		for _, common := range commonStatement().Attributes {
			switch {
			case !strings.EqualFold(a.Name, common.Name):
			case common.Notes.Hidden:
				a.fault("name", "the server keeps %s of every resource for itself; choose another name", common.Name)
			default:
				a.fault("name", "every resource has %s (RFC 7643 section 3.1); leave it out or choose another name", common.Name)
			}
		}
	}
}

var (
	// typeName takes what names of indexes can hold, and none of the server's own
	// kinds of documents, which begin with a lower-case letter.
	typeName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_-]{0,63}$`)
	endpoint = regexp.MustCompile(`^/[A-Za-z][A-Za-z0-9_-]{0,63}$`)
)

// checkType holds a resource type to RFC 7643 section 6.
func (d *definer) checkType(st *typeStatement) {
	if rt := d.baseType(st.Name); rt != nil {
		st.obey([]rule{
			{st.Endpoint != "" && st.path() != rt.Endpoint, "endpoint", "the endpoint of " + rt.Name + " is " + rt.Endpoint + "; write that or leave it out"},
			{st.Schema != "" && !strings.EqualFold(st.Schema, rt.Schema.ID), "schema", "the schema of " + rt.Name + " is " + rt.Schema.ID + "; write that or leave it out"},
			{len(st.Extensions) == 0, "schemaExtensions", rt.Name + " is built in; list the schemaExtensions that it shall have too, or remove the resource type"},
		})
		return
	}
	own := d.schema(st.Schema)
	st.obey([]rule{
		{!typeName.MatchString(st.Name), "name", `the name must be an upper-case letter followed by letters, digits, "-" or "_", such as Device`},
		{st.ID != "" && st.ID != st.Name, "id", "the id is the name; leave it out"},
		{!endpoint.MatchString(st.path()), "endpoint", `the endpoint must be a slash and one word of letters, digits, "-" and "_", such as /Devices`},
		{st.Schema == "", "schema", "name the schema of the resource type by its id"},
		{st.Schema != "" && own == nil, "schema", d.unknownSchema()},
		{own != nil && d.builtIn[own] != nil, "schema", "a built-in schema belongs to its own resource type; define another one"},
	})
}

func (d *definer) unknownSchema() string {
	var urns []string
	for _, st := range d.schemas {
		urns = append(urns, st.ID)
	}
	if len(urns) == 0 {
		return "no file defines this schema; there are no schemas in the files"
	}
	return "no file defines this schema; there are " + strings.Join(urns, ", ")
}

// checkExtensions finds extensions that are unknown, come twice, or cannot be one.
func (d *definer) checkExtensions(st *typeStatement) {
	seen := d.extended[st.Name]
	if seen == nil {
		seen = map[*schemaStatement]bool{}
		d.extended[st.Name] = seen // several files may extend a built-in type
	}
	for _, e := range st.Extensions {
		extension := d.schema(e.Schema)
		e.obey([]rule{
			{e.Schema == "", "schema", "name the schema of the extension by its id"},
			{e.Schema != "" && extension == nil, "schema", d.unknownSchema()},
			{extension != nil && (extension == d.schema(st.Schema) || d.ofBaseType(extension)), "schema",
				"this is the schema of a resource type, which cannot be an extension too"},
			{extension != nil && seen[extension], "schema", "the extension appears twice; remove one of them"},
		})
		seen[extension] = true
		if extension != nil {
			extension.checkExtension(st.Name)
		}
	}
}

// ofBaseType reports whether a schema is that of a built-in resource type.
func (d *definer) ofBaseType(st *schemaStatement) bool {
	s := d.builtIn[st]
	return s != nil && slices.ContainsFunc(d.base, func(rt *ResourceType) bool { return rt.Schema == s })
}

// checkExtension refuses what only a resource type's own schema can have.
func (st *schemaStatement) checkExtension(of string) {
	for _, a := range st.Attributes {
		if a.Notes.Edge != "" || a.Notes.Derived != "" {
			a.fault("roster", "edge and derived belong into the schema of a resource type, and this one extends %s", of)
		}
	}
}

// reserved are endpoints and resource types of the protocol (RFC 7644 section
// 3.2), and those that people would take for them.
var reserved = []string{"Bulk", "Me", "Self", "Schemas", "Schema", "ResourceTypes", "ResourceType", "ServiceProviderConfig", "ServiceProviderConfigs"}

// AccountsEndpoint is the path, below that of SCIM, where clients that have no other
// way name their account. No resource type has it.
const AccountsEndpoint = "/accounts"

// checkEndpoints finds names and endpoints that clash, in any case.
func (d *definer) checkEndpoints() {
	names, endpoints := map[string]string{}, map[string]string{}
	for _, r := range reserved {
		names[strings.ToLower(r)], endpoints["/"+strings.ToLower(r)] = "the protocol", "the protocol"
	}
	endpoints[AccountsEndpoint] = "paths that name an account, such as /accounts/name/Users"
	for _, rt := range d.base {
		owner := "the built-in resource type " + rt.Name
		names[strings.ToLower(rt.Name)], endpoints[strings.ToLower(rt.Endpoint)] = owner, owner
	}
	for _, st := range d.types {
		if d.baseType(st.Name) != nil {
			continue
		}
		name, path := strings.ToLower(st.Name), strings.ToLower(st.path())
		if owner := names[name]; owner != "" {
			st.fault("name", "the name belongs to %s; choose another", owner)
		}
		if owner := endpoints[path]; owner != "" {
			st.fault("endpoint", "the endpoint belongs to %s; choose another", owner)
		}
		owner := "the resource type " + st.Name + " in " + st.source.Name
		names[name], endpoints[path] = owner, owner
	}
}

// checkEdges gives each kind of edge to one attribute, and each derived
// attribute a kind that there is.
func (d *definer) checkEdges() {
	owners := map[string]string{}
	for _, st := range append(slices.Collect(maps.Keys(d.builtIn)), d.schemas...) {
		for _, a := range st.Attributes {
			if owner := owners[a.Notes.Edge]; owner != "" {
				a.fault("roster", "%s keeps its edges under this name already; choose another", owner)
			}
			if a.Notes.Edge != "" {
				owners[a.Notes.Edge] = st.ID + ":" + a.Name
			}
		}
	}
	for _, st := range d.schemas {
		for _, a := range st.Attributes {
			if a.Notes.Derived != "" && owners[a.Notes.Derived] == "" {
				a.fault("roster", "no attribute has the edge %q; there are %s", scim.Abbreviate(a.Notes.Derived), strings.Join(slices.Sorted(maps.Keys(owners)), ", "))
			}
		}
	}
}

// checkReferences holds referenceTypes to the resource types that there are (RFC
// 7643 section 7).
func (d *definer) checkReferences() {
	known := []string{"external", "uri"}
	for _, rt := range d.base {
		known = append(known, rt.Name)
	}
	for _, st := range d.types {
		if !slices.Contains(known, st.Name) && st.Name != "" {
			known = append(known, st.Name)
		}
	}
	for _, st := range d.schemas {
		for _, a := range st.Attributes {
			a.checkReference(known)
			for _, sub := range a.SubAttributes {
				if n := a.Notes; sub.Name == "$ref" && (n.Edge != "" || n.Derived != "" || n.Exists) {
					sub.checkReference(known[2:]) // resource types only
				} else {
					sub.checkReference(known)
				}
			}
		}
	}
}

func (st *attributeStatement) checkReference(known []string) {
	if st.Type == ReferenceType && len(st.ReferenceTypes) == 0 {
		st.fault("referenceTypes", "say in referenceTypes what it refers to (RFC 7643 section 2.3.7); there are %s", strings.Join(known, ", "))
	}
	for _, name := range st.ReferenceTypes {
		if !slices.Contains(known, name) {
			st.fault("referenceTypes", "there is no resource type %q; %s", scim.Abbreviate(name), advise(name, known))
		}
	}
}

// checkPaths finds URNs that are also paths of attributes of another schema, so
// that nobody could tell what a client means.
func (d *definer) checkPaths() {
	for _, st := range d.byURN {
		for _, path := range st.paths() {
			other := d.schema(path)
			switch {
			case other == nil:
			case d.builtIn[other] == nil:
				other.fault("id", "the id is also the path of an attribute of %s; choose another", st.ID)
			default:
				st.fault("id", "with this id, the path of an attribute is also the id of %s; choose another", other.ID)
			}
		}
	}
}

// paths are the full names of the attributes (RFC 7644 section 3.10), also with a
// dot for the colon behind the URN, as some clients write.
func (st *schemaStatement) paths() []string {
	var paths []string
	for _, a := range st.Attributes {
		paths = append(paths, st.ID+":"+a.Name, st.ID+"."+a.Name)
		for _, sub := range a.SubAttributes {
			paths = append(paths, st.ID+":"+a.Name+"."+sub.Name)
		}
	}
	return paths
}
