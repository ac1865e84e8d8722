package schema_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/schema"
)

func parse(t *testing.T, text string) scim.Value {
	t.Helper()
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

func TestAccept(t *testing.T) {
	user := schema.Core()[0]
	const enterprise = `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`
	const both = `"schemas":["` + scim.SchemaUser + `","` + enterprise + `"]`
	const core = `"schemas":["` + scim.SchemaUser + `"]`
	strict := scim.StrictProfile()
	for _, row := range []struct {
		name, body string
		profile    scim.Profile
		want       string // a resource, or an error's keyword
	}{
		{"names in any case", `{"USERNAME":"x","Name":{"GIVENNAME":"y"}}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","name":{"givenName":"y"}}`},
		{"client id, meta, groups ignored", `{"id":"1","meta":{"version":"x"},"groups":[],"userName":"x"}`, scim.DefaultProfile(), `{` + core + `,"userName":"x"}`},
		{"null, [] and empty objects are no values", `{"userName":"x","title":null,"emails":[],"name":{},"roles":[null,{}],"nickName":""}`, scim.DefaultProfile(), `{` + core + `,"userName":"x"}`},
		{"boolean as a string", `{"userName":"x","active":"True","emails":[{"value":"a","primary":"false"}]}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","active":true,"emails":[{"value":"a","primary":false}]}`},
		{"boolean as a string, strict", `{` + core + `,"userName":"x","active":"True"}`, strict, "invalidValue"},
		{"unknown attribute ignored", `{"userName":"x","shoeSize":43,"roles":[{"value":"r","displayName":"R"}]}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","roles":[{"value":"r"}]}`},
		{"unknown attribute, strict", `{` + core + `,"userName":"x","shoeSize":43}`, strict, "invalidSyntax"},
		{"extension in use is listed", `{"userName":"x","URN:ietf:params:scim:schemas:extension:enterprise:2.0:USER":{"department":"D"}}`, scim.DefaultProfile(), `{` + both + `,"userName":"x","` + enterprise + `":{"department":"D"}}`},
		{"extension listed and not used", `{` + both + `,"userName":"x"}`, scim.DefaultProfile(), `{` + core + `,"userName":"x"}`},
		{"extension attribute without its URN", `{"userName":"x","department":"D","manager":null}`, scim.DefaultProfile(), `{` + both + `,"userName":"x","` + enterprise + `":{"department":"D"}}`},
		{"manager as a string", `{"userName":"x","` + enterprise + `":{"manager":"7"}}`, scim.DefaultProfile(), `{` + both + `,"userName":"x","` + enterprise + `":{"manager":{"value":"7"}}}`},
		{"manager as a list", `{"userName":"x","manager":[{"value":"7"}]}`, scim.DefaultProfile(), `{` + both + `,"userName":"x","` + enterprise + `":{"manager":{"value":"7"}}}`},
		{"object where a list belongs", `{"userName":"x","emails":{"value":"a"}}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","emails":[{"value":"a"}]}`},
		{"object where a list belongs, strict", `{` + core + `,"userName":"x","emails":{"value":"a"}}`, strict, "invalidValue"},
		{"no schemas, strict", `{"userName":"x"}`, strict, "invalidSyntax"},
		{"unknown schema, strict", `{"schemas":["` + scim.SchemaUser + `","urn:x"],"userName":"x"}`, strict, "invalidSyntax"},
		{"unlisted extension, strict", `{` + core + `,"userName":"x","` + enterprise + `":{"department":"D"}}`, strict, "invalidSyntax"},
		{"legacy schemas", `{"schemas":["urn:scim:schemas:core:2.0"],"userName":"x"}`, scim.DefaultProfile(), `{` + core + `,"userName":"x"}`},
		{"a string where an object belongs", `{"userName":"x","name":"y"}`, scim.DefaultProfile(), "invalidValue"},
		{"a number where a string belongs", `{"userName":7}`, scim.DefaultProfile(), "invalidValue"},
		{"not base64", `{"userName":"x","x509Certificates":[{"value":"*"}]}`, scim.DefaultProfile(), "invalidValue"},
		{"an element twice", `{"userName":"x","emails":[{"value":"a"},{"value":"b"},{"value":"a"}]}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","emails":[{"value":"a"},{"value":"b"}]}`},
		{"an extension without a value, strict", `{` + core + `,"userName":"x","` + enterprise + `":null}`, strict, `{` + core + `,"userName":"x"}`},
		{"schemas of a wrong type", `{"schemas":7,"userName":"x"}`, scim.DefaultProfile(), "invalidValue"},
		{"a list", `[]`, scim.DefaultProfile(), "invalidSyntax"},
		{"odd but legal values are kept as sent", `{"userName":"x","locale":"RJWNTUNNOHNZ","profileUrl":"BAPN","title":"a\u0000b"}`, scim.DefaultProfile(), `{` + core + `,"userName":"x","locale":"RJWNTUNNOHNZ","profileUrl":"BAPN","title":"a\u0000b"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := user.Accept(parse(t, row.body), row.profile)
			if err != nil {
				var refusal *scim.Error
				require.True(t, errors.As(err, &refusal), err)
				require.Equal(t, row.want, string(refusal.Type), refusal.Detail)
				return
			}
			require.Equal(t, row.want, got.String())
			again, err := user.Accept(got, row.profile)
			require.NoError(t, err)
			require.Equal(t, got.String(), again.String(), "accepting is idempotent")
		})
	}
}

func TestCheck(t *testing.T) {
	user, group := schema.Core()[0], schema.Core()[1]
	require.NoError(t, user.Check(parse(t, `{"schemas":["u"],"userName":"x","emails":[{"value":"a","primary":true},{"value":"b"}]}`)))
	require.ErrorContains(t, user.Check(parse(t, `{"title":"x"}`)), "userName is required")
	require.ErrorContains(t, group.Check(parse(t, `{}`)), "displayName is required")
	require.ErrorContains(t, user.Check(parse(t, `{"userName":"x","emails":[{"primary":true},{"primary":true}]}`)), "emails has 2 elements with primary true")
}

func TestFind(t *testing.T) {
	user := schema.Core()[0]
	for _, row := range []struct{ uri, name, sub, want string }{
		{"", "USERNAME", "", "userName"},
		{"", "name", "FamilyName", "name.familyName"},
		{"", "emails", "value", "emails.value"},
		{"", "$ref", "", ""},
		{"", "manager", "value", scim.SchemaEnterpriseUser + ":manager.value"},
		{scim.SchemaUser, "userName", "", "userName"},
		{"URN:ietf:params:scim:schemas:CORE:2.0:User", "name", "givenName", "name.givenName"},
		{scim.SchemaEnterpriseUser, "department", "", scim.SchemaEnterpriseUser + ":department"},
		{"urn:ietf:params:scim:schemas:extension:enterprise:2.0", "User", "", scim.SchemaEnterpriseUser},
		{"urn:ietf:params:scim:schemas:extension:enterprise:2.0", "user", "manager", scim.SchemaEnterpriseUser + ":manager"},
		{"", "meta", "created", "meta.created"},
		{"urn:other", "x", "", ""},
		{scim.SchemaUser, "department", "", ""},
	} {
		a, err := user.Find(scim.DefaultProfile(), row.uri, row.name, row.sub)
		if row.want == "" {
			require.ErrorIs(t, err, schema.ErrUnknownAttribute, row)
			continue
		}
		require.NoError(t, err, row)
		require.Equal(t, row.want, a.Path())
	}
	_, err := user.Find(scim.StrictProfile(), "", "manager", "")
	require.ErrorIs(t, err, schema.ErrUnknownAttribute)
}

func TestNormalFormsKeepOrder(t *testing.T) {
	number := &schema.Attribute{Type: schema.DecimalType}
	ascending := []string{"-1e30", "-120", "-12.5", "-12", "-0.5", "-0.05", "0", "0.0001", "0.01", "0.1", "0.11", "1", "1.5", "9", "10", "1e2", "101", "1e30"}
	for i := 1; i < len(ascending); i++ {
		a, ok := number.Normal(scim.NumberValue(ascending[i-1]))
		require.True(t, ok)
		b, ok := number.Normal(scim.NumberValue(ascending[i]))
		require.True(t, ok)
		require.Less(t, a, b, ascending[i])
	}
	for _, same := range [][2]string{{"0", "-0.0"}, {"100", "1e2"}, {"1.50", "15e-1"}, {"0.001", "1e-3"}} {
		a, _ := number.Normal(scim.NumberValue(same[0]))
		b, _ := number.Normal(scim.NumberValue(same[1]))
		require.Equal(t, a, b, same)
	}
	moment := &schema.Attribute{Type: schema.DateTimeType}
	a, _ := moment.Normal(scim.StringValue("2011-05-13T04:42:34Z"))
	b, _ := moment.Normal(scim.StringValue("2011-05-13T06:42:34+02:00"))
	require.Equal(t, a, b)
	later, _ := moment.Normal(scim.StringValue("2011-05-13T04:42:34.001Z"))
	require.Less(t, a, later)

	text := &schema.Attribute{Type: schema.StringType}
	for _, same := range [][2]string{{"BJensen", "bjensen"}, {"ＡＢＣ", "abc"}, {"E\u0301COLE", "école"}} {
		a, _ := text.Normal(scim.StringValue(same[0]))
		b, _ := text.Normal(scim.StringValue(same[1]))
		require.Equal(t, a, b, same)
	}
}
