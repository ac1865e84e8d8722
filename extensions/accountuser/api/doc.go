// Package api serves /v1/account: what is done with the users of an account that
// SCIM has no words for. Verbs are strict where SCIM is idempotent, secrets are
// shown once, and answers have the form that the account systems of old had.
//
// How it is served, and what it promises about requests, refusals and its own
// description at /v1/account/openapi.json, is package rest's. Nothing here decides
// anything: rules are the model's, and hold for SCIM alike.
//
// A handler speaks for one account, that of the token; routes without a token
// take it from the one-time token that they redeem.
package api
