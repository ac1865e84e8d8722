package schema_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

// attributes is the file of a schema with these attributes, in line 2 and
// following, and of a resource type for it.
func attributes(list string) string {
	return `[{"id":"urn:example:T","attributes":[` + "\n" + list + "\n" +
		`]},{"name":"T","endpoint":"/Ts","schema":"urn:example:T"}]`
}

// reference is a multi-valued attribute that refers to users, with these notes.
func reference(characteristics, notes string) string {
	return attributes(`{"name":"r","type":"complex",` + characteristics + `,"roster":` + notes + `,"subAttributes":[
{"name":"value","caseExact":true},{"name":"$ref","type":"reference","referenceTypes":["User"],"mutability":"readOnly"},{"name":"type"},{"name":"display"}]}`)
}

// TestFaults: what is wrong in a file is told with its place, the attribute, and
// what to do.
func TestFaults(t *testing.T) {
	const users = `{"name":"User","schemaExtensions":[{"schema":"urn:example:E"}]}`
	for _, row := range []struct{ text, want string }{
		// The text as such.
		{"", "f.json:1:1: the file is empty"},
		{" \n", "f.json:1:1: the file is empty"},
		{"\ufeff{}", "f.json:1:1: the file begins with a byte order mark"},
		{strings.Repeat(" ", schema.MaxSource) + "{}", "f.json:1:1: the file is larger than 1048576 bytes"},
		{"{\n\"id\":\n", "f.json:3:1: the JSON text ends too early"},
		{"{\n \"id\" 7}", "f.json:2:7: this is no JSON"},
		{"{\n}\nx", "f.json:3:1: more follows behind the JSON value"},
		{"{\n} {}", "f.json:2:3: more follows"},
		{strings.Repeat("[", 40), "nests deeper than 32 levels"},
		{"[{},\n\"\xff\"]", "f.json:2:2: this is no JSON: invalid UTF-8"},
		{"7", "f.json:1:1: write a schema or a resource type here, an object, not a number"},
		{"[[\n]]", "f.json:1:2: write a schema or a resource type here, an object, not an array"},
		{"{}", "f.json:1:1: this is neither a schema"},
		{`{"Resources":[7]}`, "f.json:1:15: write a schema"},

		// Members.
		{attributes(`{"name":"a","multivalued":true}`), `f.json:2:13: attribute a: the member "multivalued" is unknown; write it multiValued`},
		{attributes(`{"name":"a","caseexact":true}`), `write it caseExact`},
		{attributes(`{"name":"a","subAttribute":[]}`), `write it subAttributes`},
		{attributes(`{"name":"a","size":7}`), `the member "size" is unknown; there are canonicalValues, caseExact, description,`},
		{attributes(`{"name":"a","name":"b"}`), `f.json:2:13: attribute a: the member "name" appears twice`},
		{attributes(`{"name":"a","roster":{"indexed":true}}`), `f.json:2:23: attribute a: the member "indexed" is unknown; there are derived, edge,`},
		{attributes(`{"name":"a","roster":[]}`), `f.json:2:22: attribute a: write an object here, not an array`},
		{attributes(`{"name":"a","required":"true"}`), `f.json:2:24: attribute a: write true or false here, not a string`},
		{attributes(`{"name":7}`), `f.json:2:9: attribute (without a name): write a string here, not a number`},
		{attributes(`{"name":"a","description":null}`), `f.json:2:27: attribute a: write a string here, not null`},
		{attributes(`{"name":"a","canonicalValues":"x"}`), `f.json:2:31: attribute a: write an array here, not a string`},
		{attributes(`{"name":"a","canonicalValues":["x",7]}`), `f.json:2:36: attribute a: write a string here, not a number`},
		{attributes(`"a"`), `f.json:2:1: attribute (without a name): write an object here, not a string`},
		{`{"id":"urn:example:T","attributes":{}}`, `f.json:1:36: schema urn:example:T: write an array here, not an object`},

		// Keywords.
		{attributes(`{"name":"a","type":"text"}`), "f.json:2:20: attribute a: choose one of string, boolean, decimal, integer, dateTime, binary, reference, complex"},
		{attributes(`{"name":"a","type":"String"}`), "case-sensitive"},
		{attributes(`{"name":"a","mutability":"readonly"}`), "choose one of readWrite, readOnly, immutable, writeOnly"},
		{attributes(`{"name":"a","returned":"on"}`), "choose one of default, always, never, request"},
		{attributes(`{"name":"a","uniqueness":true}`), "f.json:2:26: attribute a: choose one of none, server, global"},

		// Names.
		{attributes(`{"name":"1a"}`), "f.json:2:9: attribute 1a: the name must be a letter"},
		{attributes(`{"name":"a b"}`), "the name must be a letter"},
		{attributes(`{"name":"é"}`), "the name must be a letter"},
		{attributes(`{"name":"$a"}`), "the name must be a letter"},
		{attributes(`{"name":"urn:example:x"}`), "the name must be a letter"},
		{attributes(`{}`), "f.json:2:1: attribute (without a name): the name must be a letter"},
		{attributes(`{"name":"c","type":"complex","subAttributes":[{"name":"a.b"}]}`), "f.json:2:55: attribute c.a.b: the name must be a letter"},
		{attributes(`{"name":"a"},` + "\n" + ` {"name":"A"}`), "f.json:3:10: attribute A: the name appears twice"},
		{attributes(`{"name":"c","type":"complex","subAttributes":[{"name":"x"},{"name":"X"}]}`), "f.json:2:68: attribute c.X: the name appears twice"},
		{attributes(`{"name":"ID"}`), "every resource has id (RFC 7643 section 3.1)"},
		{attributes(`{"name":"meta"}`), "every resource has meta"},
		{attributes(`{"name":"externalids"}`), "the server keeps externalIds of every resource for itself; choose another name"},
		{attributes(`{"name":"a","roster":{"hidden":true}}`), `the member "hidden" is unknown`},

		// Shape.
		{attributes(`{"name":"c","type":"complex","subAttributes":[` + "\n" + `{"name":"d","type":"complex","subAttributes":[{"name":"e"}]}]}`), "f.json:3:20: attribute c.d: a complex attribute cannot stand inside a complex one"},
		{attributes(`{"name":"c","type":"complex"}`), "a complex attribute needs subAttributes"},
		{attributes(`{"name":"c","type":"complex","subAttributes":[]}`), "a complex attribute needs subAttributes"},
		{attributes(`{"name":"c","subAttributes":[{"name":"e"}]}`), `only a complex attribute has subAttributes; write "type": "complex"`},
		{attributes(`{"name":"a","type":"integer","canonicalValues":["1"]}`), "only a string has canonicalValues"},
		{attributes(`{"name":"a","referenceTypes":["User"]}`), "only a reference has referenceTypes"},
		{attributes(`{"name":"a","type":"reference"}`), "say in referenceTypes what it refers to (RFC 7643 section 2.3.7); there are external, uri, User, Group, T"},
		{attributes(`{"name":"a","type":"reference","referenceTypes":["user"]}`), `there is no resource type "user"; write it User`},
		{attributes(`{"name":"a","type":"reference","referenceTypes":["Printer"]}`), `f.json:2:49: attribute a: there is no resource type "Printer"; there are external, uri, User, Group, T`},

		// Characteristics.
		{attributes(`{"name":"a","type":"boolean","uniqueness":"server"}`), "a value of this type has no uniqueness"},
		{attributes(`{"name":"a","type":"dateTime","uniqueness":"global"}`), "a value of this type has no uniqueness"},
		{attributes(`{"name":"a","multiValued":true,"uniqueness":"server"}`), "values of a multi-valued attribute cannot be held unique"},
		{attributes(`{"name":"c","type":"complex","multiValued":true,"subAttributes":[{"name":"a","uniqueness":"server"}]}`), "attribute c.a: values of a multi-valued attribute cannot be held unique"},
		{attributes(`{"name":"a","mutability":"writeOnly"}`), `write "returned": "never" too`},
		{attributes(`{"name":"a","mutability":"readOnly","required":true}`), "it cannot be required"},
		{attributes(`{"name":"c","type":"complex","multiValued":true,"subAttributes":[{"name":"primary"}]}`), "primary must be a boolean"},

		// Notes.
		{attributes(`{"name":"c","type":"complex","roster":{"index":true},"subAttributes":[{"name":"a"}]}`), "f.json:2:39: attribute c: a complex attribute has no values to index"},
		{attributes(`{"name":"a","returned":"never","roster":{"index":true}}`), "an index would be of no use"},
		{attributes(`{"name":"a","roster":{"secret":true}}`), "a secret must be one string"},
		{attributes(`{"name":"a","type":"integer","roster":{"grant":true}}`), "grant belongs to a string or to a complex attribute"},
		{attributes(`{"name":"a","roster":{"optionalUniqueness":true}}`), `optionalUniqueness needs "uniqueness": "server"`},
		{attributes(`{"name":"a","roster":{"edge":"x"}}`), "edge and derived belong to a complex, multi-valued attribute"},
		{attributes(`{"name":"a","multiValued":true,"type":"complex","roster":{"edge":"x"},"subAttributes":[{"name":"type"}]}`), `it needs a sub-attribute value with "caseExact": true`},
		{attributes(`{"name":"a","multiValued":true,"type":"complex","roster":{"edge":"x"},"subAttributes":[{"name":"value","caseExact":true}]}`), `it needs a sub-attribute $ref with "type": "reference"`},
		{attributes(`{"name":"a","multiValued":true,"type":"complex","roster":{"edge":"x"},"subAttributes":[{"name":"value","caseExact":true}]}`), "it needs a sub-attribute type"},
		{reference(`"multiValued":true`, `{"edge":"member"}`), "urn:ietf:params:scim:schemas:core:2.0:Group:members keeps its edges under this name already"},
		{reference(`"multiValued":true`, `{"edge":"Not a name"}`), "edge is the name of a relation"},
		{reference(`"multiValued":true,"mutability":"immutable"`, `{"edge":"x"}`), "edges can be changed and seen"},
		{reference(`"multiValued":true`, `{"edge":"x","derived":"member"}`), "an attribute is either edge or derived"},
		{reference(`"multiValued":true`, `{"derived":"member"}`), `a derived attribute must be "mutability": "readOnly"`},
		{reference(`"multiValued":true,"mutability":"readOnly"`, `{"derived":"x"}`), `no attribute has the edge "x"; there are member`},
		{reference(`"multiValued":true`, `{"exists":true}`), "exists belongs to a complex attribute with one value"},
		{attributes(`{"name":"a","type":"complex","multiValued":true,"roster":{"edge":"x"},"subAttributes":[{"name":"value","caseExact":true,"roster":{"index":true}},{"name":"$ref","type":"reference","referenceTypes":["uri"],"mutability":"readOnly"},{"name":"type"}]}`), "attribute a.value: the elements of edges are found without an index"},
		{attributes(`{"name":"a","type":"complex","multiValued":true,"roster":{"edge":"x"},"subAttributes":[{"name":"value","caseExact":true},{"name":"$ref","type":"reference","referenceTypes":["uri"],"mutability":"readOnly"},{"name":"type"}]}`), `attribute a.$ref: there is no resource type "uri"; there are User, Group, T`},

		// Schemas.
		{`{"id":"example","attributes":[{"name":"a"}]}`, "f.json:1:7: schema example: give the schema an id that is a URN such as"},
		{`{"attributes":[{"name":"a"}]}`, "f.json:1:1: give the schema an id"},
		{`{"id":"urn:example:a b","attributes":[{"name":"a"}]}`, "give the schema an id"},
		{`{"id":"urn:example:1.2.3","attributes":[{"name":"a"}]}`, "at most one"},
		{`{"id":"urn:example:T","attributes":[]}`, "f.json:1:36: schema urn:example:T: the schema has no attributes"},
		{`{"schemas":["` + scim.SchemaSchema + `"],"id":"urn:example:T"}`, "the schema has no attributes"},
		{`{"id":"` + scim.SchemaUser + `","attributes":[{"name":"a"}]}`, "the server defines this schema itself"},
		{`{"id":"URN:ietf:params:scim:schemas:core:2.0:schema","attributes":[{"name":"a"}]}`, "the server defines this schema itself"},
		{`{"id":"` + scim.MessageError + `","attributes":[{"name":"a"}]}`, "the server defines this schema itself"},
		{`[{"id":"urn:example:T","attributes":[{"name":"a"}]},` + "\n" + `{"id":"URN:EXAMPLE:T","attributes":[{"name":"a"}]}]`, "f.json:2:7: schema URN:EXAMPLE:T: the id appears twice, also in f.json"},
		{`[{"id":"urn:example:T","attributes":[{"name":"a"}]},` + "\n" + `{"id":"urn:example:T:A","attributes":[{"name":"b"}]}]`, "f.json:2:7: schema urn:example:T:A: the id is also the path of an attribute of urn:example:T"},
		{`{"id":"urn:ietf:params:scim:schemas:extension:enterprise:2.0","attributes":[{"name":"user"}]}`, "the path of an attribute is also the id of " + scim.SchemaEnterpriseUser},

		// Resource types.
		{`{"endpoint":"/Ts"}`, "f.json:1:1: the name must be an upper-case letter"},
		{`{"name":"t","endpoint":"/Ts"}`, "f.json:1:9: resource type t: the name must be an upper-case letter"},
		{`{"name":"T","endpoint":"/Ts"}`, "resource type T: name the schema of the resource type by its id"},
		{`{"name":"T","endpoint":"/Ts","schema":"urn:example:T"}`, "f.json:1:39: resource type T: no file defines this schema; there are no schemas in the files"},
		{`[{"name":"T","endpoint":"/Ts","schema":"urn:example:T"},{"id":"urn:example:U","attributes":[{"name":"a"}]}]`, "no file defines this schema; there are urn:example:U"},
		{`{"name":"T","endpoint":"/Ts","schema":"` + scim.SchemaUser + `"}`, "a built-in schema belongs to its own resource type"},
		{`{"name":"T","id":"x","endpoint":"/Ts","schema":"urn:example:T"}`, "the id is the name; leave it out"},
		{`{"name":"T","endpoint":"","schema":"urn:example:T"}`, "f.json:1:24: resource type T: the endpoint must be a slash and one word"},
		{`{"name":"T","endpoint":"/a/b"}`, "the endpoint must be a slash and one word"},
		{`{"name":"T","endpoint":"/.search"}`, "the endpoint must be a slash and one word"},
		{`{"name":"T","endpoint":"/T{id}"}`, "the endpoint must be a slash and one word"},
		{`{"name":"T","endpoint":"/bulk"}`, "f.json:1:24: resource type T: the endpoint belongs to the protocol"},
		{`{"name":"T","endpoint":"Me"}`, "the endpoint belongs to the protocol"},
		{`{"name":"T","endpoint":"/ServiceProviderConfig"}`, "the endpoint belongs to the protocol"},
		{`{"name":"T","endpoint":"/users"}`, "the endpoint belongs to the built-in resource type User"},
		{`{"name":"T","endpoint":"/accounts"}`, "the endpoint belongs to paths that name an account, such as /accounts/name/Users; choose another"},
		{`{"name":"T","endpoint":"Accounts"}`, "the endpoint belongs to paths that name an account"},
		{`{"name":"T","endpoint":"/accounts/Ts"}`, "the endpoint must be a slash and one word"},
		{`{"name":"Schema","endpoint":"/Ts"}`, "the name belongs to the protocol"},
		{`{"name":"USER","endpoint":"/Ts"}`, "the name belongs to the built-in resource type User"},
		{attributes(`{"name":"a"}`)[:len(attributes(`{"name":"a"}`))-1] + "\n" + `,{"name":"U","endpoint":"/TS","schema":"urn:example:T"}]`, "f.json:4:25: resource type U: the endpoint belongs to the resource type T in f.json"},
		{`{"name":"User"}`, "this is neither a schema"},
		{`{"name":"User","schemaExtensions":[]}`, "User is built in; list the schemaExtensions"},
		{`{"name":"User","endpoint":"/People","schemaExtensions":[]}`, "the endpoint of User is /Users"},
		{`{"name":"User","schema":"urn:example:T","schemaExtensions":[]}`, "the schema of User is " + scim.SchemaUser},
		{users, "f.json:1:46: resource type User: no file defines this schema"},
		{`{"name":"User","schemaExtensions":[{"required":true}]}`, "f.json:1:36: resource type User: name the schema of the extension"},
		{`{"name":"User","schemaExtensions":[{"schema":"urn:example:E","optional":true}]}`, `the member "optional" is unknown; there are required, schema`},
		{`{"name":"User","schemaExtensions":["urn:example:E"]}`, "f.json:1:36: resource type User: write an object here, not a string"},
		{`{"name":"Group","schemaExtensions":[{"schema":"` + scim.SchemaUser + `"}]}`, "which cannot be an extension too"},
		{"[" + users + ",\n" + users + `,{"id":"urn:example:E","attributes":[{"name":"a"}]}]`, "f.json:2:46: resource type User: the extension appears twice"},
		{"[" + users + "," + strings.Replace(reference(`"multiValued":true`, `{"edge":"x"}`)[1:], "urn:example:T\",\"attr", "urn:example:E\",\"attr", 1), "edge and derived belong into the schema of a resource type, and this one extends User"},
	} {
		_, err := schema.Define([]schema.Source{{Name: "f.json", Text: row.text}})
		require.Error(t, err, row.text)
		require.ErrorContains(t, err, row.want, row.text)
		var faults schema.Faults
		require.True(t, errors.As(err, &faults))
		for _, f := range faults {
			require.NotContains(t, f.Error(), "%!", "the message is complete")
		}
	}
}

