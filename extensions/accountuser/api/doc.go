// Package api serves /v1/account: what is done with the users of an account that
// SCIM has no words for. Verbs are strict where SCIM is idempotent, secrets are
// shown once, and answers have the form that the account systems of old had.
//
// It promises: a request reaches the domain only if it is exactly as its route
// says, so a member or parameter that nobody reads is a refusal and no silence;
// every refusal is a problem document (RFC 9457) with a stable code; the
// document at /v1/account/openapi.json is made of the same table of routes and
// the same Go types as decoding and encoding, so it says what the server does.
// Nothing here decides anything: rules are the model's, and hold for SCIM alike.
//
// A handler speaks for one account, that of the token; routes without a token
// take it from the one-time token that they redeem.
package api
