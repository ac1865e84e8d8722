// Package federation says whose tokens open an account without being its own:
// which issuers it trusts, and what it makes of the claims of their tokens.
//
// It promises that what a token may do is only what the account's table says: a
// claim that is missing, or of another form than expected, gives nothing. It
// verifies no token: the claims it is given must be those of one that was (see
// package oidc).
package federation

import (
	"slices"

	"roster/auth"
)

// Issuer is an issuer of JSON Web Tokens that an account trusts for one audience;
// in JSON, as the settings of the account have it.
type Issuer struct {
	// URL is the `iss` of its tokens, to the letter, and where its keys are found:
	// /.well-known/openid-configuration below it (OpenID Connect Discovery 1.0
	// section 4). Required.
	URL string `json:"issuer"`
	// Audience must be among the `aud` of a token (RFC 9068 section 4). It is to
	// name this server, not a client: or an ID token of that client would do.
	// Required.
	Audience string `json:"audience"`
	// Algorithms are those that tokens may be signed with, of Algorithms. Default
	// RS256.
	Algorithms []string `json:"algorithms,omitempty"`
	// Where restricts what is trusted to tokens with a claim of that value, such as
	// the tenant of an issuer that all tenants share. Default: all tokens.
	Where Match `json:"where,omitzero"`
	// Subject is the claim that tells callers apart, in logs too: one without
	// personal values. Default sub.
	Subject string `json:"subject,omitempty"`
	// Name is the claim that names callers for people. Default: that of Subject.
	Name string `json:"name,omitempty"`
	// User says which user of the account a caller is. Default: none.
	User User `json:"user,omitzero"`
	// Domain is the provisioning domain of callers: 1 to 64 of [a-z0-9._-]. Default:
	// that of the account itself.
	Domain string `json:"domain,omitempty"`
	// Scopes is what callers may do: all that the grants that apply to them give.
	// They may give auth.Roles only with a User.
	Scopes []Grant `json:"scopes,omitempty"`
}

// Match is a claim with a value. A list has each of its texts as a value.
type Match struct {
	Claim string `json:"claim"`
	Value string `json:"value"`
}

// User finds the user with the value of a claim as an attribute: a token with the
// claim opens nothing unless exactly one user has it, who may come in, and one
// without the claim is of no user.
type User struct {
	Claim     string `json:"claim"`
	Attribute string `json:"attribute"` // externalId or userName
}

// Grant gives scopes to tokens with a claim of that value, or to all without a
// claim. The claims scp and scope are lists in one text, separated by spaces (RFC
// 8693 section 4.2).
type Grant struct {
	Claim  string       `json:"claim,omitempty"`
	Value  string       `json:"value,omitempty"`
	Grants []auth.Scope `json:"grants"`
}

// Trust is an issuer with the account that trusts it.
type Trust struct {
	Account string // id
	Issuer
}

// Attributes by which a user is found.
const (
	ExternalID = "externalId"
	UserName   = "userName"
)

const (
	defaultAlgorithm = "RS256"
	defaultSubject   = "sub"
)

// Algorithms lists what tokens may be signed with (RFC 7518 section 3.1, RFC 8037
// section 3.1): only with a private key. So whoever has what verifies a token
// cannot make one.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// Allows reports whether tokens may be signed with an algorithm.
func (i Issuer) Allows(algorithm string) bool {
	if len(i.Algorithms) == 0 {
		return algorithm == defaultAlgorithm
	}
	return slices.Contains(i.Algorithms, algorithm) && slices.Contains(Algorithms(), algorithm)
}
