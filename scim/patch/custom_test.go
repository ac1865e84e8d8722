package patch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

// thing is a resource type with what users and groups lack: immutable and
// required attributes of all shapes, simple lists, an extension with readOnly
// attributes.
func thing(t testing.TB) *schema.ResourceType {
	t.Helper()
	core, err := schema.Load([]byte(`{"id":"urn:test:Thing","name":"Thing","attributes":[
		{"name":"serial","mutability":"immutable"},
		{"name":"origin","type":"complex","subAttributes":[{"name":"country","mutability":"immutable"},{"name":"note"}]},
		{"name":"owners","type":"complex","multiValued":true,"required":true,"subAttributes":[{"name":"value"},{"name":"label","required":true}]},
		{"name":"marks","multiValued":true,"mutability":"immutable"},
		{"name":"tags","multiValued":true},
		{"name":"sizes","type":"integer","multiValued":true},
		{"name":"state","type":"complex","mutability":"readOnly","subAttributes":[{"name":"phase"},{"name":"since"}]},
		{"name":"parts","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"$ref","type":"reference"},{"name":"type"}]}]}`))
	require.NoError(t, err)
	ext, err := schema.Load([]byte(`{"id":"urn:test:Watch","name":"Watch","attributes":[
		{"name":"status","mutability":"readOnly"},
		{"name":"level","type":"integer"},
		{"name":"seal","mutability":"immutable"},
		{"name":"watchers","type":"complex","multiValued":true,"subAttributes":[{"name":"value"}]}]}`))
	require.NoError(t, err)
	rt, err := schema.NewResourceType("Thing", "/Things", "", core, schema.Extension{Schema: ext})
	require.NoError(t, err)
	return rt
}

