package registry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/federation"
	"roster/auth/registry"
)

const login = "https://login.example.com/tenant"

// issuer is one that an account may trust, but for the change.
func issuer(change func(*federation.Issuer)) federation.Issuer {
	i := federation.Issuer{
		URL: login, Audience: "api://roster", Algorithms: []string{"RS256", "EdDSA"},
		Where:   federation.Match{Claim: "tid", Value: "7"},
		Subject: "oid", Name: "app_displayname",
		User: federation.User{Claim: "oid", Attribute: federation.ExternalID},
		Scopes: []federation.Grant{
			{Claim: "roles", Value: "Provisioning", Grants: []auth.Scope{auth.SCIM, auth.UserRead}},
			{Grants: []auth.Scope{auth.SCIMRead}},
		},
	}
	if change != nil {
		change(&i)
	}
	return i
}

func TestIssuers(t *testing.T) {
	const url, claim, algorithm = "an https URL without query and fragment", "the name of a claim", "one or more of RS256, RS384"
	long := strings.Repeat("x", 10_000)
	grants := func(g federation.Grant) func(*federation.Issuer) {
		return func(i *federation.Issuer) { i.Scopes = []federation.Grant{g} }
	}
	tests := []struct {
		name    string
		change  func(*federation.Issuer)
		problem string // "" if there is none
	}{
		{"all", nil, ""},
		{"least", func(i *federation.Issuer) { *i = federation.Issuer{URL: login, Audience: "a"} }, ""},
		{"on this machine", func(i *federation.Issuer) { i.URL = "http://127.0.0.1:9000" }, ""},
		{"with a slash", func(i *federation.Issuer) { i.URL = "https://sts.windows.net/7/" }, ""},
		{"by user name", func(i *federation.Issuer) { i.User.Attribute = federation.UserName }, ""},

		{"a domain", func(i *federation.Issuer) { i.Domain = "hr.example_1-a" }, ""},
		{"roles of users", grants(federation.Grant{Claim: "roles", Value: "a", Grants: []auth.Scope{auth.Roles}}), ""},

		{"roles of nobody", func(i *federation.Issuer) {
			i.User = federation.User{}
			i.Scopes = []federation.Grant{{Grants: []auth.Scope{auth.Roles}}}
		}, "scope roles is not valid: it stands for what the roles of a user allow"},
		{"a domain in upper case", func(i *federation.Issuer) { i.Domain = "HR" }, "1 to 64 of a-z, 0-9, '.', '_' and '-'"},
		{"a long domain", func(i *federation.Issuer) { i.Domain = strings.Repeat("x", 65) }, "1 to 64 of"},
		{"no URL", func(i *federation.Issuer) { i.URL = "" }, url},
		{"in the open", func(i *federation.Issuer) { i.URL = "http://login.example.com" }, url},
		{"a file", func(i *federation.Issuer) { i.URL = "file:///etc/passwd" }, url},
		{"a password", func(i *federation.Issuer) { i.URL = "https://a:b@login.example.com" }, url},
		{"a query", func(i *federation.Issuer) { i.URL = login + "?a=b" }, url},
		{"a fragment", func(i *federation.Issuer) { i.URL = login + "#" }, url},
		{"a long URL", func(i *federation.Issuer) { i.URL = login + long }, url},
		{"no audience", func(i *federation.Issuer) { i.Audience = "" }, "what the issuer writes into aud"},
		{"an audience with a NUL", func(i *federation.Issuer) { i.Audience = "a\x00b" }, "what the issuer writes into aud"},
		{"a long audience", func(i *federation.Issuer) { i.Audience = long }, "what the issuer writes into aud"},
		{"none", func(i *federation.Issuer) { i.Algorithms = []string{"none"} }, algorithm},
		{"HMAC", func(i *federation.Issuer) { i.Algorithms = []string{"RS256", "HS256"} }, algorithm},
		{"an algorithm twice", func(i *federation.Issuer) { i.Algorithms = []string{"RS256", "RS256"} }, "it is there twice"},
		{"where without a value", func(i *federation.Issuer) { i.Where.Value = "" }, "a claim and its value"},
		{"where without a claim", func(i *federation.Issuer) { i.Where.Claim = "" }, "a claim and its value"},
		{"where that is long", func(i *federation.Issuer) { i.Where.Value = long }, "a claim and its value"},
		{"subject", func(i *federation.Issuer) { i.Subject = "a\nb" }, claim},
		{"name", func(i *federation.Issuer) { i.Name = long }, claim},
		{"user without a claim", func(i *federation.Issuer) { i.User.Claim = "" }, claim},
		{"user without an attribute", func(i *federation.Issuer) { i.User.Attribute = "" }, "externalId or userName"},
		{"user by name", func(i *federation.Issuer) { i.User.Attribute = "displayName" }, "externalId or userName"},
		{"no scope", grants(federation.Grant{Claim: "roles", Value: "a"}), "scopes that grant nothing"},
		{"no such scope", grants(federation.Grant{Grants: []auth.Scope{"everything"}}), "one or more of scim"},
		{"the platform", grants(federation.Grant{Grants: []auth.Scope{auth.PlatformAdmin}}), "one or more of scim"},
		{"scopes of a claim without a value", grants(federation.Grant{Claim: "roles", Grants: []auth.Scope{auth.SCIM}}), "or neither, for every token"},
		{"many scopes", func(i *federation.Issuer) { i.Scopes = make([]federation.Grant, 101) }, "use at most 100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := issuer(tt.change)
			kept, err := registry.Settings{Issuers: []federation.Issuer{set}}.Normalised()
			if tt.problem == "" {
				require.NoError(t, err)
				require.Equal(t, []federation.Issuer{set}, kept.Issuers)
				return
			}
			require.ErrorIs(t, err, registry.ErrInvalid)
			require.ErrorContains(t, err, tt.problem)
			require.Less(t, len(err.Error()), 800)
		})
	}
}

func TestSeveralIssuers(t *testing.T) {
	other := issuer(func(i *federation.Issuer) { i.Where.Value = "8" })
	_, err := registry.Settings{Issuers: []federation.Issuer{issuer(nil), other}}.Normalised()
	require.NoError(t, err)
	_, err = registry.Settings{Issuers: []federation.Issuer{issuer(nil), issuer(nil)}}.Normalised()
	require.ErrorContains(t, err, "it is there twice")
	_, err = registry.Settings{Issuers: make([]federation.Issuer, 21)}.Normalised()
	require.ErrorContains(t, err, "use at most 20")
}
