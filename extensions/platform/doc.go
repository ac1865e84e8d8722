// Package platform serves /v1/platform: what whoever runs the server does with its
// accounts, their settings, tokens and audit. It also has the routes of /v1/account
// by which administrators do the same with their own account, as far as it is
// theirs to do: the same handlers, which then take the account from the token.
//
// It promises: an administrator of an account reaches nothing of another one, and
// what is not there and what is another account's are the same; nobody who calls
// for an account gives, by a token, a rotation, an issuer or a default role, what
// the caller may not do, nor changes what protects the server; a caller cannot
// disable or delete the account that it is in; a secret is shown once.
//
// Rules of accounts and tokens are the registry's. It also writes, in the batch of
// each change, who made it.
package platform