func TestOtherSchemas(t *testing.T) {
	rt := thing(t)
	base := parse(t, `{"schemas":["urn:test:Thing"],"owners":[{"value":"o","label":"O"}]}`)
	const watched = `"schemas":["urn:test:Thing","urn:test:Watch"],"urn:test:Watch":`
	for _, row := range []struct{ name, before, operations, want string }{
		{"immutable is set once", `{}`, `[{"op":"add","path":"serial","value":"1"}]`, `{"serial":"1"}`},
		{"immutable stays", `{"serial":"1"}`, `[{"op":"add","path":"serial","value":"1"}]`, `{}`},
		{"immutable does not change", `{"serial":"1"}`, `[{"op":"replace","path":"serial","value":"2"}]`, `mutability`},
		{"immutable does not go", `{"serial":"1"}`, `[{"op":"remove","path":"serial"}]`, `mutability`},
		{"immutable does not go for null", `{"serial":"1"}`, `[{"op":"replace","path":"serial","value":null}]`, `mutability`},
		{"immutable that is not there", `{}`, `[{"op":"remove","path":"serial"}]`, `{}`},
		{"immutable set twice in a request", `{}`, `[{"op":"add","path":"serial","value":"1"},{"op":"add","path":"serial","value":"2"}]`, `mutability`},
		{"immutable sub-attribute", `{"origin":{"country":"CH"}}`, `[{"op":"replace","path":"origin","value":{"country":"CH","note":"n"}}]`, `{"origin":{"country":"CH","note":"n"}}`},
		{"immutable sub-attribute changed", `{"origin":{"country":"CH"}}`, `[{"op":"replace","path":"origin","value":{"country":"AT"}}]`, `mutability`},
		{"immutable sub-attribute taken away with all", `{"origin":{"country":"CH"}}`, `[{"op":"remove","path":"origin"}]`, `mutability`},
		{"immutable list", `{"marks":["a"]}`, `[{"op":"add","path":"marks","value":["b"]}]`, `mutability`},
		{"immutable list, the same", `{"marks":["a"]}`, `[{"op":"add","path":"marks","value":["A"]}]`, `{}`},

		{"required list", `{}`, `[{"op":"remove","path":"owners"}]`, `mutability`},
		{"required list by filter", `{}`, `[{"op":"remove","path":"owners[value eq \"o\"]"}]`, `mutability`},
		{"required list by values", `{}`, `[{"op":"remove","path":"owners","value":[{"value":"o"}]}]`, `mutability`},
		{"required list by null", `{}`, `[{"op":"replace","path":"owners","value":[]}]`, `invalidValue`},
		{"required list by nulls", `{}`, `[{"op":"replace","path":"owners","value":[null]}]`, `invalidValue`},
		{"required list by null for its elements", `{}`, `[{"op":"replace","path":"owners[value eq \"o\"]","value":null}]`, `invalidValue`},
		{"required sub-attribute", `{}`, `[{"op":"remove","path":"owners[value eq \"o\"].label"}]`, `mutability`},
		{"required sub-attribute by null", `{}`, `[{"op":"replace","path":"owners[value eq \"o\"].label","value":""}]`, `invalidValue`},
		{"required sub-attribute left out", `{}`, `[{"op":"add","path":"owners","value":[{"value":"p"}]}]`, `invalidValue`},

		{"simple list grows", `{"tags":["a"]}`, `[{"op":"add","path":"tags","value":["A","b","b"]}]`, `{"tags":["a","b"]}`},
		{"simple list, one value", `{"tags":["a"]}`, `[{"op":"add","path":"tags","value":"b"}]`, `{"tags":["a","b"]}`},
		{"simple list replaced", `{"tags":["a"]}`, `[{"op":"replace","path":"tags","value":["b","B"]}]`, `{"tags":["b"]}`},
		{"simple list shrinks", `{"tags":["a","b"]}`, `[{"op":"remove","path":"tags","value":["B"]}]`, `{"tags":["a"]}`},
		{"simple list by filter", `{"tags":["a","b"]}`, `[{"op":"remove","path":"tags[value sw \"a\"]"}]`, `{"tags":["b"]}`},
		{"simple element replaced", `{"tags":["a","b"]}`, `[{"op":"replace","path":"tags[value eq \"a\"]","value":"c"}]`, `{"tags":["c","b"]}`},
		{"simple element replaced by one that is there", `{"tags":["a","b"]}`, `[{"op":"replace","path":"tags[value eq \"a\"]","value":"b"}]`, `{"tags":["b"]}`},
		{"simple element added by filter", `{"tags":["a"]}`, `[{"op":"add","path":"tags[value eq \"b\"]","value":"b"}]`, `{"tags":["a","b"]}`},
		{"simple element without a match", `{"tags":["a"]}`, `[{"op":"replace","path":"tags[value eq \"b\"]","value":"c"}]`, `noTarget`},
		{"numbers are compared as such", `{"sizes":[100]}`, `[{"op":"add","path":"sizes","value":[100,7]},{"op":"remove","path":"sizes[value gt 99]"}]`, `{"sizes":[7]}`},
		{"a wrong number", `{}`, `[{"op":"add","path":"sizes","value":[1.5]}]`, `invalidValue`},

		{"readOnly parent of writable ones", `{"state":{"phase":"a"}}`, `[{"op":"replace","path":"state.phase","value":"b"}]`, `mutability`},
		{"readOnly parent, the same", `{"state":{"phase":"a"}}`, `[{"op":"replace","path":"state.phase","value":"a"},{"op":"add","path":"state","value":{"phase":"a"}}]`, `{}`},
		{"readOnly parent by remove", `{"state":{"phase":"a"}}`, `[{"op":"remove","path":"state.phase"}]`, `mutability`},

		{"reference in a list", `{"parts":[{"value":"1","$ref":"Parts/1"},{"value":"2","$ref":"Parts/2"}]}`, `[{"op":"replace","path":"parts[value eq \"1\"].value","value":"3"}]`, `{"parts":[{"value":"3"},{"value":"2","$ref":"Parts/2"}]}`},
		{"reference in a list without value", `{"parts":[{"value":"1","$ref":"Parts/1"},{"value":"2","$ref":"Parts/2"}]}`, `[{"op":"remove","path":"parts[value eq \"1\"].value"}]`, `{"parts":[{"value":"2","$ref":"Parts/2"}]}`},

		{"list in an extension", `{` + watched + `{"watchers":[{"value":"a"}]}}`, `[{"op":"add","path":"urn:test:Watch","value":{"watchers":[{"value":"b"}],"level":3}}]`, `{"urn:test:Watch":{"watchers":[{"value":"a"},{"value":"b"}],"level":3}}`},
		{"list in an extension by filter", `{` + watched + `{"watchers":[{"value":"a"}]}}`, `[{"op":"remove","path":"urn:test:Watch:watchers[value eq \"a\"]"}]`, `{"schemas":["urn:test:Thing"],"urn:test:Watch":null}`},
		{"an extension goes but for what is the server's", `{` + watched + `{"status":"s","level":3}}`, `[{"op":"remove","path":"urn:test:Watch"}]`, `{"urn:test:Watch":{"status":"s"}}`},
		{"nor does its schema", `{` + watched + `{"status":"s","level":3}}`, `[{"op":"remove","path":"schemas","value":["urn:test:Watch"]}]`, `{"urn:test:Watch":{"status":"s"}}`},
		{"an extension with an immutable attribute stays", `{` + watched + `{"seal":"x","level":3}}`, `[{"op":"remove","path":"urn:test:Watch"}]`, `mutability`},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := with(base, parse(t, row.before))
			out, changed, err := run(rt, before, parse(t, row.operations), scim.DefaultProfile())
			if row.want[0] != '{' {
				requireRefusal(t, row.want, err)
				return
			}
			require.NoError(t, err)
			want := with(before, parse(t, row.want))
			require.True(t, want.Equal(out), "want %s\n got %s", want, out)
			require.Equal(t, row.want != `{}`, changed)
		})
	}
}
