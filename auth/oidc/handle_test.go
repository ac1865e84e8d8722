package oidc_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/jwt"
)

func parsed(t *testing.T, token auth.Secret) jwt.Token {
	p, err := jwt.Parse(token)
	require.NoError(t, err)
	return p
}

// TestHandle: it stands for the token, as long as the account trusts what it says.
func TestHandle(t *testing.T) {
	full := federation.Issuer{
		Where: federation.Match{Claim: "tid", Value: "1"}, Subject: "oid", Name: "app",
		User: federation.User{Claim: "uid", Attribute: federation.ExternalID},
		Scopes: []federation.Grant{
			{Claim: "roles", Value: "Writer", Grants: []auth.Scope{auth.SCIM}},
			{Claim: "scp", Value: "read", Grants: []auth.Scope{auth.UserRead}},
		},
	}
	groups := strings.Split(strings.Repeat("group ", 1000), " ")
	tests := []struct {
		name   string
		change func(*fixture)
		stays  bool
	}{
		{"nothing", func(*fixture) {}, true},
		{"the issuer is gone", func(f *fixture) { f.issuer.Answer(http.NotFoundHandler()) }, true},
		{"the trust is gone", func(f *fixture) { f.trusts = nil }, false},
		{"another audience", func(f *fixture) { f.trusts[0].Audience = "other" }, false},
		{"another tenant", func(f *fixture) { f.trusts[0].Where.Value = "2" }, false},
		{"another algorithm", func(f *fixture) { f.trusts[0].Algorithms = []string{"RS256"} }, false},
		{"a claim that was not looked at", func(f *fixture) { f.trusts[0].Where = federation.Match{Claim: "azp", Value: "x"} }, false},
		{"another subject", func(f *fixture) { f.trusts[0].Subject = "azp" }, false},
		{"the user is gone", func(f *fixture) { clear(f.users) }, false},
		{"another account trusts it, too", func(f *fixture) { f.trust("globex", full) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.trusts = nil
			f.trust("acme", full)
			f.users["acme externalId 7"] = "user-7"
			admission, err := f.Admit(t.Context(), f.token("tid", "1", "oid", "o1", "app", "HR", "uid", "7", "azp", "x",
				"roles", append([]string{"Writer"}, groups...), "scp", "read write", "aud", []string{"other one", audience}))
			require.NoError(t, err)
			require.Equal(t, []auth.Scope{auth.SCIM, auth.UserRead}, admission.Principal.Scopes)
			require.Equal(t, f.claims()["exp"], admission.End.Unix())
			require.Less(t, len(admission.Handle), 500)

			tt.change(f)
			p, err := f.Current(t.Context(), admission.Handle)
			if !tt.stays {
				require.Equal(t, auth.ErrUnauthenticated, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, admission.Principal, p)
		})
	}
}

// TestHandleFollowsTheTrust: scopes and user are those of now.
func TestHandleFollowsTheTrust(t *testing.T) {
	f := newFixture(t)
	admission, err := f.Admit(t.Context(), f.token())
	require.NoError(t, err)
	f.trusts[0].Scopes[0].Grants = []auth.Scope{auth.SCIMRead}
	p, err := f.Current(t.Context(), admission.Handle)
	require.NoError(t, err)
	require.Equal(t, []auth.Scope{auth.SCIMRead}, p.Scopes)

	for _, bad := range []string{"", "?", "bnVsbA", "W10"} {
		_, err := f.Current(t.Context(), bad)
		require.Equal(t, auth.ErrUnauthenticated, err, bad)
	}
}

// TestVerify: a token of an issuer, whoever it is for.
func TestVerify(t *testing.T) {
	f := newFixture(t)
	f.trusts = nil
	require.NoError(t, f.Verify(t.Context(), parsed(t, f.token("aud", "api://other"))))
	for _, bad := range []auth.Secret{
		f.token("exp", 1), f.token("exp", nil), f.token("nbf", noon.Unix()+3600),
		f.issuer.Token(authtest.NewKey(t, "unknown", "ES256"), f.claims()),
		f.issuer.Token(authtest.NewKey(t, "first", "ES256"), f.claims()),
	} {
		require.Equal(t, auth.ErrUnauthenticated, f.Verify(t.Context(), parsed(t, bad)))
	}
	require.Equal(t, 1, f.fetches())
}
