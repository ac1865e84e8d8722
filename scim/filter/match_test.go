package filter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
)

func resource(t testing.TB, text string) scim.Resource {
	t.Helper()
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

// people is what the rows of TestMatch are about; a row names who matches.
var people = map[string]string{
	"a": `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
		"id": "1A", "externalId": "Ext", "userName": "BJensen", "name": {"givenName": "Barbara", "familyName": "O'Malley"},
		"title": "Tour Guide", "userType": "Employee", "active": true,
		"emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "babs@jensen.org", "type": "home"}],
		"x509Certificates": [{"value": "AbC="}],
		"meta": {"resourceType": "User", "created": "2011-05-13T04:42:34Z", "lastModified": "2011-05-13T06:42:34.5+02:00"},
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tour Operations", "manager": {"value": "26118915"}}}`,
	"b": `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
		"id": "2b", "userName": "jörg", "displayName": "JÖRG", "userType": "Intern", "active": false,
		"emails": [{"value": "joerg@example.org", "type": "work"}],
		"meta": {"resourceType": "User", "created": "2012-01-01T00:00:00Z", "lastModified": "2012-01-01T00:00:00Z"}}`,
	"c": `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "3c", "userName": "empty", "title": "",
		"name": {}, "emails": [], "phoneNumbers": [{}], "nickName": null, "photos": [{"value": ""}]}`,
}

func TestMatch(t *testing.T) {
	for _, row := range []struct{ text, who string }{
		// Case, as caseExact says.
		{`userName eq "bjensen"`, "a"},
		{`userName eq "JÖRG"`, "b"},
		{`username Eq "BJENSEN"`, "a"},
		{`externalId eq "ext"`, ""},
		{`externalId eq "Ext"`, "a"},
		{`id eq "1a"`, ""},
		{`id eq "1A"`, "a"},

		// Texts.
		{`userName sw "J"`, "b"},
		{`userName sw "jÖ"`, "b"},
		{`userName ew "SEN"`, "a"},
		{`name.familyName co "o'mal"`, "a"},
		{`userName co ""`, "abc"},
		{`name.familyName sw ""`, "a"},
		{`userName gt "bjensen"`, "bc"},
		{`userName ge "bjensen"`, "abc"},
		{`userName lt "EMPTY"`, "a"},
		{`userName le "EMPTY"`, "ac"},
		{`x509Certificates.value eq "AbC="`, "a"},
		{`x509Certificates co "abc"`, ""},

		// Presence.
		{`title pr`, "a"},
		{`nickName pr`, ""},
		{`name pr`, "a"},
		{`emails pr`, "ab"},
		{`phoneNumbers pr`, ""},
		{`photos pr or photos.value pr`, ""},
		{`active pr`, "ab"},
		{`emails.primary pr`, "a"},
		{`meta pr`, "ab"},
		{`title eq null`, "bc"},
		{`title ne null`, "a"},
		{`emails eq null`, "c"},
		{`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr`, "a"},
		{`manager pr`, "a"},

		// Booleans and dates.
		{`active eq true`, "a"},
		{`active eq "False"`, "b"},
		{`active ne true`, "bc"},
		{`meta.created eq "2011-05-13T06:42:34+02:00"`, "a"},
		{`meta.created gt "2011-05-13T04:42:34Z"`, "b"},
		{`meta.created ge "2011-05-12T23:42:34-05:00"`, "ab"},
		{`meta.lastModified gt "2011-05-13T04:42:34Z" and meta.lastModified lt "2011-05-13T04:42:35Z"`, "a"},

		// Several values: one is enough, for ne too; where there is none, ne holds.
		{`emails eq "BABS@jensen.org"`, "a"},
		{`emails.type eq "work"`, "ab"},
		{`emails.type ne "work"`, "ac"},
		{`emails ne "joerg@example.org"`, "ac"},
		{`title ne "x"`, "abc"},
		{`title ne "tour guide"`, "bc"},
		{`schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`, "a"},

		// Value paths: the same element.
		{`emails[type eq "home" and value co "example"]`, ""},
		{`emails[type eq "home" and value co "jensen"]`, "a"},
		{`emails[type eq "work"].value ew "example.org"`, "b"},
		{`emails[type eq "work"].primary pr`, "a"},
		{`emails[not (type eq "work")]`, "a"},
		{`not (emails[type eq "home"])`, "bc"},
		{`emails[type ne "home"]`, "ab"},
		{`emails[display eq null]`, "ab"},
		{`emails[type eq "home" or type eq "work" and primary eq true]`, "a"},
		{`name[givenName eq "barbara" and familyName pr]`, "a"},
		{`schemas[value ew "enterprise:2.0:User"]`, "a"},
		{`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User[department pr and manager[value eq "26118915"]]`, "a"},

		// Extensions, with and without their URN.
		{`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "tour operations"`, "a"},
		{`manager eq "26118915"`, "a"},
		{`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value eq "26118915"`, "a"},

		// Figure 2 and A13.
		{`title pr and userType eq "Employee"`, "a"},
		{`title pr or userType eq "Intern"`, "ab"},
		{`userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")`, "a"},
		{`userType ne "Employee" and not (emails co "example.com" or emails.value co "example.com")`, "bc"},
		{`emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]`, "a"},
		{`active eq true and (meta.lastModified ge "2011-01-01T00:00:00Z" and meta.lastModified le "2012-01-01T00:00:00Z")`, "a"},
		{`id eq "1A" and manager eq "26118915"`, "a"},
		{`not (userName eq "bjensen")`, "bc"},
		{`userName eq "bjensen" or active eq false and title pr`, "a"},
		{`(userName eq "bjensen" or active eq false) and title eq null`, "b"},
	} {
		n := bind(t, userType(), row.text)
		who := ""
		for _, name := range []string{"a", "b", "c"} {
			if filter.Match(n, resource(t, people[name])) {
				who += name
			}
		}
		require.Equal(t, row.who, who, row.text)
	}
}

func TestMatchNumbers(t *testing.T) {
	rt := deviceType(t)
	device := resource(t, `{"count": 9007199254740993, "size": 1.50, "tags": ["Red", "blue"], "counts": [1, 20], "key": "AA==",
		"text": 5, "parts": [{"value": 3, "primary": true}, {"value": 10}], "urn:example:hr_x:2.0": {"grade": -2}}`)
	for text, want := range map[string]bool{
		`count eq 9007199254740993`:                    true,
		`count eq 9007199254740992`:                    false,
		`count gt 9007199254740992`:                    true,
		`count eq 9.007199254740993E15`:                true,
		`size eq 1.5`:                                  true,
		`size lt 1.6 and size gt 1`:                    true,
		`urn:example:hr_x:2.0:grade gt -10`:            true,
		`urn:example:hr_x:2.0:grade lt -1.5`:           true,
		`counts gt 10`:                                 true,
		`counts[value gt 1 and value lt 20]`:           false,
		`counts[value ge 1 and value lt 20]`:           true,
		`tags eq "RED"`:                                true,
		`tags[value sw "r" and value ew "e"]`:          false,
		`tags[value sw "b" and value ew "e"]`:          true,
		`parts[value eq 3 and primary eq true]`:        true,
		`parts[value gt 3 and primary pr]`:             false,
		`parts gt 9`:                                   true,
		`text eq "5" or text co ""`:                    false, // a value that the schema does not allow
		`text ne "5" and text pr`:                      true,
		`seen ne "2011-05-13T04:42:34Z"`:               true,
		`seen lt "2011-05-13T04:42:34Z" or seen pr`:    false,
		`parts.added eq null and not (parts.added pr)`: true,
	} {
		require.Equal(t, want, filter.Match(bind(t, rt, text), device), text)
	}
}

func TestMatchElement(t *testing.T) {
	p, err := bindPath(userType(), `emails[type eq "work" and primary ne true]`, scim.DefaultProfile())
	require.NoError(t, err)
	require.True(t, filter.MatchElement(p.Where, p.Attribute, resource(t, `{"type": "Work"}`)))
	require.False(t, filter.MatchElement(p.Where, p.Attribute, resource(t, `{"type": "work", "primary": true}`)))

	p, err = bindPath(deviceType(t), `tags[value sw "a"]`, scim.DefaultProfile())
	require.NoError(t, err)
	require.True(t, filter.MatchElement(p.Where, p.Attribute, scim.StringValue("Abc")))
	require.False(t, filter.MatchElement(p.Where, p.Attribute, scim.StringValue("b")))
	require.False(t, filter.MatchElement(p.Where, p.Attribute, scim.Value{}))
}

// A filter bound to one type finds no values in resources of another, and trees
// that make no sense match nothing rather than panic.
func TestMatchForeign(t *testing.T) {
	group := resource(t, `{"displayName": "Tour Guides", "members": [{"value": "1A"}]}`)
	require.True(t, filter.Match(bind(t, userType(), `displayName sw "tour" and not (userName pr)`), group))
	require.True(t, filter.Match(bind(t, groupType(), `members eq "1A" and members[value eq "1A"]`), group))

	emails := userType().Root.SubAttribute("emails")
	for _, n := range []filter.Node{
		nil, filter.Or{}, filter.Or{nil}, &filter.Compare{}, &filter.ValuePath{}, &filter.Compare{Attribute: emails},
		&filter.Compare{Attribute: emails, Op: 99}, &filter.ValuePath{Attribute: emails, Where: &filter.Compare{Attribute: userType().Root}},
	} {
		require.False(t, filter.Match(n, group))
		require.False(t, filter.MatchElement(n, groupType().Root.SubAttribute("members"), scim.StringValue("x")))
	}
	for _, text := range []string{`null`, `[]`, `{}`, `"x"`, `{"emails": "x", "name": [1], "meta": 1}`, `{"emails": [null, 1, [], "y", {"value": {}}]}`} {
		for _, f := range []string{`emails eq "x"`, `emails[value co "x"]`, `name.givenName eq "x"`, `meta.created gt "2011-05-13T04:42:34Z"`} {
			require.False(t, filter.Match(bind(t, userType(), f), resource(t, text)), text+f)
		}
	}
}