// TestFaultsTogether: all faults of all files are told at once, in their order,
// and nothing that only follows from another one.
func TestFaultsTogether(t *testing.T) {
	_, err := schema.Define([]schema.Source{
		{Name: "b.json", Text: "{"},
		{Name: "a.json", Text: attributes(`{"name":"a","Index":true},` + "\n" + `{"name":"b c"}`)},
		{Name: "c.json", Text: `{"name":"U","endpoint":"/ts","schema":"urn:example:T"}`},
	})
	require.EqualError(t, err, `a.json:2:13: attribute a: the member "Index" is unknown; there are canonicalValues, caseExact, description, multiValued, mutability, name, referenceTypes, required, returned, roster, subAttributes, type, uniqueness
a.json:3:9: attribute b c: the name must be a letter followed by letters, digits, "-", "_" or "$" (RFC 7643 section 2.1); a sub-attribute may begin with "$"
b.json:1:2: the JSON text ends too early
c.json:1:24: resource type U: the endpoint belongs to the resource type T in a.json; choose another`)
}

// TestManyFaults: a large file of something else is refused soon.
func TestManyFaults(t *testing.T) {
	_, err := schema.Define([]schema.Source{{Name: "f.json", Text: "[" + strings.Repeat("7,", 400_000) + "7]"}})
	var faults schema.Faults
	require.True(t, errors.As(err, &faults))
	require.Len(t, faults, 101)
	require.ErrorContains(t, faults[100], "there are more faults")
}

