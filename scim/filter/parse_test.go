package filter_test

import (
	"strings"
	"testing"

	parser "github.com/scim2/filter-parser/v2"
	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
)

func parse(t testing.TB, text string) parser.Expression {
	t.Helper()
	e, err := filter.Parse(text, scim.DefaultLimits())
	require.NoError(t, err, text)
	return e
}

// refusal returns the *scim.Error in err.
func refusal(t testing.TB, err error) *scim.Error {
	t.Helper()
	var e *scim.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 400, e.Status)
	return e
}

func TestParse(t *testing.T) {
	for _, row := range []struct{ text, canonical string }{
		{`userName eq "x"`, ``},
		{`title pr`, ``},
		{`title PR`, `title pr`},
		{` userName   Eq  "x" `, `userName eq "x"`},
		{"title pr\r\n\tand  active eq TRUE", `title pr and active eq true`},

		// not before and before or; chains lean to the left.
		{`a pr or b pr and c pr`, ``},
		{`(a pr or b pr) and c pr`, ``},
		{`a pr or (b pr and c pr)`, `a pr or b pr and c pr`},
		{`(a pr and b pr) and c pr`, `a pr and b pr and c pr`},
		{`a pr and (b pr and c pr)`, ``},
		{`a pr or (b pr or c pr)`, ``},
		{`not (a pr) and b pr`, ``},
		{`not(a pr and b pr)`, `not (a pr and b pr)`},
		{`NOT ( a pr ) OR ((b pr))`, `not (a pr) or b pr`},
		{`not (not (a pr))`, ``},
		{`(a pr)and(b pr)or(c pr)`, `a pr and b pr or c pr`},
		{`a eq "x"and b eq "y"`, `a eq "x" and b eq "y"`},

		// Words are names where they cannot be anything else.
		{`not pr and and eq 1 or or pr`, ``},
		{`pr pr or eq eq "eq"`, ``},

		// Literals.
		{`a eq True or a eq FALSE or a eq Null`, `a eq true or a eq false or a eq null`},
		{`a eq 0 or a eq -1 or a eq 1.50 or a eq 12345678901234567890 or a eq 1E+5`, ``},
		{`a eq ""`, ``},
		{`a eq "é漢’' + & % #"`, ``},
		{`a eq "\"\\\/\b\f\n\r\t"`, `a eq "\"\\/\b\f\n\r\t"`},
		{`a eq "\u00e9\u00C9\uD83D\uDE00\ud83d\ude00"`, `a eq "éÉ😀😀"`},
		{`a eq "x\u0000\u001f"`, ``},
		{`a eq "(b pr) and ] or"`, ``},

		// Names.
		{`$ref eq "x" and a_b-c$d pr`, ``},
		{`members.$ref pr`, ``},
		{`urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "x"`, ``},
		{`URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER:department eq "x"`, ``},
		{`urn:acme:app_1:v2.0_x:user:some_name.sub_name pr`, ``},
		{`urn:acme:2.0:User.manager.value pr`, `urn:acme:2.0:User:manager.value pr`},

		// Value paths.
		{`emails[type eq "work"]`, ``},
		{`emails [ type eq "work" and value co "@" ]`, `emails[type eq "work" and value co "@"]`},
		{`emails[type eq "a" or type eq "b" or (primary eq true and not (value ew "x"))]`, `emails[type eq "a" or type eq "b" or primary eq true and not (value ew "x")]`},
		{`emails[not (type eq "work")] or title pr`, ``},
		{`urn:acme:2.0:X:list[value eq 1]`, ``},
		{`emails[type eq "work"].value eq "x"`, `emails[type eq "work" and value eq "x"]`},
		{`emails[type eq "a" or type eq "b"].value sw "x"`, `emails[(type eq "a" or type eq "b") and value sw "x"]`},
		{`not (emails[type eq "work"].Value pr) and title pr`, `not (emails[type eq "work" and Value pr]) and title pr`},
	} {
		want := row.canonical
		if want == "" {
			want = row.text
		}
		e := parse(t, row.text)
		require.Equal(t, want, filter.Print(e), row.text)
		require.Equal(t, e, parse(t, want), row.text)
	}
}

