package patch_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/patch"
)

func TestParseMessage(t *testing.T) {
	const patchOp = `"schemas":["` + scim.MessagePatchOp + `"]`
	const operation = `[{"op":"replace","path":"title","value":"T"}]`
	for _, row := range []struct{ name, body, byDefault, strict string }{
		{"as the RFC says", `{` + patchOp + `,"Operations":` + operation + `}`, "", ""},
		{"names in any case", `{"SCHEMAS":["` + strings.ToUpper(scim.MessagePatchOp) + `"],"operations":` + operation + `}`, "", ""},
		{"more members", `{` + patchOp + `,"Operations":` + operation + `,"more":1}`, "", ""},
		{"no schemas", `{"Operations":` + operation + `}`, "", "invalidSyntax"},
		{"schemas of something else", `{"schemas":["` + scim.SchemaUser + `"],"Operations":` + operation + `}`, "", "invalidSyntax"},
		{"schemas is a string", `{"schemas":"` + scim.MessagePatchOp + `","Operations":` + operation + `}`, "", "invalidSyntax"},
		{"no operations", `{` + patchOp + `}`, "invalidSyntax", "invalidSyntax"},
		{"empty operations", `{` + patchOp + `,"Operations":[]}`, "invalidSyntax", "invalidSyntax"},
		{"operations is an object", `{` + patchOp + `,"Operations":{"op":"replace","path":"title","value":"T"}}`, "invalidSyntax", "invalidSyntax"},
		{"a list", `[]`, "invalidSyntax", "invalidSyntax"},
		{"null", `null`, "invalidSyntax", "invalidSyntax"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for p, keyword := range map[scim.Profile]string{scim.DefaultProfile(): row.byDefault, scim.StrictProfile(): row.strict} {
				ops, err := patch.Parse(resourceType("User"), parse(t, row.body), p, scim.DefaultLimits())
				if keyword != "" {
					requireRefusal(t, keyword, err)
					continue
				}
				require.NoError(t, err)
				require.Len(t, ops, 1)
				require.Equal(t, patch.Replace, ops[0].Kind)
				require.Equal(t, "title", ops[0].Path.Attribute.Path())
				require.Equal(t, `"T"`, ops[0].Value.String())
			}
		})
	}
}

func TestErrorsNameOperationAndAttribute(t *testing.T) {
	user := resourceType("User")
	for operations, detail := range map[string]string{
		`[{"op":"replace","path":"title","value":"T"},{"op":"replace","path":"active","value":"maybe"}]`: "operation 2: attribute active takes true or false, but the request has a string",
		`[{"op":"replace","value":{"title":"T","userName":null}}]`:                                       "operation 1: attribute userName is required; send a value",
		`[{"op":"remove","path":"userName"}]`:                                                            "operation 1: attribute userName is required and cannot be removed; replace it instead",
		`[{"op":"replace","path":"id","value":"7"}]`:                                                     "operation 1: attribute id is readOnly; leave it out or send its present value",
		`[{"op":"add","path":"title"}]`:                                                                  "operation 1: add and replace need a value; null unassigns an attribute",
		`[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"a"}}]`:                     "operation 1: no element of emails matches the filter of the path; add the element first",
		`[{"op":"replace","path":"shoeSize","value":43}]`:                                                `operation 1: unknown attribute "shoeSize" of resource type User`,
	} {
		_, _, err := run(user, parse(t, bases["User"]), parse(t, operations), scim.DefaultProfile())
		var refusal *scim.Error
		require.True(t, errors.As(err, &refusal), "%v", err)
		require.Equal(t, detail, refusal.Detail)
	}
}

func TestUnknownPathsAreIgnoredByProfile(t *testing.T) {
	p := scim.DefaultProfile()
	p.IgnoreUnknownPath = true
	operations := parse(t, `[{"op":"replace","path":"shoeSize","value":43},{"op":"replace","path":"emails[kind eq \"x\"].value","value":"a"}]`)
	_, changed, err := run(resourceType("User"), parse(t, bases["User"]), operations, p)
	require.NoError(t, err)
	require.False(t, changed)
}

