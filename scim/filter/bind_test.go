package filter_test

import (
	"encoding/json"
	"errors"
	"testing"

	parser "github.com/scim2/filter-parser/v2"
	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

const (
	userURN       = scim.SchemaUser
	enterpriseURN = scim.SchemaEnterpriseUser
)

func userType() *schema.ResourceType  { return schema.Core()[0] }
func groupType() *schema.ResourceType { return schema.Core()[1] }

// deviceType has an attribute of every type, and an extension whose URN ends in
// a version.
func deviceType(t testing.TB) *schema.ResourceType {
	core, err := schema.Load([]byte(`{"id": "urn:example:core:Device", "name": "Device", "attributes": [
		{"name": "text"}, {"name": "exact", "caseExact": true},
		{"name": "flag", "type": "boolean"}, {"name": "count", "type": "integer"},
		{"name": "size", "type": "decimal"}, {"name": "seen", "type": "dateTime"},
		{"name": "key", "type": "binary"}, {"name": "link", "type": "reference", "referenceTypes": ["uri"]},
		{"name": "tags", "multiValued": true}, {"name": "counts", "type": "integer", "multiValued": true},
		{"name": "secret", "returned": "never"},
		{"name": "place", "type": "complex", "subAttributes": [{"name": "room"}, {"name": "floor", "type": "integer"}]},
		{"name": "vault", "type": "complex", "returned": "never", "subAttributes": [{"name": "code"}]},
		{"name": "parts", "type": "complex", "multiValued": true, "subAttributes": [
			{"name": "value", "type": "integer"}, {"name": "primary", "type": "boolean"}, {"name": "added", "type": "dateTime"}]}
	]}`))
	require.NoError(t, err)
	extension, err := schema.Load([]byte(`{"id": "urn:example:hr_x:2.0", "name": "HR", "attributes": [
		{"name": "grade", "type": "integer"},
		{"name": "boss", "type": "complex", "subAttributes": [{"name": "value"}]}]}`))
	require.NoError(t, err)
	rt, err := schema.NewResourceType("Device", "/Devices", "", core, schema.Extension{Schema: extension})
	require.NoError(t, err)
	return rt
}

func bind(t testing.TB, rt *schema.ResourceType, text string) filter.Node {
	t.Helper()
	n, err := filter.Bind(rt, parse(t, text), scim.DefaultProfile())
	require.NoError(t, err, text)
	return n
}

func TestBind(t *testing.T) {
	for _, row := range []struct{ text, bound string }{
		{`USERNAME Eq "x"`, `userName eq ?`},
		{`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`, `userName sw ?`},
		{`URN:ietf:PARAMS:scim:schemas:core:2.0:USER:NAME.GIVENNAME co "x"`, `name.givenName co ?`},
		{userURN + `.userName eq "x"`, `userName eq ?`},
		{userURN + `.name.givenName eq "x"`, `name.givenName eq ?`},
		{enterpriseURN + `:department eq "x"`, enterpriseURN + `:department eq ?`},
		{enterpriseURN + `.department eq "x"`, enterpriseURN + `:department eq ?`},
		{enterpriseURN + `.manager.value eq "x"`, enterpriseURN + `:manager.value eq ?`},
		{enterpriseURN + ` pr`, enterpriseURN + ` pr`},
		{enterpriseURN + `[department eq "x" and manager.value pr]`, enterpriseURN + `[(department eq ? and manager.value pr)]`},
		{enterpriseURN + `:manager[value eq "x"]`, enterpriseURN + `:manager[value eq ?]`},
		{`manager eq "Y"`, enterpriseURN + `:manager.value eq ?`},
		{`id eq "x" and externalId ne "y" or schemas eq "urn:x"`, `((id eq ? and externalId ne ?) or schemas eq ?)`},
		{`meta.resourceType eq "User" and meta.lastModified ge "2011-05-13T04:42:34Z"`, `(meta.resourceType eq ? and meta.lastModified ge ?)`},
		{`meta pr`, `meta pr`},

		// A complex attribute stands for its value, except with pr and null.
		{`emails co "example.com"`, `emails.value co ?`},
		{`emails pr`, `emails pr`},
		{`emails eq null`, `not (emails pr)`},
		{`emails ne null`, `emails pr`},
		{`name eq null`, `not (name pr)`},
		{`title ne NULL`, `title pr`},
		{`Emails.Type eq "work"`, `emails.type eq ?`},

		// Value paths.
		{`emails[type eq "work" and Value co "@example.com"]`, `emails[(type eq ? and value co ?)]`},
		{`emails[type eq "work"].value eq "x"`, `emails[(type eq ? and value eq ?)]`},
		{`emails[type eq "work"].primary pr`, `emails[(type eq ? and primary pr)]`},
		{`emails[not (primary eq true) or display eq null]`, `emails[(not (primary eq ?) or not (display pr))]`},
		{`name[givenName eq "x"]`, `name[givenName eq ?]`},

		// One operator makes one flat node.
		{`title pr and (userType pr and (nickName pr and locale pr))`, `(title pr and userType pr and nickName pr and locale pr)`},
		{`title pr or (userType pr or nickName pr) or locale pr and id pr`, `(title pr or userType pr or nickName pr or (locale pr and id pr))`},
		{`emails[type pr and (value pr and display pr)]`, `emails[(type pr and value pr and display pr)]`},

		{`active eq "True" or active eq "FALSE" or active eq true`, `(active eq ? or active eq ? or active eq ?)`},
		{`roles[primary eq "True"].value pr`, `roles[(primary eq ? and value pr)]`},
	} {
		n := bind(t, userType(), row.text)
		require.Equal(t, row.bound, n.(interface{ String() string }).String(), row.text)
	}
	for _, row := range []struct{ text, bound string }{
		{`tags eq "x"`, `tags eq ?`},
		{`tags[value eq "x" and not (VALUE sw "y")]`, `tags[(value eq ? and not (value sw ?))]`},
		{`counts[value gt 3]`, `counts[value gt ?]`},
		{`urn:example:hr_x:2.0:grade gt 3`, `urn:example:hr_x:2.0:grade gt ?`},
		{`urn:example:hr_x:2.0 pr`, `urn:example:hr_x:2.0 pr`},
		{`urn:example:hr_x:2.0[grade eq 3 and boss[value eq "x"]]`, `urn:example:hr_x:2.0[(grade eq ? and boss[value eq ?])]`},
		{`parts eq 3`, `parts.value eq ?`},
	} {
		n := bind(t, deviceType(t), row.text)
		require.Equal(t, row.bound, n.(interface{ String() string }).String(), row.text)
	}
}

func TestBindLiterals(t *testing.T) {
	rt := userType()
	active, userName := rt.Root.SubAttribute("active"), rt.Root.SubAttribute("userName")
	require.Equal(t, &filter.Compare{Attribute: active, Op: filter.Equal, Value: "1", Literal: scim.BoolValue(true)},
		bind(t, rt, `active eq "True"`))
	require.Equal(t, &filter.Compare{Attribute: userName, Op: filter.StartsWith, Value: "jöhn", Literal: scim.StringValue("JÖHN")},
		bind(t, rt, `userName sw "JÖHN"`))
	require.Equal(t, &filter.Compare{Attribute: userName, Op: filter.Present}, bind(t, rt, `userName pr`))
	number := bind(t, deviceType(t), `count eq 12345678901234567890`).(*filter.Compare)
	require.Equal(t, scim.NumberValue("12345678901234567890"), number.Literal)
}

// Trees need not come from Parse: the library's parser makes others, and so may
// a caller.
func TestBindForeignTrees(t *testing.T) {
	rt := deviceType(t)
	compare := func(value any) (filter.Node, error) {
		return filter.Bind(rt, &parser.AttributeExpression{
			AttributePath: parser.AttributePath{AttributeName: "count"}, Operator: "EQ", CompareValue: value}, scim.Profile{})
	}
	want, err := compare(json.Number("100"))
	require.NoError(t, err)
	for _, value := range []any{100, 100.0, json.Number("1e2")} {
		n, err := compare(value)
		require.NoError(t, err)
		require.Equal(t, want.(*filter.Compare).Value, n.(*filter.Compare).Value)
	}
	for _, value := range []any{json.Number("x"), json.Number(""), json.Number("1 "), []string{"x"}, int8(1)} {
		_, err := compare(value)
		require.Equal(t, "count expects an integer without quotes", refusal(t, err).Detail)
	}
	_, err = filter.Bind(rt, nil, scim.Profile{})
	require.Equal(t, "the filter is empty", refusal(t, err).Detail)
	_, err = filter.Bind(rt, &parser.NotExpression{}, scim.Profile{})
	require.Equal(t, "the filter is empty", refusal(t, err).Detail)
	_, err = filter.Bind(rt, &parser.AttributeExpression{
		AttributePath: parser.AttributePath{AttributeName: "count"}, Operator: "like"}, scim.Profile{})
	require.Equal(t, `the operator "like" is not supported`, refusal(t, err).Detail)
	require.Empty(t, filter.Print(nil))
}

func TestBindRefuses(t *testing.T) {
	for _, row := range []struct{ text, detail string }{
		{`foo eq "x"`, `unknown attribute "foo" of resource type User`},
		{`name.foo eq "x"`, `unknown attribute "name.foo" of resource type User`},
		{`urn:x:y:foo eq "x"`, `unknown attribute`},
		{enterpriseURN + `:foo eq "x"`, `unknown attribute "` + enterpriseURN[:20]},
		{`emails[foo eq "x"]`, `unknown attribute "foo" inside emails[…]`},
		{`emails[type.x eq "x"]`, `unknown attribute "type.x" inside emails[…]`},
		{`emails[` + userURN + `:type eq "x"]`, `inside emails[…]`},
		{`name eq "x"`, `name is complex; compare one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix`},
		{`addresses co "x"`, `addresses is complex; compare one of its sub-attributes: formatted, streetAddress, locality,`},
		{`meta gt "x"`, `meta is complex; compare one of its sub-attributes: resourceType, created,`},
		{`password eq "x"`, `password cannot be used in a filter, because it is never returned`},
		{`password pr`, `password cannot be used in a filter`},
		{`not (` + userURN + `:PASSWORD eq null)`, `password cannot be used in a filter`},
		{`userName[value eq "x"]`, `userName has one simple value, so that brackets cannot follow it; write userName eq "…"`},
		{`emails.value[value eq "x"]`, `emails.value has one simple value`},
		{`title gt null`, `title gt null: null can only be compared with eq and ne`},
		{`active eq "yes"`, `active expects a boolean: true or false without quotes`},
		{`active eq 1`, `active expects a boolean: true or false without quotes`},
		{`userName eq 1`, `userName expects a text in double quotes`},
		{`userName eq true`, `userName expects a text in double quotes`},
		{`profileUrl eq 1`, `profileUrl expects a reference in double quotes`},
		{`meta.created gt "yesterday"`, `meta.created expects a dateTime in double quotes, such as "2011-05-13T04:42:34Z"`},
		{`meta.created gt 2015`, `meta.created expects a dateTime in double quotes`},
		{`meta.created sw "2015"`, `meta.created is of type dateTime; sw compares texts`},
		{`active co "t"`, `active is of type boolean; co compares texts`},
		{`active gt true`, `active is of type boolean, which has no order for gt (RFC 7644 section 3.4.2.2)`},
		{`x509Certificates.value lt "AAAA"`, `x509Certificates.value is of type binary, which has no order for lt`},
		{`title pr and emails[type eq "work" and (primary ge true)]`, `emails.primary is of type boolean, which has no order for ge`},
	} {
		_, err := filter.Bind(userType(), parse(t, row.text), scim.DefaultProfile())
		e := refusal(t, err)
		require.Equal(t, scim.InvalidFilter, e.Type, row.text)
		require.Contains(t, e.Detail, row.detail, row.text)
	}
	for _, row := range []struct{ text, detail string }{
		{`vault.code eq "x"`, `vault cannot be used in a filter`},
		{`vault pr`, `vault cannot be used in a filter`},
		{`count eq "1"`, `count expects an integer without quotes`},
		{`size eq false`, `size expects a number without quotes`},
		{`key eq 1`, `key expects base64 in double quotes`},
		{`count ew 1`, `count is of type integer; ew compares texts`},
		{`tags[other eq "x"]`, `unknown attribute "other" inside tags[…]`},
		{`tags[value.x eq "x"]`, `unknown attribute "value.x" inside tags[…]`},
		{`count eq 1e9999999999`, `count expects an integer`},
	} {
		_, err := filter.Bind(deviceType(t), parse(t, row.text), scim.DefaultProfile())
		require.Contains(t, refusal(t, err).Detail, row.detail, row.text)
	}
}

func TestBindUnknown(t *testing.T) {
	_, err := filter.Bind(userType(), parse(t, `not (title pr and foo pr)`), scim.DefaultProfile())
	require.True(t, filter.IsUnknown(err))
	require.True(t, errors.Is(err, schema.ErrUnknownAttribute))
	require.Equal(t, `400 invalidFilter: unknown attribute "foo" of resource type User`, err.Error())

	_, err = filter.Bind(userType(), parse(t, `name eq "x"`), scim.DefaultProfile())
	require.False(t, filter.IsUnknown(err))
}

func TestBindStrict(t *testing.T) {
	for _, text := range []string{`active eq "True"`, `manager eq "x"`, `department eq "x"`} {
		_, err := filter.Bind(userType(), parse(t, text), scim.StrictProfile())
		require.Equal(t, scim.InvalidFilter, refusal(t, err).Type, text)
	}
}

// RFC 7644 table 3: for each type a literal, and the operators that
// are refused.
func TestEveryOperatorOnEveryType(t *testing.T) {
	const texts, order = "co sw ew", "gt ge lt le"
	for _, row := range []struct{ name, literal, refused string }{
		{"text", `"x"`, ""},
		{"exact", `"x"`, ""},
		{"link", `"x"`, ""},
		{"tags", `"x"`, ""},
		{"key", `"AAAA"`, order},
		{"flag", `true`, texts + order},
		{"count", `1`, texts},
		{"counts", `1`, texts},
		{"size", `1.5`, texts},
		{"seen", `"2011-05-13T04:42:34Z"`, texts},
		{"place.room", `"x"`, ""},
		{"place.floor", `1`, texts},
		{"parts", `1`, texts},
		{"parts.primary", `false`, texts + order},
		{"urn:example:hr_x:2.0:grade", `1`, texts},
		{"urn:example:hr_x:2.0:boss", `"x"`, ""},
	} {
		for _, op := range []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"} {
			text := row.name + " " + op + " " + row.literal
			if op == "pr" {
				text = row.name + " pr"
			}
			_, err := filter.Bind(deviceType(t), parse(t, text), scim.StrictProfile())
			if op != "pr" && containsWord(row.refused, op) {
				require.Equal(t, scim.InvalidFilter, refusal(t, err).Type, text)
			} else {
				require.NoError(t, err, text)
			}
		}
	}
}

func containsWord(list, word string) bool {
	for i := 0; i+2 <= len(list); i++ {
		if list[i:i+2] == word {
			return true
		}
	}
	return false
}
