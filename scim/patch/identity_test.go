package patch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

// TestIdentity: where a definition says so, elements with the same value are two,
// and those with the same identity one.
func TestIdentity(t *testing.T) {
	d, err := schema.Define(nil, schema.Source{Name: "pairs", Text: `[
		{"id":"urn:test:Pairs","name":"Pairs","attributes":[{"name":"pairs","type":"complex","multiValued":true,"subAttributes":[
			{"name":"key","required":true,"caseExact":true,"roster":{"identity":true}},{"name":"value"},{"name":"type"}]}]},
		{"name":"Pairs","endpoint":"/Pairs","schema":"urn:test:Pairs"}]`})
	require.NoError(t, err)
	rt := d.Types[len(d.Types)-1]
	before := parse(t, `{"schemas":["urn:test:Pairs"],"pairs":[{"key":"a","value":"1"},{"key":"b","value":"1"}]}`)
	for _, row := range []struct{ name, operations, want string }{
		{"another key with the same value", `[{"op":"add","path":"pairs","value":[{"key":"c","value":"1"}]}]`, `[{"key":"a","value":"1"},{"key":"b","value":"1"},{"key":"c","value":"1"}]`},
		{"the same key with another value", `[{"op":"add","path":"pairs","value":[{"key":"b","value":"2","type":"t"}]}]`, `[{"key":"a","value":"1"},{"key":"b","value":"2","type":"t"}]`},
		{"a key in another case", `[{"op":"add","path":"pairs","value":[{"key":"B","value":"1"}]}]`, `[{"key":"a","value":"1"},{"key":"b","value":"1"},{"key":"B","value":"1"}]`},
		{"only the key", `[{"op":"add","path":"pairs","value":[{"key":"b"}]}]`, `[{"key":"a","value":"1"},{"key":"b","value":"1"}]`},
		{"by key", `[{"op":"remove","path":"pairs","value":[{"key":"a","value":"9"}]}]`, `[{"key":"b","value":"1"}]`},
		{"the key twice", `[{"op":"replace","path":"pairs","value":[{"key":"a","value":"1"},{"key":"a","value":"2"}]}]`, `invalidValue`},
		{"made equal", `[{"op":"replace","path":"pairs[key eq \"b\"]","value":{"key":"a","value":"1"}}]`, `[{"key":"a","value":"1"}]`},
		{"no key", `[{"op":"add","path":"pairs","value":[{"value":"1"}]}]`, `invalidValue`},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, _, err := run(rt, before, parse(t, row.operations), scim.DefaultProfile())
			if row.want[0] != '[' {
				requireRefusal(t, row.want, err)
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, row.want, out.Get("pairs").String())
		})
	}
}
