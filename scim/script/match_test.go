package script

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

func parse(t *testing.T, text string) scim.Value {
	t.Helper()
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ want, have, difference string }{
		{`{"a": 1}`, `{"a": 1, "b": 2}`, ``},
		{`{"a": 1}`, `{"a": 1.0}`, `$.a: want 1, have 1.0`},
		{`{"a": true}`, `{"a": "true"}`, `$.a: want true, have "true"`},
		{`{"a": "x"}`, `{"A": "x"}`, `$.a: want "x", have nothing`},
		{`{"a": "<absent>"}`, `{"b": 1}`, ``},
		{`{"a": "<absent>"}`, `{"a": []}`, `$.a: want <absent>, have []`},
		{`{"a": "<any>"}`, `{}`, `$.a: want <any>, have nothing`},
		{`{"a": "<string>"}`, `{"a": ""}`, `$.a: want <string>, have ""`},
		{`{"a": "<not x>"}`, `{"a": "x"}`, `$.a: want <not x>, have "x"`},
		{`{"a": "<contains x y>"}`, `{"a": "has x y"}`, ``},
		{`{"a": "<empty>"}`, `{"a": []}`, ``},
		{`["a", "b"]`, `["b", "a"]`, ``},
		{`["<in order>", "a", "b"]`, `["b", "a"]`, `$[0]: want "a", have "b"`},
		{`["a"]`, `["b", "a"]`, `$: want a list of 1, have ["b","a"]`},
		{`["<and others>", "a"]`, `["b", "a"]`, ``},
		{`["<and others>", "c"]`, `["b", "a"]`, `$: want an element "c", have ["b","a"]`},
		{`[{"v": "a"}, {"v": "b", "p": true}]`, `[{"v": "a"}, {"v": "b"}]`, `$[1].p: want true, have nothing`},
		{`["<each>", {"a": "<number>"}]`, `[{"a": 1}, {"a": 2, "b": 3}]`, ``},
		{`["<each>", {"a": "<number>"}]`, `[]`, ``},
		{`["<each>", {"a": "<number>"}]`, `[{"a": 1}, {"a": "2"}]`, `$[1].a: want <number>, have "2"`},
		{`{"a": "<lacks x>"}`, `{"a": "y"}`, ``},
		{`{"a": "<lacks x>"}`, `{"a": "xy"}`, `$.a: want <lacks x>, have "xy"`},
		{`{"a": "<absent or false>"}`, `{"a": false}`, ``},
		{`{"a": "<absent or false>"}`, `{}`, ``},
		{`{"a": "<absent or false>"}`, `{"a": true}`, `$.a: want <absent or false>, have true`},
		{`{"urn:x:2.0:User": {"a": 1}}`, `{"urn:x:2.0:User": {"a": 2}}`, `$["urn:x:2.0:User"].a: want 1, have 2`},
		{`{"a": {}}`, `{"a": "x"}`, `$.a: want an object, have "x"`},
		{`{"a": "{{id}}"}`, `{"a": "7"}`, ``},
		{`{"a": "Users/{{id}}"}`, `{"a": "Users/8"}`, `$.a: want "Users/7", have "Users/8"`},
		{`{"a": "{{list}}"}`, `{"a": ["x"]}`, ``},
		{`{"a": "{{list}}"}`, `{"a": ["y"]}`, `$.a[0]: want "x", have "y"`},
		{`{"a": "{{none}}"}`, `{"a": "7"}`, `$.a: want {{none}}, have {{none}} is not set`},
	} {
		vars := newScope("", "")
		vars.set("id", scim.StringValue("7"))
		vars.set("list", scim.ArrayValue(scim.StringValue("x")))
		m := matcher{vars: vars}
		d := m.match("$", parse(t, c.want), parse(t, c.have))
		if c.difference == "" {
			require.Nil(t, d, c.want)
			continue
		}
		require.NotNil(t, d, c.want)
		require.Equal(t, c.difference, d.Error())
	}
}

func TestMatchKeepsOnlyWhatMatched(t *testing.T) {
	m := matcher{vars: newScope("", "")}
	d := m.match("$", parse(t, `[{"id": "<string -> id>", "type": "b"}]`), parse(t, `[{"id": "2", "type": "b"}]`))
	require.Nil(t, d)
	require.Equal(t, []scim.Member{{Name: "id", Value: scim.StringValue("2")}}, m.kept)

	m = matcher{vars: newScope("", "")}
	d = m.match("$", parse(t, `["<and others>", {"id": "<string -> id>", "type": "b"}]`),
		parse(t, `[{"id": "1", "type": "a"}, {"id": "2", "type": "b"}]`))
	require.Nil(t, d)
	require.Equal(t, []scim.Member{{Name: "id", Value: scim.StringValue("2")}}, m.kept)
}