func TestParseTree(t *testing.T) {
	uri, sub := "urn:ietf:params:scim:schemas:core:2.0:User", "givenName"
	require.Equal(t, &parser.LogicalExpression{
		Operator: parser.OR,
		Left: &parser.AttributeExpression{
			AttributePath: parser.AttributePath{URIPrefix: &uri, AttributeName: "name", SubAttribute: &sub},
			Operator:      parser.EQ, CompareValue: `é"`,
		},
		Right: &parser.NotExpression{Expression: &parser.AttributeExpression{
			AttributePath: parser.AttributePath{AttributeName: "title"}, Operator: parser.PR,
		}},
	}, parse(t, uri+`:name.givenName EQ "\u00e9\"" or not (title pr)`))
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ text, detail string }{
		{``, `filter, character 1: expected the name of an attribute, but the filter ends`},
		{`   `, `filter, character 4: expected the name of an attribute, but the filter ends`},
		{`userName`, `filter, character 9: expected a blank and an operator, but the filter ends`},
		{`userName `, `filter, character 10: expected an operator, but the filter ends: eq, ne,`},
		{`userName "x"`, `filter, character 10: expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr`},
		{`userName regex "x"`, `filter, character 10: the operator "regex" is not supported; there are eq,`},
		{`userName prx`, `the operator "prx" is not supported`},
		{`userName eq`, `filter, character 12: expected a blank and a value, but the filter ends`},
		{`userName eq "x`, `filter, character 13: the closing double quote is missing`},
		{`é eq "x"`, `filter, character 1: expected the name of an attribute`},
		{`a eq "é" xor b pr`, `filter, character 10: expected 'and', 'or' or the end of the filter`},
		{`a eq "\`, `unknown escape`},
		{`a eq "\x"`, `filter, character 7: unknown escape; JSON has \" \\ \/`},
		{`a eq "\u12g4"`, `unknown escape`},
		{`a eq "\u+123"`, `unknown escape`},
		{`a eq "\ud800"`, `unknown escape`},
		{`a eq "\ud800\u0041"`, `unknown escape`},
		{`a eq "\udc00\ud800"`, `unknown escape`},
		{`a eq "\n` + "\n" + `"`, `filter, character 9: control characters must be escaped`},
		{"a eq \"\x00\"", `filter, character 7: control characters must be escaped`},
		{"a eq \"\xff\"", `the filter is not valid UTF-8`},
		{`a eq 'x'`, `filter, character 6: expected a value: text and dates in double quotes, a number, true, false or null`},
		{`a eq "x" and`, `filter, character 13: expected the name of an attribute, but the filter ends`},
		{`a eq "x" and or b pr`, `the operator "b" is not supported`},
		{`a eq 01`, `filter, character 6: expected a value`},
		{`a eq -`, `expected a value`},
		{`a eq 1.`, `expected a value`},
		{`a eq 1e`, `expected a value`},
		{`a eq +1`, `expected a value`},
		{`a eq 1x`, `expected a value`},
		{`a eq trueish`, `expected a value`},
		{`(a pr`, `filter, character 6: expected 'and', 'or' or ')', but the filter ends`},
		{`a pr)`, `filter, character 5: expected 'and', 'or' or the end of the filter`},
		{`()`, `filter, character 2: expected the name of an attribute`},
		{`not a pr`, `the operator "a" is not supported`},
		{`not title eq "x"`, `the operator "title" is not supported`},
		{`emails[`, `filter, character 8: expected the name of an attribute, but the filter ends`},
		{`emails[]`, `filter, character 8: expected the name of an attribute`},
		{`emails[type eq "work"`, `filter, character 22: expected 'and', 'or' or ']', but the filter ends`},
		{`emails[type eq "work")`, `expected 'and', 'or' or ']'`},
		{`emails[type eq "work"].`, `filter, character 24: expected the name of a sub-attribute, but the filter ends`},
		{`emails[type eq "work"].value`, `filter, character 29: expected a blank and an operator, but the filter ends`},
		{`emails[type eq "work"].value.x pr`, `expected a blank and an operator`},
		{`emails[type eq "work"] eq "x"`, `filter, character 24: expected 'and', 'or' or the end of the filter`},
		{`name.given.name pr`, `filter, character 1: expected the name of an attribute`},
		{`name. pr`, `expected the name of an attribute`},
		{`:name pr`, `expected the name of an attribute`},
		{`urn: pr`, `expected the name of an attribute`},
		{`1a pr`, `expected the name of an attribute`},
		{`_a pr`, `expected the name of an attribute`},
		{`userName; drop`, `expected a blank and an operator`},

		// Q03 and Q30: literals without quotes are not taken for text, and not
		// repeated, because they may be personal.
		{`externalId eq jyoung`, `filter, character 15: expected a value: text and dates in double quotes, a number, true, false or null`},
		{`meta.created gt 2015-10-10T14:38:21.8617979-07:00`, `filter, character 17: expected a value: text and dates in double quotes`},
	} {
		_, err := filter.Parse(row.text, scim.DefaultLimits())
		e := refusal(t, err)
		require.Equal(t, scim.InvalidFilter, e.Type, row.text)
		require.Contains(t, e.Detail, row.detail, row.text)
		require.NotContains(t, e.Detail, "jyoung")
	}
}

