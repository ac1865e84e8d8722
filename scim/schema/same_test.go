package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

// TestSame: values are the same if filters could not tell them apart.
func TestSame(t *testing.T) {
	definitions, err := schema.Define(nil, schema.Source{Name: "boxes", Text: `[
		{"id": "urn:example:Box", "attributes": [
			{"name": "label"},
			{"name": "code", "caseExact": true},
			{"name": "parts", "type": "complex", "multiValued": true, "subAttributes": [
				{"name": "value"},
				{"name": "tags", "multiValued": true},
				{"name": "made", "type": "dateTime"}]}]},
		{"name": "Box", "endpoint": "/Boxes", "schema": "urn:example:Box"}]`})
	require.NoError(t, err)
	box := definitions.Types[len(definitions.Types)-1].Root
	for _, c := range []struct {
		attribute, x, y string
		same            bool
	}{
		{"label", `"Red"`, `"RED"`, true},
		{"label", `"red"`, `"reds"`, false},
		{"label", `"red"`, `null`, false},
		{"code", `"A"`, `"a"`, false},
		{"parts", `null`, `[]`, true},
		{"parts", `[{"value":"a"},{"value":"B"}]`, `[{"value":"b"},{"value":"A"}]`, true},
		{"parts", `[{"value":"a"},{"value":"a"}]`, `[{"value":"a"}]`, false},
		{"parts", `[{"value":"a","tags":["x","y"]}]`, `[{"tags":["Y","x"],"value":"a"}]`, true},
		{"parts", `[{"value":"a","tags":["x","y"]}]`, `[{"value":"a","tags":["xy"]}]`, false},
		{"parts", `[{"value":"a"},{"tags":["a"]}]`, `[{"value":"a","tags":["a"]}]`, false},
		{"parts", `[{"made":"2026-01-01T00:00:00Z"}]`, `[{"made":"2026-01-01T01:00:00+01:00"}]`, true},
	} {
		x, err := scim.ParseJSON([]byte(c.x))
		require.NoError(t, err)
		y, err := scim.ParseJSON([]byte(c.y))
		require.NoError(t, err)
		require.Equal(t, c.same, box.SubAttribute(c.attribute).Same(x, y), "%s %s", c.x, c.y)
	}
}