func TestUnknownKeysAreRefusedByProfile(t *testing.T) {
	p := scim.DefaultProfile()
	p.IgnoreUnknown = false
	for _, key := range []string{"shoeSize", "no name", "name.middle", "urn:x:y"} {
		operations := parse(t, fmt.Sprintf(`[{"op":"replace","value":{%q:1}}]`, key))
		_, _, err := run(resourceType("User"), parse(t, bases["User"]), operations, p)
		require.Contains(t, requireRefusal(t, "invalidSyntax", err).Detail, key)
	}
}

func TestLimits(t *testing.T) {
	user := resourceType("User")
	limits := scim.Limits{PatchOps: 2, PatchMembers: 3, Filter: 40}
	for _, row := range []struct {
		operations string
		status     int
		detail     string
	}{
		{`[{"op":"remove","path":"title"},{"op":"remove","path":"nickName"}]`, 0, ""},
		{`[{"op":"remove","path":"title"},{"op":"remove","path":"nickName"},{"op":"remove","path":"locale"}]`, 413, "more than 2 operations"},
		{`[{"op":"add","value":{"title":"a","nickName":"b","locale":"c"}}]`, 413, "more than 2 operations"},
		{`[{"op":"add","value":{"title":"a","nickName":"b","unknown":"c"}}]`, 0, ""},
		{`[{"op":"add","path":"emails","value":[{"value":"a"},{"value":"b"},{"value":"c"}]}]`, 0, ""},
		{`[{"op":"add","path":"emails","value":[{"value":"a"},{"value":"b"}]},{"op":"add","value":{"roles":[{"value":"a"},{"value":"b"}]}}]`, 413, "more than 3 values"},
		{`[{"op":"remove","path":"emails[value eq \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]"}]`, 400, "at most 40"},
	} {
		_, err := patch.Parse(user, message(parse(t, row.operations)), scim.DefaultProfile(), limits)
		if row.status == 0 {
			require.NoError(t, err)
			continue
		}
		var refusal *scim.Error
		require.True(t, errors.As(err, &refusal), "%s: %v", row.operations, err)
		require.Equal(t, row.status, refusal.Status)
		require.Contains(t, refusal.Detail, row.detail)
	}
}

func TestLimitsThatAreNotSet(t *testing.T) {
	operations := scim.ArrayValue()
	for range scim.DefaultLimits().PatchOps {
		operations = operations.Append(parse(t, `{"op":"remove","path":"title"}`))
	}
	_, err := patch.Parse(resourceType("User"), message(operations), scim.DefaultProfile(), scim.Limits{})
	require.NoError(t, err)
	_, err = patch.Parse(resourceType("User"), message(operations.Append(operations.At(0))), scim.DefaultProfile(), scim.Limits{})
	require.ErrorContains(t, err, "413: the request has more than 1000 operations")
}

// TestWorkIsBounded sends what a megabyte can ask for on a very long list.
func TestWorkIsBounded(t *testing.T) {
	terms := strings.TrimSuffix(strings.Repeat(`value co "y" or `, 300), " or ")
	operation := fmt.Sprintf(`{"op":"remove","path":"emails[%s]"}`, strings.ReplaceAll(terms, `"`, `\"`))
	operations := scim.ArrayValue()
	for range 100 {
		operations = operations.Append(parse(t, operation))
	}
	for name, r := range map[string]scim.Value{
		"many elements": longUser(50_000),
		"a long text": parse(t, bases["User"]).With("emails", scim.ArrayValue(scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(strings.Repeat("É", 500_000))}))),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := run(resourceType("User"), r, operations, scim.DefaultProfile())
			require.ErrorContains(t, err, "too much work for one request")
			require.ErrorContains(t, err, "413")
		})
	}
}

// longUser returns a user with that many e-mail addresses.
func longUser(n int) scim.Value {
	r, _ := scim.ParseJSON([]byte(bases["User"]))
	return r.With("emails", values(0, n))
}

// longGroup returns a group with that many members.
func longGroup(n int) scim.Value {
	r, _ := scim.ParseJSON([]byte(bases["Group"]))
	return r.With("members", values(0, n))
}

func values(from, to int) scim.Value {
	elements := make([]scim.Value, 0, to-from)
	for i := from; i < to; i++ {
		elements = append(elements, scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(fmt.Sprintf("v%07d", i))}))
	}
	return scim.ArrayValue(elements...)
}