func TestParseLimits(t *testing.T) {
	l := scim.DefaultLimits()
	_, err := filter.Parse(strings.Repeat("(", 100_000), l)
	require.Equal(t, "the filter is 100000 bytes long; at most 8192 are allowed", refusal(t, err).Detail)

	l.Filter = 1 << 20
	for _, bracket := range []string{"(", "not (", "a[", "not(b["} {
		_, err = filter.Parse(strings.Repeat(bracket, 100_000), l)
		require.Contains(t, refusal(t, err).Detail, "brackets are nested too deeply")
	}

	deep := func(n int) string { return strings.Repeat("(", n) + "a pr" + strings.Repeat(")", n) }
	_, err = filter.Parse(deep(32), l)
	require.NoError(t, err)
	_, err = filter.Parse(deep(33), l)
	require.Contains(t, refusal(t, err).Detail, "filter, character 33: brackets are nested too deeply")
	_, err = filter.Parse(deep(32), scim.Limits{})
	require.NoError(t, err, "limits that are not set are the default ones")

	// Only what is open at once counts.
	_, err = filter.Parse(strings.Repeat("(a pr) and ", 700)+"a pr", l)
	require.NoError(t, err)

	// A long chain is a deep tree; nothing walks it by recursion on its operators.
	l.Filter = 64 << 20
	chain := strings.Repeat("a pr or ", 1_000_000) + "a pr"
	e, err := filter.Parse(chain, l)
	require.NoError(t, err)
	require.Equal(t, chain, filter.Print(e))

	l.Filter = 10
	_, err = filter.ParsePath(`emails[type eq "work"]`, l)
	require.Equal(t, scim.InvalidPath, refusal(t, err).Type)
}

