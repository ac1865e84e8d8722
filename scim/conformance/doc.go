// Package conformance checks whether a SCIM server does what RFC 7643, RFC 7644
// and RFC 9865 ask of it, from outside: it needs a URL and a token.
//
// It first reads what the server says of itself, and leaves out what the server
// does not support; that is reported as skipped, never as passed. It makes the
// users and groups that it needs, with random names, looks at nothing else, and
// deletes them at the end, also after a failure or when it is interrupted. The
// number of requests is fixed and the time is bounded.
//
// # Checks
//
// A check is a step of a script in checks/ (the format is that of package
// script), a rule that every response of the run is held to, or a comparison of
// what discovery gives. Its name is that of the script and the step, such as
// "create: POST answers 201". It names the requirements that it shows; a
// requirement is kept if all its checks that could run passed.
//
// # The register
//
// testdata/requirements/ has every requirement of the RFCs that a server can be
// held to, one file for each RFC, with lines of these forms:
//
//	# a comment
//	== RFC 7644 section 3.3: Creating Resources
//	7644-3.3-b SHALL A successful creation answers 201.
//	  check create: POST answers 201
//	  test scim/provider.TestCreate
//	  pending bulk
//	  undone why a SHOULD is not followed
//	  untestable why no test can show it
//	  note how the text is understood
//
// An identifier is the RFC, the section and a letter. The level is the word of
// the RFC; behind one with NOT stands what must not be. Then come what shows the
// requirement: checks of this package, and Go tests for what cannot be seen from
// outside. The lines with check are written by "go test ./scim/conformance
// -update", from the scripts.
package conformance