// TestDefine: what the files add.
func TestDefine(t *testing.T) {
	d, err := schema.Define(nil)
	require.NoError(t, err)
	require.Equal(t, []string{"User /Users", "Group /Groups"}, describe(d))

	d, err = schema.Define(examples(t))
	require.NoError(t, err)
	require.Equal(t, []string{"User /Users +urn:example:schemas:extension:badge:1.0:User", "Group /Groups", "Device /Devices"}, describe(d))
	owner, err := d.Types[2].Find(scim.StrictProfile(), "urn:example:schemas:core:1.0:Device", "OWNER", "value")
	require.NoError(t, err)
	require.Equal(t, "owner.value", owner.Path())
	require.True(t, owner.Index && owner.Parent.Exists)

	// Several files extend a built-in type; its own extension becomes required;
	// the slash of an endpoint, `schemas` and `meta` may be there or not.
	d, err = schema.Define([]schema.Source{
		{Name: "1", Text: `{"totalResults":1,"Resources":[{"id":"urn:example:A","meta":{},"attributes":[{"name":"a"}]}]}`},
		{Name: "2", Text: `{"name":"User","id":"User","schemas":[],"schemaExtensions":[{"schema":"URN:example:a","required":true}]}`},
		{Name: "3", Text: `{"name":"User","endpoint":"Users","schemaExtensions":[{"schema":"` + scim.SchemaEnterpriseUser + `","required":true}]}`},
		{Name: "4", Text: `[{"name":"T","endpoint":"Ts","schema":"urn:example:T","schemaExtensions":[{"schema":"urn:example:A"}]},{"id":"urn:example:T","attributes":[{"name":"a"}]}]`},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"User /Users +urn:example:A!", "Group /Groups", "T /Ts +urn:example:A"}, describe(d))
	require.True(t, d.Types[0].Extensions[0].Required)
	require.False(t, schema.Core()[0].Extensions[0].Required, "the built-in type is as it was")

	d, err = schema.Define([]schema.Source{{Name: "1", Text: `{"id":"urn:example:A","attributes":[{"name":"a"}]}`}})
	require.NoError(t, err)
	require.False(t, d.Uses(d.Schemas[0]))
}

