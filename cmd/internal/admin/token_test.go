package admin_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

// TestIssued: what is shown once has the name of what it is.
func TestIssued(t *testing.T) {
	federated := registry.Federated{Issuer: "https://login.example.com", Audience: "api://roster", Subject: "7"}
	tests := []struct {
		change             admin.NewToken
		token, secret, kid string // patterns
	}{
		{admin.NewToken{}, "^roster_", "^$", "^$"},
		{admin.NewToken{Form: registry.FormSecret}, "^$", "^roster_client_", "^$"},
		{admin.NewToken{Form: registry.FormKey, Key: []byte(publicKey)}, "^$", "^$", "^first$"},
		{admin.NewToken{Form: registry.FormFederated, Federated: federated}, "^$", "^$", "^$"},
		{admin.NewToken{Form: registry.FormCertificate, Certificate: registry.Certificate{Name: "cn:hr"}}, "^$", "^$", "^$"},
	}
	for _, tt := range tests {
		t.Run(string(tt.change.Form), func(t *testing.T) {
			onBothWays(t, inMemory(t), func(t *testing.T, conn *admin.Conn) {
				n := tt.change
				n.Account, n.Name, n.Scopes, n.Domain = fmt.Sprintf("acme-%d", len(t.Name())), "hr", []auth.Scope{auth.SCIM}, "hr"
				if n.Certificate.Name != "" {
					n.Certificate.Name += n.Account
				}
				_, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: n.Account})
				require.NoError(t, err)
				issued, err := conn.CreateToken(t.Context(), n)
				require.NoError(t, err)
				require.Regexp(t, tt.token, issued.Secret)
				require.Regexp(t, tt.secret, issued.ClientSecret)
				require.Regexp(t, tt.kid, issued.KeyID)
				require.Equal(t, issued.ID, issued.ClientID)
				listed, err := conn.ListTokens(t.Context(), n.Account)
				require.NoError(t, err)
				require.Equal(t, []admin.Token{issued.Token}, listed)
				require.Equal(t, n.Federated, listed[0].Federated)
				require.Equal(t, n.Certificate, listed[0].Certificate)
			})
		})
	}
}

const publicKey = `{"kty": "OKP", "crv": "Ed25519", "kid": "first", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

// TestRotateToken: the new one is good for the same, and as long as the old one was
// to be, unless the account has less by now or the caller says otherwise.
func TestRotateToken(t *testing.T) {
	tests := []struct {
		name, settings  string
		lifetime        time.Duration
		rotation, lives time.Duration
	}{
		{"as the old one", `{}`, time.Hour, 0, time.Hour},
		{"as is said", `{}`, time.Hour, 3 * time.Hour, 3 * time.Hour},
		{"as the account allows by now", `{"tokens": {"maxLifetime": "2h"}}`, 24 * time.Hour, 0, 2 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothWays(t, inMemory(t), func(t *testing.T, conn *admin.Conn) {
				ctx, account := t.Context(), fmt.Sprintf("acme-%d", len(t.Name()))
				_, err := conn.CreateAccount(ctx, admin.NewAccount{Name: account})
				require.NoError(t, err)
				old, err := conn.CreateToken(ctx, admin.NewToken{
					Account: account, Name: "okta", Scopes: []auth.Scope{auth.SCIMRead}, Domain: "okta", Lifetime: tt.lifetime,
				})
				require.NoError(t, err)
				_, err = conn.SetAccount(ctx, admin.AccountChange{Account: account, Settings: tt.settings})
				require.NoError(t, err)
				next, err := conn.RotateToken(ctx, admin.Rotation{ID: old.ID, Overlap: time.Minute, Lifetime: tt.rotation})
				require.NoError(t, err)
				require.NotEqual(t, old.Secret, next.Secret)
				require.Equal(t, []any{account, old.ClientID, "okta", old.Scopes, "okta", old.ID},
					[]any{next.Account, next.ClientID, next.Name, next.Scopes, next.Domain, next.Replaces})
				require.InDelta(t, tt.lives, next.Expires.Sub(next.Created), float64(time.Second))
				listed, err := conn.ListTokens(ctx, account)
				require.NoError(t, err)
				require.Equal(t, next.ID, listed[0].ReplacedBy)
				require.Equal(t, next.PreviousExpires, listed[0].Expires)
				require.InDelta(t, time.Minute, next.PreviousExpires.Sub(next.Created), float64(time.Second))
				_, err = conn.RotateToken(ctx, admin.Rotation{ID: "nobody"})
				require.ErrorContains(t, err, "not found")
			})
		})
	}
}
