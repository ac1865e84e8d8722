package patch_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"roster/scim"
	"roster/scim/patch"
	"roster/scim/schema"
)

// The pools are small, so that operations meet what is there.
var (
	words   = rapid.SampledFrom([]string{"a", "A", "b", "work", "home", "u@x.org", "é"})
	userOps = rapid.SampledFrom([]string{"add", "Replace", "remove"})

	userPaths = rapid.SampledFrom([]string{
		"", "userName", "title", "active", "name", "name.givenName", "NAME.familyName", "id", "meta", "groups", "schemas", "password",
		"emails", "emails.value", "emails.primary", `emails[type eq "work"]`, `emails[type eq "work"].value`, `emails[value co "a"].type`,
		`emails[primary eq true].value`, `emails[not (type pr)]`, `emails[type eq "home" or value eq "b"].primary`,
		`addresses[type eq "work"].country`, "addresses", `roles[primary eq "True"].value`, "roles", `name[givenName eq "a"]`,
		scim.SchemaEnterpriseUser, scim.SchemaEnterpriseUser + ":department", scim.SchemaEnterpriseUser + ":manager",
		scim.SchemaEnterpriseUser + ":manager.value", "manager", "department", "unknown", `schemas[value co "enterprise"]`,
	})
	groupPaths = rapid.SampledFrom([]string{
		"", "displayName", "externalId", "members", "members", "members", `members[value eq "a"]`, `members[value eq "b"]`,
		`members[value eq "a" or value eq "work"]`, `members[type eq "User" and value eq "home"]`, `members[value eq "a"].display`,
		`members[value eq "A"].value`, `members[display eq "a"]`, `members[value sw "a"]`, "members.display", `members[not (value eq "a")]`,
	})
	keys = rapid.SampledFrom([]string{
		"userName", "title", "active", "name", "name.givenName", "emails", "roles", "id", "meta", "members", "displayName",
		scim.SchemaEnterpriseUser, scim.SchemaEnterpriseUser + ":manager", "unknown",
	})
)

// anyValue draws a value that clients might send, fitting or not.
func anyValue(t *rapid.T, depth int) scim.Value {
	switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
	case kind == 0:
		return scim.Value{}
	case kind == 1:
		return scim.BoolValue(rapid.Bool().Draw(t, "bool"))
	case kind == 2:
		return scim.StringValue("")
	case kind < 5 || depth == 0:
		return scim.StringValue(words.Draw(t, "text"))
	case kind == 5:
		return elements(t, depth-1)
	case kind == 6:
		var v scim.Value = scim.ObjectValue()
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			v = v.With(keys.Draw(t, "key"), anyValue(t, depth-1))
		}
		return v
	}
	return element(t)
}

func elements(t *rapid.T, depth int) scim.Value {
	list := scim.ArrayValue()
	for range rapid.IntRange(0, 4).Draw(t, "elements") {
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			list = list.Append(anyValue(t, depth))
		} else {
			list = list.Append(element(t))
		}
	}
	return list
}

// element draws an element of a complex attribute.
func element(t *rapid.T) scim.Value {
	e := scim.ObjectValue()
	for _, name := range []string{"value", "type", "display", "primary", "country"} {
		switch rapid.IntRange(0, 5).Draw(t, name) {
		case 0, 1:
			e = e.With(name, scim.StringValue(words.Draw(t, name)))
		case 2:
			if name == "primary" {
				e = e.With(name, scim.BoolValue(rapid.Bool().Draw(t, name)))
			} else if name == "value" {
				e = e.With(name, scim.StringValue(words.Draw(t, name)))
			}
		}
	}
	return e
}

func operation(t *rapid.T, paths *rapid.Generator[string]) scim.Value {
	op := scim.ObjectValue(scim.Member{Name: "op", Value: scim.StringValue(userOps.Draw(t, "op"))})
	if path := paths.Draw(t, "path"); path != "" {
		op = op.With("path", scim.StringValue(path))
	}
	if rapid.IntRange(0, 9).Draw(t, "value") > 0 {
		op = op.With("value", anyValue(t, 2))
	}
	return op
}

