package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

// TestPlain: what may have to be left out or made is seen by the names of members,
// at whatever depth, and by nothing else.
func TestPlain(t *testing.T) {
	definitions, err := schema.Define(nil, schema.Source{Name: "f.json", Text: attributes(`
{"name":"shown"},{"name":"asked","returned":"request"},{"name":"made","mutability":"readOnly","roster":{"computed":true}},
{"name":"c","type":"complex","subAttributes":[{"name":"value"},{"name":"deep","returned":"never"}]}`)})
	require.NoError(t, err)
	rt := definitions.Types[len(definitions.Types)-1]
	for _, row := range []struct {
		stored string
		plain  bool
	}{
		{`{}`, true},
		{`{"shown":"a:b","c":{"value":"x"}}`, true},
		{`{"shown":"asked","c":{"value":"made"}}`, true},
		{`{"shown":"\"asked\":","c":{"value":":"}}`, true},
		{`{"unasked":"x","ask":"x"}`, true},
		{`{"asked":"x"}`, false},
		{`{"shown":"x","made":[]}`, false},
		{`{"shown":"::\"","c":{"value":"x","deep":1}}`, false},
	} {
		require.Equal(t, row.plain, rt.Plain([]byte(row.stored)), row.stored)
	}
}

// TestAt: every attribute is at its path, and is the last one of its chain.
func TestAt(t *testing.T) {
	user := schema.Core()[0]
	for _, a := range user.All[1:] {
		require.Same(t, a, user.At(a.Path()))
		chain := a.Chain()
		require.Same(t, a, chain[len(chain)-1])
		require.Same(t, user.Root, chain[0].Parent)
	}
	for _, path := range []string{"", "USERNAME", "userName.", scim.SchemaUser + ":userName", "nothing"} {
		require.Nil(t, user.At(path), path)
	}
	require.Empty(t, user.Root.Chain())
	require.Empty(t, (*schema.Attribute)(nil).Chain())
}
