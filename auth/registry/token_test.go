package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/auth/token"
)

func TestCreateToken(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made, secret, err := f.CreateToken(t.Context(), registry.NewToken{
		Account: a.ID, Name: "Entra ID, production",
		Scopes: []auth.Scope{auth.SCIMRead, auth.UserRead, auth.SCIMRead},
	})
	require.NoError(t, err)
	require.True(t, token.Format{}.Valid(secret))
	require.Equal(t, registry.Token{
		ID: made.ID, Account: a.ID, Name: "Entra ID, production",
		Form: registry.FormBearer, Client: made.ID,
		Scopes:  []auth.Scope{auth.SCIMRead, auth.UserRead},
		Created: made.Created, Expires: f.clock.Now().Add(365 * 24 * time.Hour),
	}, made)

	read, err := f.Token(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, made, read)

	p, err := f.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	require.Equal(t, &auth.Principal{Account: a.ID, Subject: made.ID, Name: made.Name, Scopes: made.Scopes, Method: auth.ByToken}, p)
}

func TestNewTokenIsChecked(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	scim := []auth.Scope{auth.SCIM}
	tests := []struct {
		name    string
		new     registry.NewToken
		message string
	}{
		{"no name", registry.NewToken{Scopes: scim}, `credential name "" is not valid: use 1 to 100 bytes`},
		{"long name", registry.NewToken{Name: strings.Repeat("x", 101), Scopes: scim}, "credential name"},
		{"line break in name", registry.NewToken{Name: "a\nb", Scopes: scim}, "credential name"},
		{"invalid UTF-8", registry.NewToken{Name: "\xff", Scopes: scim}, "credential name"},
		{"no scopes", registry.NewToken{Name: "x"}, "a credential without scopes is not valid: use one or more of scim, scim:read"},
		{"unknown scope", registry.NewToken{Name: "x", Scopes: []auth.Scope{"scim", "root"}},
			`scope "root" is not valid: use one or more of scim, scim:read, scim:write, user:read, user:write, user:delete, ` +
				`user:credential, user:membership, user:global, user:authenticate, account:write, platform:admin`},
		{"empty scope", registry.NewToken{Name: "x", Scopes: []auth.Scope{auth.Open}}, `scope ""`},
		{"lifetime in the past", registry.NewToken{Name: "x", Scopes: scim, Lifetime: -time.Hour}, "credential lifetime"},
		{"no lifetime to speak of", registry.NewToken{Name: "x", Scopes: scim, Lifetime: time.Millisecond}, "credential lifetime"},
		{"lifetime too long", registry.NewToken{Name: "x", Scopes: scim, Lifetime: 900 * 24 * time.Hour},
			`"900d" is not valid: use 1s to 730d, as the policy of the account says`},
		{"lifetime a bit too long", registry.NewToken{Name: "x", Scopes: scim, Lifetime: registry.MaxLifetime + 1},
			`is not valid: use 1s to 730d, as the policy of the account says`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.new.Account = a.ID
			_, secret, err := f.CreateToken(t.Context(), tt.new)
			require.ErrorIs(t, err, registry.ErrInvalid)
			require.ErrorContains(t, err, tt.message)
			require.Empty(t, secret)
			_, err = f.AddToken(t.Context(), tt.new, "development")
			require.ErrorIs(t, err, registry.ErrInvalid)
		})
	}
	list, err := f.ListTokens(t.Context(), a.ID, "", 0)
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestTokenNeedsItsAccount(t *testing.T) {
	f := newFixture(t)
	made, _ := f.token(t, f.account(t, "acme").ID)
	for _, account := range []string{"", "nobody", made.ID} {
		_, _, err := f.CreateToken(t.Context(), registry.NewToken{Account: account, Name: "x", Scopes: []auth.Scope{auth.SCIM}})
		require.ErrorIs(t, err, registry.ErrNotFound, "%q", account)
	}
}

func TestAddToken(t *testing.T) {
	f := newFixture(t)
	acme, other := f.account(t, "acme"), f.account(t, "other")
	n := registry.NewToken{Account: acme.ID, Name: "development", Scopes: []auth.Scope{auth.SCIM}, Lifetime: time.Hour}
	first, err := f.AddToken(t.Context(), n, "dev-token")
	require.NoError(t, err)
	p, err := f.Authenticate(t.Context(), "dev-token")
	require.NoError(t, err)
	require.Equal(t, []auth.Scope{auth.SCIM}, p.Scopes)

	f.clock.Advance(2 * time.Hour)
	_, err = f.Authenticate(t.Context(), "dev-token")
	require.ErrorIs(t, err, auth.ErrUnauthenticated)

	n.Scopes = auth.AccountScopes()
	again, err := f.AddToken(t.Context(), n, "dev-token")
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID, "the next start renews the token")
	require.Equal(t, first.Created, again.Created)
	p, err = f.Authenticate(t.Context(), "dev-token")
	require.NoError(t, err)
	require.Equal(t, auth.AccountScopes(), p.Scopes)

	n.Account = other.ID
	_, err = f.AddToken(t.Context(), n, "dev-token")
	require.ErrorIs(t, err, registry.ErrTaken)

	require.NoError(t, f.RevokeToken(t.Context(), first.ID))
	moved, err := f.AddToken(t.Context(), n, "dev-token")
	require.NoError(t, err, "a revoked token holds no secret any more")
	require.NotEqual(t, first.ID, moved.ID)
	p, err = f.Authenticate(t.Context(), "dev-token")
	require.NoError(t, err)
	require.Equal(t, other.ID, p.Account)
}