func describe(d *schema.Definitions) (list []string) {
	for _, rt := range d.Types {
		text := rt.Name + " " + rt.Endpoint
		for _, e := range rt.Extensions {
			if e.Schema.ID != scim.SchemaEnterpriseUser {
				text += " +" + e.Schema.ID
			}
			if e.Required && e.Schema.ID != scim.SchemaEnterpriseUser {
				text += "!"
			}
		}
		list = append(list, text)
	}
	return list
}

func examples(t testing.TB) (sources []schema.Source) {
	t.Helper()
	files, err := filepath.Glob("../../testdata/schemas/*.json")
	require.NoError(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		sources = append(sources, schema.Source{Name: f, Text: string(text)})
	}
	return sources
}

// TestDefaults: what a definition leaves out (RFC 7643 section 2.2), and what it
// cannot choose (sections 2.3.6 and 2.3.7).
func TestDefaults(t *testing.T) {
	s, err := schema.Load([]byte(`{"id":"urn:example:T","attributes":[{"name":"a"},{"name":"b","type":"binary"},{"name":"r","type":"reference","caseExact":false}]}`))
	require.NoError(t, err)
	var got []string
	s.Walk(func(path string, a *schema.Attribute) {
		got = append(got, fmt.Sprint(path, " ", a.Type, " ", a.MultiValued, a.Required, a.CaseExact, " ", a.Mutability, " ", a.Returned, " ", a.Uniqueness))
	})
	require.Equal(t, []string{
		"a string false false false readWrite default none",
		"b binary false false true readWrite default none",
		"r reference false false true readWrite default none",
	}, got)
}

// FuzzDefine: no text makes it panic, and every fault has a place in the text.
func FuzzDefine(f *testing.F) {
	for _, s := range examples(f) {
		f.Add(s.Text)
	}
	f.Add(attributes(`{"name":"a b","type":"complex","subAttributes":[{"name":"$ref","type":"complex"}]},{"name":"a","roster":{"exists":true,"derived":"x"}}`))
	f.Add(`[{"id":"urn:a:","attributes":[7]},{"name":"User","schemaExtensions":[{}]},{"Resources":{}}]`)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := schema.Define([]schema.Source{{Name: "f.json", Text: text}})
		var faults schema.Faults
		if err == nil {
			return
		}
		require.True(t, errors.As(err, &faults), err)
		for _, fault := range faults {
			require.LessOrEqual(t, fault.Line, strings.Count(text, "\n")+1)
			require.Positive(t, fault.Column)
		}
	})
}
