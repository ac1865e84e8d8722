package filter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

func bindPath(rt *schema.ResourceType, text string, p scim.Profile) (filter.Path, error) {
	path, err := filter.ParsePath(text, scim.DefaultLimits())
	if err != nil {
		return filter.Path{}, err
	}
	return filter.BindPath(rt, path, p)
}

func TestBindPath(t *testing.T) {
	for _, row := range []struct{ text, bound string }{
		{`ACTIVE`, `active`},
		{`password`, `password`},
		{`id`, `id`},
		{`Name.GivenName`, `name.givenName`},
		{`emails`, `emails`},
		{`emails.value`, `emails.value`},
		{`emails[type eq "work"]`, `emails[type eq ?]`},
		{`emails[type eq "work"].Value`, `emails[type eq ?].value`},
		{`addresses[type eq "other"].Formatted`, `addresses[type eq ?].formatted`},
		{`roles[primary eq "True"].value`, `roles[primary eq ?].value`},
		{`name[givenName eq "x"].familyName`, `name[givenName eq ?].familyName`},
		{`manager`, enterpriseURN + `:manager`},                                                                  // P24
		{enterpriseURN, enterpriseURN},                                                                           // P51
		{`URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER`, enterpriseURN},                            // P51
		{enterpriseURN + `:employeeNumber`, enterpriseURN + `:employeeNumber`},                                   // P19
		{`URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER:DEPARTMENT`, enterpriseURN + `:department`}, // P53
		{userURN + `:name.givenName`, `name.givenName`},                                                          // P54
		{enterpriseURN + `.manager`, enterpriseURN + `:manager`},                                                 // P55
		{enterpriseURN + `.manager.value`, enterpriseURN + `:manager.value`},
		{enterpriseURN + `:manager.value`, enterpriseURN + `:manager.value`},
		{enterpriseURN + `:manager[value eq "x"].displayName`, enterpriseURN + `:manager[value eq ?].displayName`},
	} {
		p, err := bindPath(userType(), row.text, scim.DefaultProfile())
		require.NoError(t, err, row.text)
		require.Equal(t, row.bound, p.String(), row.text)
	}
	p, err := bindPath(deviceType(t), `URN:Example:HR_X:2.0`, scim.StrictProfile())
	require.NoError(t, err)
	require.True(t, p.Attribute.IsExtension())
	p, err = bindPath(deviceType(t), `tags[value eq "x"]`, scim.StrictProfile())
	require.NoError(t, err)
	require.Equal(t, p.Attribute, p.Where.(*filter.Compare).Attribute)
}

func TestBindPathRefuses(t *testing.T) {
	for _, row := range []struct {
		text    string
		kind    scim.ScimType
		unknown bool
		detail  string
	}{
		{`foo`, scim.InvalidPath, true, `unknown attribute "foo" of resource type User`},
		{`name.foo`, scim.InvalidPath, true, `unknown attribute "name.foo"`},
		{`manager`, scim.InvalidPath, true, `unknown attribute "manager"`},
		{`urn:x:y`, scim.InvalidPath, true, `unknown attribute`},
		{userURN, scim.InvalidPath, true, `unknown attribute`},
		{`emails[type eq "work"].foo`, scim.InvalidPath, true, `unknown attribute: emails has no sub-attribute "foo"`},
		{`foo[type eq "work"]`, scim.InvalidPath, true, `unknown attribute "foo"`},
		{`emails[foo eq "work"]`, scim.InvalidFilter, true, `unknown attribute "foo" inside emails[…]`},
		{`title[value eq "work"]`, scim.InvalidPath, false, `title has one simple value, so that brackets cannot follow it`},
		{`emails[type eq 1]`, scim.InvalidFilter, false, `emails.type expects a text in double quotes`},
		{`roles[primary eq "True"]`, scim.InvalidFilter, false, `roles.primary expects a boolean`},
	} {
		_, err := bindPath(userType(), row.text, scim.StrictProfile())
		e := refusal(t, err)
		require.Equal(t, row.kind, e.Type, row.text)
		require.Contains(t, e.Detail, row.detail, row.text)
		require.Equal(t, row.unknown, filter.IsUnknown(err), row.text)
	}
}

func TestFindAttribute(t *testing.T) {
	path, err := filter.ParseAttributePath("NAME.familyname")
	require.NoError(t, err)
	a, err := filter.FindAttribute(userType(), path, scim.StrictProfile(), scim.InvalidValue)
	require.NoError(t, err)
	require.Equal(t, "name.familyName", a.Path())

	path, err = filter.ParseAttributePath("nothing")
	require.NoError(t, err)
	_, err = filter.FindAttribute(userType(), path, scim.StrictProfile(), scim.InvalidValue)
	require.Equal(t, scim.InvalidValue, refusal(t, err).Type)
	require.True(t, filter.IsUnknown(err))
}

func TestEqualTerms(t *testing.T) {
	for _, row := range []struct {
		where string
		terms string
	}{
		{`type eq "work"`, `type=work`},
		{`type eq "work" and (display eq "X" and primary eq "True")`, `type=work display=X primary=true`},
		{`type eq "work" or display eq "X"`, ``},
		{`not (type eq "work")`, ``},
		{`type ne "work"`, ``},
		{`type pr`, ``},
		{`type eq null`, ``},
		{`type eq "work" and display sw "X"`, ``},
		{`type eq "work" and not (display eq "X")`, ``},
	} {
		p, err := bindPath(userType(), `emails[`+row.where+`].value`, scim.DefaultProfile())
		require.NoError(t, err, row.where)
		terms, ok := filter.EqualTerms(p.Where)
		require.Equal(t, row.terms != "", ok, row.where)
		if ok {
			require.Equal(t, row.terms, termText(terms))
		}
	}
	_, ok := filter.EqualTerms(nil)
	require.False(t, ok)
}

func termText(terms []*filter.Compare) (s string) {
	for i, c := range terms {
		if i > 0 {
			s += " "
		}
		text := c.Literal.Text()
		if c.Literal.Bool() {
			text = "true"
		}
		s += c.Attribute.Name + "=" + text
	}
	return s
}
