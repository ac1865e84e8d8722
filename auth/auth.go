// Package auth says who calls and what they may do. It knows neither SCIM nor
// storage; the packages below it find out who calls (httpauth, oauth, oidc), keep
// what that needs (registry) and tell who did what (audit).
package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Scope is a permission that a token carries.
type Scope string

// The scopes. SCIM is short for both SCIM scopes.
const (
	SCIM             Scope = "scim"
	SCIMRead         Scope = "scim:read"
	SCIMWrite        Scope = "scim:write"
	UserRead         Scope = "user:read"
	UserWrite        Scope = "user:write"
	UserDelete       Scope = "user:delete"
	UserCredential   Scope = "user:credential"
	UserMembership   Scope = "user:membership"
	UserGlobal       Scope = "user:global"
	UserAuthenticate Scope = "user:authenticate"
	AccountWrite     Scope = "account:write"
	PlatformAdmin    Scope = "platform:admin"
	// Roles stands for what the roles of the principal's user allow, whatever they
	// are at the time of a request.
	Roles Scope = "roles"
	// Open marks a route that needs no principal.
	Open Scope = ""
)

// AccountScopes lists every scope of an account, each for itself: without SCIM and
// Roles, which stand for others, and without PlatformAdmin.
func AccountScopes() []Scope {
	return []Scope{SCIMRead, SCIMWrite, UserRead, UserWrite, UserDelete, UserCredential,
		UserMembership, UserGlobal, UserAuthenticate, AccountWrite}
}

// AdministratorScopes lists what an administrator of an account may do there: all
// that is the account's own.
func AdministratorScopes() []Scope {
	return slices.DeleteFunc(AccountScopes(), func(s Scope) bool { return s == UserGlobal })
}

// Principal is who calls: always in exactly one account.
type Principal struct {
	Account string  // id of the account
	Subject string  // id of the token or user, for logs and audit
	Name    string  // what the token is called, for people
	User    string  // id of the resource that the token belongs to, "" if to none
	Scopes  []Scope // as granted
	// Domain is the provisioning domain whose external ids it sees and sets (RFC
	// 7643 section 3.1), "" for the one that the account has by itself.
	Domain string
	Method Method // how it showed who it is
}

// Method is a way of showing who one is.
type Method string

// The methods.
const (
	ByToken       Method = "token"       // of the server
	ByPAT         Method = "pat"         // personal access token of a machine user
	ByOIDC        Method = "oidc"        // access token of an issuer that the account trusts
	ByOAuth       Method = "oauth"       // access token of the server's own token endpoint
	ByCertificate Method = "certificate" // of the client, in the TLS handshake
	ByCommand     Method = "command"     // of the operator, on the machine itself
)

// Has reports whether the principal may use a route with that scope.
func (p *Principal) Has(s Scope) bool {
	if s == Open || slices.Contains(p.Scopes, s) {
		return true
	}
	return (s == SCIMRead || s == SCIMWrite) && slices.Contains(p.Scopes, SCIM)
}

// ErrUnauthenticated: the credential is unknown, malformed, expired or revoked.
// Which of them is not told.
var ErrUnauthenticated = errors.New("the credential is not valid")

// ErrDisabled: the credential is valid, but its account is disabled.
var ErrDisabled = errors.New("the account is disabled")

// Authenticator turns a bearer credential into a principal. It fails with
// ErrUnauthenticated, or with another error if it could not find out. Beside
// ErrDisabled it may say who it is. It may be called concurrently.
type Authenticator interface {
	Authenticate(ctx context.Context, credential Secret) (*Principal, error)
}

// Secret is a text that no log and no format verb prints.
type Secret string

const hidden = "[secret]"

func (Secret) String() string             { return hidden }
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }
func (Secret) LogValue() slog.Value       { return slog.StringValue(hidden) }

// MarshalText keeps a secret out of JSON. Use Reveal where it must be shown.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

type contextKey struct{}

// WithPrincipal returns a context that carries who calls, for logs and routes.
func WithPrincipal(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// PrincipalFrom returns who calls, nil if nobody was authenticated.
func PrincipalFrom(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}
