package federation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/federation"
)

const issuer = "https://login.example.com"

func claims(t *testing.T, text string) (c federation.Claims) {
	require.NoError(t, json.Unmarshal([]byte(text), &c))
	return c
}

func TestScopes(t *testing.T) {
	table := []federation.Grant{
		{Claim: "roles", Value: "Provisioning", Grants: []auth.Scope{auth.SCIM}},
		{Claim: "roles", Value: "Help desk", Grants: []auth.Scope{auth.UserRead, auth.UserCredential}},
		{Claim: "scp", Value: "read", Grants: []auth.Scope{auth.UserRead, auth.SCIMRead}},
		{Claim: "scope", Value: "write", Grants: []auth.Scope{auth.SCIMWrite}},
	}
	tests := []struct {
		claims string
		scopes []auth.Scope
	}{
		{`{}`, nil},
		{`{"roles": ["Provisioning"]}`, []auth.Scope{auth.SCIM}},
		{`{"roles": "Provisioning"}`, []auth.Scope{auth.SCIM}},
		{`{"roles": ["Other", "Help desk"]}`, []auth.Scope{auth.UserCredential, auth.UserRead}},
		{`{"roles": ["Help desk"], "scp": ["read"]}`, []auth.Scope{auth.SCIMRead, auth.UserCredential, auth.UserRead}},
		{`{"scp": "openid read"}`, []auth.Scope{auth.SCIMRead, auth.UserRead}},
		{`{"scope": "write  read"}`, []auth.Scope{auth.SCIMWrite}},
		{`{"scope": ["write"]}`, []auth.Scope{auth.SCIMWrite}},

		{`{"roles": "Provisioning Other"}`, nil}, // a name, not a list
		{`{"roles": ["Provisioning Other"]}`, nil},
		{`{"scp": ["openid read"]}`, nil},
		{`{"roles": ["provisioning"]}`, nil},
		{`{"Roles": ["Provisioning"]}`, nil},
		{`{"roles": [["Provisioning"], {"Provisioning": true}, null, 7]}`, nil},
		{`{"roles": {"Provisioning": true}}`, nil},
		{`{"scp": null, "scope": 7}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.claims, func(t *testing.T) {
			c := claims(t, tt.claims)
			c["sub"] = "00u1"
			p, err := federation.Trust{Account: "a", Issuer: federation.Issuer{URL: issuer, Scopes: table}}.Principal(c)
			require.NoError(t, err)
			require.Equal(t, tt.scopes, p.Scopes)
		})
	}
}

// TestScopesOfEverybody: a grant without a claim is for every token.
func TestScopesOfEverybody(t *testing.T) {
	trust := federation.Trust{Issuer: federation.Issuer{Scopes: []federation.Grant{{Grants: []auth.Scope{auth.SCIM}}}}}
	p, err := trust.Principal(federation.Claims{"sub": "1"})
	require.NoError(t, err)
	require.Equal(t, []auth.Scope{auth.SCIM}, p.Scopes)
}

func TestPrincipal(t *testing.T) {
	plain, named := federation.Issuer{URL: issuer}, federation.Issuer{URL: issuer, Subject: "oid", Name: "app_displayname", Domain: "hr"}
	long := strings.Repeat("x", 255)
	tests := []struct {
		issuer        federation.Issuer
		claims        string
		subject, name string // "" for none
	}{
		{plain, `{"sub": "00u1", "name": "Babs"}`, issuer + "#00u1", "00u1"},
		{plain, `{"sub": "` + long + `"}`, issuer + "#" + long, long[:100]},
		{named, `{"sub": "00u1", "oid": "7", "app_displayname": "Provisioning Bücher"}`, issuer + "#7", "Provisioning Bücher"},
		{named, `{"oid": "7", "app_displayname": "two\nlines"}`, issuer + "#7", "7"},
		{named, `{"oid": "7", "app_displayname": "` + long + `"}`, issuer + "#7", "7"},
		{named, `{"oid": "7", "app_displayname": ["a"]}`, issuer + "#7", "7"},

		{plain, `{}`, "", ""},
		{plain, `{"sub": ""}`, "", ""},
		{plain, `{"sub": 7}`, "", ""},
		{plain, `{"sub": ["00u1"]}`, "", ""},
		{plain, `{"sub": "a b"}`, "", ""},
		{plain, `{"sub": "a\u0000b"}`, "", ""},
		{plain, `{"sub": "Bücher"}`, "", ""},
		{plain, `{"sub": "` + long + `x"}`, "", ""},
		{named, `{"sub": "00u1"}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.claims, func(t *testing.T) {
			p, err := federation.Trust{Account: "acme", Issuer: tt.issuer}.Principal(claims(t, tt.claims))
			if tt.subject == "" {
				require.ErrorIs(t, err, federation.ErrSubject)
				return
			}
			require.NoError(t, err)
			require.Equal(t, &auth.Principal{
				Account: "acme", Subject: tt.subject, Name: tt.name, Domain: tt.issuer.Domain, Method: auth.ByOIDC,
			}, p)
		})
	}
}

func TestAdmits(t *testing.T) {
	tests := []struct {
		where  federation.Match
		claims string
		admits bool
	}{
		{federation.Match{}, `{}`, true},
		{federation.Match{Claim: "tid", Value: "7"}, `{"tid": "7"}`, true},
		{federation.Match{Claim: "groups", Value: "7"}, `{"groups": ["6", "7"]}`, true},
		{federation.Match{Claim: "tid", Value: "7"}, `{}`, false},
		{federation.Match{Claim: "tid", Value: "7"}, `{"tid": 7}`, false},
		{federation.Match{Claim: "tid", Value: "7"}, `{"tid": "8"}`, false},
		{federation.Match{Claim: "scope", Value: "7"}, `{"scope": "6 7"}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.claims, func(t *testing.T) {
			require.Equal(t, tt.admits, federation.Issuer{Where: tt.where}.Admits(claims(t, tt.claims)))
		})
	}
}

func TestAllows(t *testing.T) {
	require.True(t, federation.Issuer{}.Allows("RS256"))
	require.False(t, federation.Issuer{}.Allows("ES256"))
	require.True(t, federation.Issuer{Algorithms: []string{"ES256"}}.Allows("ES256"))
	require.False(t, federation.Issuer{Algorithms: []string{"ES256"}}.Allows("RS256"))
	for _, weak := range []string{"none", "HS256", "HS384", "HS512", ""} {
		require.False(t, federation.Issuer{Algorithms: []string{weak}}.Allows(weak), "%q needs no private key", weak)
	}
}

func TestUser(t *testing.T) {
	tests := []struct {
		claims, value string
		usable        bool
	}{
		{`{"oid": "7"}`, "7", true},
		{`{"oid": "Bücher \"x\" <a@b.example>"}`, `Bücher "x" <a@b.example>`, true},
		{`{}`, "", true},
		{`{"oid": ""}`, "", false},
		{`{"oid": null}`, "", false},
		{`{"oid": 7}`, "", false},
		{`{"oid": ["7"]}`, "", false},
		{`{"oid": "a\u0000b"}`, "", false},
		{`{"oid": "` + strings.Repeat("x", 513) + `"}`, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.claims, func(t *testing.T) {
			value, err := federation.User{Claim: "oid", Attribute: federation.ExternalID}.Value(claims(t, tt.claims))
			require.Equal(t, tt.value, value)
			require.Equal(t, tt.usable, err == nil)
		})
	}
	value, err := federation.User{}.Value(claims(t, `{"": "x"}`))
	require.NoError(t, err)
	require.Empty(t, value, "none is asked for")
}