func operations(t *rapid.T, paths *rapid.Generator[string], most int) scim.Value {
	list := scim.ArrayValue()
	for range rapid.IntRange(1, most).Draw(t, "operations") {
		list = list.Append(operation(t, paths))
	}
	return list
}

// anyResource draws a valid resource by patching the base.
func anyResource(t *rapid.T, rt *schema.ResourceType, paths *rapid.Generator[string]) scim.Value {
	r, err := scim.ParseJSON([]byte(bases[rt.Name]))
	require.NoError(t, err)
	for range rapid.IntRange(0, 8).Draw(t, "history") {
		list := scim.ArrayValue(operation(t, paths))
		if out, _, err := run(rt, r, list, scim.DefaultProfile()); err == nil {
			r = out
		}
	}
	return r
}

func anyProfile(t *rapid.T) scim.Profile {
	return rapid.SampledFrom([]scim.Profile{scim.DefaultProfile(), scim.StrictProfile()}).Draw(t, "profile")
}

// requireValid holds an outcome to the schema.
func requireValid(t require.TestingT, rt *schema.ResourceType, r scim.Value) {
	require.NoError(t, rt.Check(r), r.String())
	accepted, err := rt.Accept(r, scim.StrictProfile())
	require.NoError(t, err, r.String())
	for _, a := range rt.Root.Sub {
		if a.Mutability == schema.ReadOnly {
			accepted = accepted.With(a.Name, r.Get(a.Name))
		}
	}
	require.True(t, accepted.Equal(r), "%s\nis accepted as\n%s", r, accepted)
}

func TestOutcomeIsValid(t *testing.T) {
	for name, paths := range map[string]*rapid.Generator[string]{"User": userPaths, "Group": groupPaths} {
		rt := resourceType(name)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			r := anyResource(t, rt, paths)
			requireValid(t, rt, r)
			snapshot := r.String()
			out, changed, err := run(rt, r, operations(t, paths, 4), anyProfile(t))
			require.Equal(t, snapshot, r.String(), "pure")
			if err != nil {
				require.True(t, out.IsNull())
				return
			}
			requireValid(t, rt, out)
			require.Equal(t, !out.Equal(r), changed)
		}))
	}
}

// TestAgain holds that add and replace to a place that no filter selects change
// nothing when they come again.
func TestAgain(t *testing.T) {
	rt := resourceType("User")
	paths := rapid.SampledFrom([]string{"title", "active", "name", "name.givenName", "emails", "addresses", "roles", "emails.display", "manager", scim.SchemaEnterpriseUser})
	rapid.Check(t, func(t *rapid.T) {
		r := anyResource(t, rt, userPaths)
		list := scim.ArrayValue(operation(t, paths))
		once, _, err := run(rt, r, list, scim.DefaultProfile())
		if err != nil {
			return
		}
		twice, changed, err := run(rt, once, list, scim.DefaultProfile())
		require.NoError(t, err)
		require.False(t, changed, "%s\nto %s", once, twice)
	})
}

func TestAddThenRemoveRestores(t *testing.T) {
	rt := resourceType("User")
	rapid.Check(t, func(t *rapid.T) {
		r := anyResource(t, rt, userPaths)
		attribute := rapid.SampledFrom([]string{"emails", "roles", "phoneNumbers"}).Draw(t, "attribute")
		added := element(t).With("value", scim.StringValue("new")).With("primary", scim.Value{}).With("country", scim.Value{})
		out, changed, err := run(rt, r, parse(t, fmt.Sprintf(`[{"op":"add","path":%q,"value":[%s]}]`, attribute, added)), scim.StrictProfile())
		require.NoError(t, err)
		require.True(t, changed)
		for _, remove := range []string{
			fmt.Sprintf(`[{"op":"remove","path":"%s[value eq \"NEW\"]"}]`, attribute),
			fmt.Sprintf(`[{"op":"remove","path":%q,"value":[%s]}]`, attribute, added),
		} {
			back, changed, err := run(rt, out, parse(t, remove), scim.StrictProfile())
			require.NoError(t, err)
			require.True(t, changed)
			require.True(t, back.Equal(r), "%s\nis not %s", back, r)
		}
	})
}