func TestAddedSecrets(t *testing.T) {
	minted := token.Format{}.Mint()
	tests := []struct {
		secret auth.Secret
		valid  bool
	}{
		{"12345678", true}, {"AZaz09-._~+/==", true}, {minted, true},
		{auth.Secret(strings.Repeat("x", 512)), true},
		{"", false}, {"1234567", false}, {auth.Secret(strings.Repeat("x", 513)), false},
		{"with a space", false}, {"comma,inside", false}, {"padding=inside", false}, {"========", false},
		{"nicht-äöü", false}, {"NUL\x00inside", false},
		{minted[:30], false}, {minted + "x", false},
	}
	f := newFixture(t)
	a := f.account(t, "acme")
	for _, tt := range tests {
		_, err := f.AddToken(t.Context(), registry.NewToken{Account: a.ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}}, tt.secret)
		if tt.valid {
			require.NoError(t, err, tt.secret.Reveal())
			_, err = f.Authenticate(t.Context(), tt.secret)
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, registry.ErrInvalid, tt.secret.Reveal())
		if tt.secret != "" {
			require.NotContains(t, err.Error(), tt.secret.Reveal())
		}
	}
}

func TestSameSecretAtOnce(t *testing.T) {
	f := newFixture(t)
	accounts := []registry.Account{f.account(t, "acme"), f.account(t, "other")}
	var all sync.WaitGroup
	var added [2]atomic.Int32
	for i := range 8 {
		all.Go(func() {
			_, err := f.AddToken(t.Context(), registry.NewToken{
				Account: accounts[i%2].ID, Name: fmt.Sprint(i), Scopes: []auth.Scope{auth.SCIM},
			}, "development")
			if err == nil {
				added[i%2].Add(1)
			} else if !errors.Is(err, registry.ErrTaken) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.ElementsMatch(t, []int32{0, 4}, []int32{added[0].Load(), added[1].Load()}, "one account has it")
}

func TestListTokens(t *testing.T) {
	f := newFixture(t)
	acme, other := f.account(t, "acme"), f.account(t, "other")
	var ids []string
	for range 5 {
		made, _ := f.token(t, acme.ID)
		ids = append(ids, made.ID)
		f.token(t, other.ID)
	}
	require.NoError(t, f.RevokeToken(t.Context(), ids[1]))
	tests := []struct {
		after string
		limit int
		ids   []string
	}{
		{"", 2, ids[:2]}, {ids[1], 2, ids[2:4]}, {ids[3], 2, ids[4:]}, {ids[4], 2, nil}, {"", 0, ids},
	}
	for _, tt := range tests {
		list, err := f.ListTokens(t.Context(), acme.ID, tt.after, tt.limit)
		require.NoError(t, err)
		var got []string
		for _, tok := range list {
			got = append(got, tok.ID)
			require.Equal(t, acme.ID, tok.Account)
			require.Equal(t, tok.ID == ids[1], !tok.Revoked.IsZero())
		}
		require.Equal(t, tt.ids, got)
	}
	list, err := f.ListTokens(t.Context(), "nobody", "", 10)
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestRevokeToken(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made, secret := f.token(t, a.ID)
	_, err := f.Authenticate(t.Context(), secret)
	require.NoError(t, err)

	require.NoError(t, f.RevokeToken(t.Context(), made.ID))
	_, err = f.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, auth.ErrUnauthenticated)
	revoked, err := f.Token(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, f.clock.Now(), revoked.Revoked)
	require.Equal(t, made.Created, revoked.Created)

	f.clock.Advance(time.Hour)
	require.NoError(t, f.RevokeToken(t.Context(), made.ID), "again")
	again, err := f.Token(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, revoked.Revoked, again.Revoked, "the first time counts")

	for _, id := range []string{"", "nobody", a.ID} {
		require.ErrorIs(t, f.RevokeToken(t.Context(), id), registry.ErrNotFound)
		_, err := f.Token(t.Context(), id)
		require.ErrorIs(t, err, registry.ErrNotFound)
	}
}

func TestTokensWhenTheStoreFails(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	made, _ := f.token(t, a.ID)
	f.store.broken.Store(true)
	n := registry.NewToken{Account: a.ID, Name: "x", Scopes: []auth.Scope{auth.SCIM}}
	_, secret, err := f.CreateToken(t.Context(), n)
	require.ErrorIs(t, err, errBroken)
	require.Empty(t, secret)
	_, err = f.AddToken(t.Context(), n, "development")
	require.ErrorIs(t, err, errBroken)
	_, err = f.Token(t.Context(), made.ID)
	require.ErrorIs(t, err, errBroken)
	_, err = f.ListTokens(t.Context(), a.ID, "", 0)
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, f.RevokeToken(t.Context(), made.ID), errBroken)
	f.store.broken.Store(false)
}
