package patch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/patch"
)

func TestConcerns(t *testing.T) {
	group := resourceType("Group")
	for _, row := range []struct {
		operations string
		values     []string
		all        bool
	}{
		{`[{"op":"replace","path":"displayName","value":"x"}]`, nil, false},
		{`[{"op":"replace","value":{"id":"1","displayName":"x"}}]`, nil, false},
		{`[{"op":"add","path":"members","value":[{"value":"b"},{"value":"a"},{"value":"b"}]}]`, []string{"b", "a"}, false},
		{`[{"op":"add","path":"members","value":"a"}]`, []string{"a"}, false},
		{`[{"op":"add","value":{"members":{"value":"a"}}}]`, []string{"a"}, false},
		{`[{"op":"add","path":"members","value":[]}]`, nil, false},
		{`[{"op":"remove","path":"members","value":[{"value":"a"}]}]`, []string{"a"}, false},
		{`[{"op":"remove","path":"members","value":{"members":[{"value":"a"}]}}]`, []string{"a"}, false},
		{`[{"op":"remove","path":"members","value":[]}]`, nil, false},
		{`[{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"b"}]}]`, []string{"a", "b"}, false},
		{`[{"op":"remove","path":"members[value eq \"a\" or value eq \"B\"]"}]`, []string{"a", "B"}, false},
		{`[{"op":"remove","path":"members[type eq \"User\" and value eq \"a\"]"}]`, []string{"a"}, false},
		{`[{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}]`, []string{"a"}, false},
		{`[{"op":"replace","path":"members[value eq \"a\"]","value":null}]`, []string{"a"}, false},
		{`[{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}]`, nil, true},
		{`[{"op":"remove","path":"members"}]`, nil, true},
		{`[{"op":"remove","path":"members","value":null}]`, nil, true},
		{`[{"op":"replace","path":"members","value":[{"value":"a"}]}]`, nil, true},
		{`[{"op":"replace","value":{"members":[]}}]`, nil, true},
		{`[{"op":"replace","path":"members.display","value":"x"}]`, nil, true},
		{`[{"op":"remove","path":"members[value eq \"a\" or display eq \"b\"]"}]`, nil, true},
		{`[{"op":"remove","path":"members[not (value eq \"a\")]"}]`, nil, true},
		{`[{"op":"remove","path":"members[value sw \"a\"]"}]`, nil, true},
		{`[{"op":"add","path":"members","value":[{"value":"a"}]},{"op":"remove","path":"members[display eq \"b\"]"}]`, nil, true},
	} {
		ops, err := patch.Parse(group, message(parse(t, row.operations)), scim.DefaultProfile(), scim.DefaultLimits())
		require.NoError(t, err, row.operations)
		values, all, err := patch.Concerns(group, ops, group.Root.SubAttribute("members"), scim.DefaultProfile())
		require.NoError(t, err, row.operations)
		require.Equal(t, row.values, values, row.operations)
		require.Equal(t, row.all, all, row.operations)
	}
}

func TestConcernsRefusesWhatApplyRefuses(t *testing.T) {
	group := resourceType("Group")
	ops, err := patch.Parse(group, message(parse(t, `[{"op":"add","path":"members","value":[7]}]`)), scim.StrictProfile(), scim.DefaultLimits())
	require.NoError(t, err)
	_, _, err = patch.Concerns(group, ops, group.Root.SubAttribute("members"), scim.StrictProfile())
	requireRefusal(t, "invalidValue", err)
}

// TestConcernsOfOtherAttributes: what is not stored as edges, or has a primary
// element, is needed as a whole.
func TestConcernsOfOtherAttributes(t *testing.T) {
	user := resourceType("User")
	ops, err := patch.Parse(user, message(parse(t, `[{"op":"add","path":"emails","value":[{"value":"a"}]}]`)), scim.DefaultProfile(), scim.DefaultLimits())
	require.NoError(t, err)
	_, all, err := patch.Concerns(user, ops, user.Root.SubAttribute("emails"), scim.DefaultProfile())
	require.NoError(t, err)
	require.True(t, all)
	values, all, err := patch.Concerns(user, ops, user.Root.SubAttribute("roles"), scim.DefaultProfile())
	require.NoError(t, err)
	require.False(t, all)
	require.Empty(t, values)
}
