package filter_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	parser "github.com/scim2/filter-parser/v2"
	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
)

// seeds are filters of the RFCs, of clients, and broken ones.
var seeds = []string{
	`userName eq "x"`, `userName Eq "John"`, `name.familyName co "O'Malley"`,
	`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`, `title pr`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`, `title pr and userType eq "Employee"`,
	`schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`,
	`userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")`,
	`userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`,
	`emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]`,
	`emails[type eq "work"].value eq "x"`, `emails[not (type eq "work")]`, `id eq "g" and members[value eq "u"]`,
	`active eq true or active eq "False" or active eq null`, `a eq -1.5e+10 and b ge 0`, `not(a pr)`, `((a pr))`,
	`a eq "\u00e9\ud83d\ude00\\\""`, `a eq "\ud800"`, `a eq jyoung`, `emails[`, `(((`, `a eq "`, ``, `$ref pr`, `a_b pr and c-d pr`,
	`a[b[c eq 1]]`, `urn:x:2.0:User.manager.value pr`, `a pr and b pr or c pr and (d pr or e pr)`,
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := filter.Parse(text, scim.Limits{})
		if err != nil {
			require.Equal(t, scim.InvalidFilter, refusal(t, err).Type)
			return
		}
		printed := filter.Print(e)
		again, err := filter.Parse(printed, scim.Limits{Filter: 1 << 20, FilterDepth: 1000})
		require.NoError(t, err, printed)
		require.Equal(t, e, again, printed)
		require.Equal(t, printed, filter.Print(again))
	})
}

// ranTogether finds words without a blank between them inside brackets, which
// only the library takes: `[a prand b pr]`, `[a pr andb pr]`.
var ranTogether = regexp.MustCompile(`(?i)\[.*(pr|true|false|null|[0-9])(and|or)|\[.*(and|or)[a-z$]`)

// FuzzAgainstLibrary: what the library's parser accepts, ours does, and makes
// the same tree of it. The library leaves escapes as they are, takes invalid
// UTF-8, and writes exponents in lower case; it is kept away from deep nesting,
// which it does not survive.
func FuzzAgainstLibrary(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 || strings.Contains(text, `\`) || !utf8.ValidString(text) || strings.Count(text, "(") > 20 {
			return
		}
		want, err := parser.ParseFilterNumber([]byte(text))
		if err != nil {
			return
		}
		got, err := filter.Parse(text, scim.Limits{})
		if err != nil && ranTogether.MatchString(text) {
			return
		}
		require.NoError(t, err)
		lowerExponents(got)
		require.Equal(t, want, got)
	})
}

func lowerExponents(e parser.Expression) {
	switch e := e.(type) {
	case *parser.LogicalExpression:
		lowerExponents(e.Left)
		lowerExponents(e.Right)
	case *parser.NotExpression:
		lowerExponents(e.Expression)
	case *parser.ValuePath:
		lowerExponents(e.ValueFilter)
	case *parser.AttributeExpression:
		if n, ok := e.CompareValue.(json.Number); ok {
			e.CompareValue = json.Number(strings.ToLower(string(n)))
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{
		`active`, `name.givenName`, `emails[type eq "work"].value`, `members[value eq "x"]`, `roles[primary eq "True"].value`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager`,
		`urn:ietf:params:scim:schemas:core:2.0:User:name.givenName`, `manager[value eq "x"].displayName`, `name[givenName pr]`, `emails[`, `a.b.c`,
	} {
		f.Add(s)
	}
	rt := userType()
	f.Fuzz(func(t *testing.T, text string) {
		p, err := filter.ParsePath(text, scim.Limits{})
		if err != nil {
			refusal(t, err)
			return
		}
		printed := p.AttributePath.String()
		if p.ValueExpression != nil {
			printed += "[" + filter.Print(p.ValueExpression) + "]"
		}
		if p.SubAttribute != nil {
			printed += "." + *p.SubAttribute
		}
		again, err := filter.ParsePath(printed, scim.Limits{Filter: 1 << 20})
		require.NoError(t, err, printed)
		require.Equal(t, p, again)

		bound, err := filter.BindPath(rt, p, scim.DefaultProfile())
		if err != nil {
			refusal(t, err)
			return
		}
		require.NotEmpty(t, bound.String())
		filter.EqualTerms(bound.Where)
		filter.MatchElement(bound.Where, bound.Attribute, scim.StringValue("x"))
	})
}

// FuzzMatch: no filter panics on any JSON value, and what a filter says about a
// resource is the opposite of what its negation says.
func FuzzMatch(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, people["a"])
		f.Add(s, `{"emails": [null, 1, [], "x", {"value": {}}], "name": [], "meta": "x"}`)
	}
	rt := userType()
	f.Fuzz(func(t *testing.T, text, body string) {
		e, err := filter.Parse(text, scim.Limits{})
		if err != nil {
			return
		}
		n, err := filter.Bind(rt, e, scim.DefaultProfile())
		if err != nil {
			require.Equal(t, scim.InvalidFilter, refusal(t, err).Type)
			return
		}
		v, err := scim.ParseJSON([]byte(body))
		if err != nil {
			return
		}
		require.NotEqual(t, filter.Match(n, v), filter.Match(filter.Not{Node: n}, v))
	})
}
