// Package rest makes JSON APIs of tables of routes.
//
// It promises: a request reaches a handler only if it is exactly as its route
// says, so a member or parameter that nobody reads is a refusal and no silence;
// every refusal is a problem document (RFC 9457) with a stable code; the document
// at /openapi.json below the root is made of the same table of routes and the same
// Go types as decoding and encoding, so it says what the server does. An error
// that is no refusal is logged, and told to nobody.
//
// What the routes do, and which codes they refuse with, is their API's to say.
package rest