func TestParsePath(t *testing.T) {
	for _, row := range []struct{ text, uri, name, where, sub, behind string }{
		{text: `active`, name: "active"},
		{text: ` active `, name: "active"},
		{text: `name.givenName`, name: "name", sub: "givenName"},
		{text: `members.$ref`, name: "members", sub: "$ref"},
		{text: `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName`, uri: "urn:ietf:params:scim:schemas:core:2.0:User", name: "name", sub: "givenName"},
		{text: `urn:x:2.0:User`, uri: "urn:x:2.0", name: "User"},
		{text: `urn:x:2.0:User.manager`, uri: "urn:x:2.0", name: "User", sub: "manager"},
		{text: `urn:x:2.0:User.manager.value`, uri: "urn:x:2.0:User", name: "manager", sub: "value"},
		{text: `urn:x:hr:2.0`, uri: "urn:x:hr", name: "2", sub: "0"},
		{text: `emails[type eq "work"]`, name: "emails", where: `type eq "work"`},
		{text: `emails[type eq "work"].value`, name: "emails", where: `type eq "work"`, behind: "value"},
		{text: `addresses[type eq "other"].Formatted`, name: "addresses", where: `type eq "other"`, behind: "Formatted"},
		{text: `roles[primary eq "True"].value`, name: "roles", where: `primary eq "True"`, behind: "value"},
		{text: `members[value eq "a" or not (type eq "b") and display pr]`, name: "members", where: `value eq "a" or not (type eq "b") and display pr`},
		{text: `urn:x:2.0:User:list[value eq 1].$ref`, uri: "urn:x:2.0:User", name: "list", where: "value eq 1", behind: "$ref"},
	} {
		p, err := filter.ParsePath(row.text, scim.DefaultLimits())
		require.NoError(t, err, row.text)
		require.Equal(t, row.uri, p.AttributePath.URI(), row.text)
		require.Equal(t, row.name, p.AttributePath.AttributeName, row.text)
		require.Equal(t, row.sub, p.AttributePath.SubAttributeName(), row.text)
		require.Equal(t, row.where, filter.Print(p.ValueExpression), row.text)
		require.Equal(t, row.behind, p.SubAttributeName(), row.text)
	}
}

func TestParsePathRefuses(t *testing.T) {
	for _, row := range []struct {
		text   string
		kind   scim.ScimType
		detail string
	}{
		{``, scim.InvalidPath, `path, character 1: expected the name of an attribute, but the path ends`},
		{`emails.`, scim.InvalidPath, `expected the name of an attribute`},
		{`name.given.name`, scim.InvalidPath, `expected the name of an attribute`},
		{`name givenName`, scim.InvalidPath, `path, character 6: expected the end of the path`},
		{`/name/givenName`, scim.InvalidPath, `path, character 1: expected the name of an attribute`},
		{`emails[0]`, scim.InvalidFilter, `path, character 8: expected the name of an attribute`},
		{`emails[type eq work]`, scim.InvalidFilter, `path, character 16: expected a value`},
		{`emails[type eq "work"`, scim.InvalidFilter, `path, character 22: expected 'and', 'or' or ']', but the path ends`},
		{`emails[type eq "work"]value`, scim.InvalidPath, `path, character 23: expected the end of the path`},
		{`emails[type eq "work"].`, scim.InvalidPath, `path, character 24: expected the name of a sub-attribute, but the path ends`},
		{`emails[type eq "work"].value eq "x"`, scim.InvalidPath, `path, character 30: expected the end of the path`},
		{`emails[type eq "work"].value.x`, scim.InvalidPath, `path, character 29: expected the end of the path`},
		{`emails[type eq "work"][value pr]`, scim.InvalidPath, `path, character 23: expected the end of the path`},
		{"a\xff", scim.InvalidPath, `the path is not valid UTF-8`},
	} {
		_, err := filter.ParsePath(row.text, scim.DefaultLimits())
		e := refusal(t, err)
		require.Equal(t, row.kind, e.Type, row.text)
		require.Contains(t, e.Detail, row.detail, row.text)
	}
}

func TestParseAttributePath(t *testing.T) {
	p, err := filter.ParseAttributePath("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName")
	require.NoError(t, err)
	require.Equal(t, "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", p.String())

	for _, text := range []string{``, ` `, `a b`, `a.`, `a.b.c`, `.a`, `emails[type eq "work"]`, `a,b`, "\xff", strings.Repeat("a", 10_000)} {
		_, err := filter.ParseAttributePath(text)
		require.Equal(t, scim.InvalidValue, refusal(t, err).Type, text)
	}
}