// TestLongLists holds that many elements added at once, which is done with an
// index, come to the same end as one by one.
func TestLongLists(t *testing.T) {
	rt := resourceType("User")
	rapid.Check(t, func(t *rapid.T) {
		attribute := rapid.SampledFrom([]string{"emails", "addresses"}).Draw(t, "attribute")
		r, err := scim.ParseJSON([]byte(bases["User"]))
		require.NoError(t, err)
		list := scim.ArrayValue()
		for range rapid.IntRange(60, 150).Draw(t, "elements") {
			e := element(t).With("primary", scim.Value{})
			if attribute == "emails" {
				e = e.With("country", scim.Value{})
			} else {
				e = e.With("value", scim.Value{}).With("display", scim.Value{})
			}
			list = list.Append(e)
		}
		single := scim.ArrayValue()
		for _, e := range list.Elements() {
			single = single.Append(parse(t, fmt.Sprintf(`{"op":"add","path":%q,"value":[%s]}`, attribute, e)))
		}
		oneByOne, _, err := run(rt, r, single, scim.StrictProfile())
		require.NoError(t, err)
		atOnce, _, err := run(rt, r, parse(t, fmt.Sprintf(`[{"op":"add","path":%q,"value":%s}]`, attribute, list)), scim.StrictProfile())
		require.NoError(t, err)
		require.True(t, oneByOne.Equal(atOnce), "%s\nis not %s", atOnce, oneByOne)
	})
}

// TestConcernsEquivalence holds what Concerns promises: a group that holds only
// the members concerned comes to the same end as the whole one.
func TestConcernsEquivalence(t *testing.T) {
	group := resourceType("Group")
	members := group.Root.SubAttribute("members")
	partial := 0
	rapid.Check(t, func(t *rapid.T) {
		whole, p := anyResource(t, group, groupPaths), anyProfile(t)
		ops, err := patch.Parse(group, message(operations(t, groupPaths, 4)), p, scim.DefaultLimits())
		if err != nil {
			return
		}
		wholeOut, wholeChanged, wholeErr := patch.Apply(group, whole, ops, p)
		values, all, err := patch.Concerns(group, ops, members, p)
		if err != nil {
			require.Error(t, wholeErr)
			return
		}
		if all {
			require.Empty(t, values)
			return
		}
		partial++
		out, changed, err := patch.Apply(group, only(whole, values), ops, p)
		if wholeErr != nil {
			require.EqualError(t, err, wholeErr.Error())
			return
		}
		require.NoError(t, err)
		require.Equal(t, wholeChanged, changed)
		require.True(t, only(wholeOut, values).Equal(out), "%v: %s\nbut of all %s", values, out, wholeOut)
		require.True(t, except(whole, values).Get("members").Equal(except(wholeOut, values).Get("members")), "the others stay")
	})
	require.Positive(t, partial)
}

// only returns the group with only the members of those values.
func only(r scim.Value, values []string) scim.Value { return filterMembers(r, values, true) }

// except returns the group without the members of those values.
func except(r scim.Value, values []string) scim.Value { return filterMembers(r, values, false) }

func filterMembers(r scim.Value, values []string, keep bool) scim.Value {
	named := map[string]bool{}
	for _, v := range values {
		named[v] = true
	}
	var kept []scim.Value
	for _, e := range r.Get("members").Elements() {
		if named[e.Get("value").Text()] == keep {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return r.With("members", scim.Value{})
	}
	return r.With("members", scim.ArrayValue(kept...))
}
