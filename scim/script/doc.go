// Package script reads and plays HTTP scripts: sessions of SCIM clients as text
// that people can read, review and write. It needs no testing package, so a
// command may play a session against any server; package scimtest runs the same
// scripts in tests.
//
// A script is a preamble and steps. Lines that start with # are comments.
//
//	# Okta looks a user up, and does not find it.
//	profile: default
//	let user = okta.{{random}}@example.com
//	> Accept: application/scim+json
//	body> Content-Type: application/scim+json; charset=utf-8
//
//	=== Look the user up
//	# Anything but a list stops the assignment.
//	> GET /Users?filter=userName%20eq%20%22{{url user}}%22&startIndex=1&count=100
//	< 200
//	{"totalResults": 0}
//
//	=== Create the user
//	> POST /Users
//	{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "{{user}}"}
//	< 201
//	< Location: <any -> location>
//	< body -> created
//	{"id": "<string -> id>", "userName": "{{user}}", "password": "<absent>"}
//
//	--- Clean up
//	> DELETE /Users/{{id}}
//	< 204
//
// # Preamble
//
// `profile:` names the profile of the account that the script is for. `let`
// binds a variable once, before the first step. `settings:` is a JSON object of
// settings that the account must have. `> Name: value` is a header of
// every request, `body> Name: value` of every request with a body. `needs: words`
// names what the server must have for all of the steps.
//
// A file may hold several scripts, each behind a line with its heading; what stands
// before the first heading belongs to each of them ([ParseAll]):
//
//	*** Okta asks for a user
//
// # Steps
//
// `===` opens a step that the client really sends, `---` one that the script
// needs around it: to prepare, to look closer, to clean up. The comment below
// says why the client would stop. Behind the comment may stand
//
//	shows: 7644-3.3-a 7644-3.3-b
//	needs: bulk
//
// the requirements that the step shows, and what the server must have for it;
// without that the step is skipped. What the words mean is up to who plays the
// script.
//
// The request target follows the base URL and is sent exactly as written, with
// its escapes and with a trailing ? or &. A step's header replaces that of the
// preamble; the value <none> leaves it out. `Authorization: Bearer {{token}}` is
// sent unless the step or the preamble says otherwise. The body is what stands
// between the headers and the line with the status.
//
// The status may be a choice (`< 200 | 204`); a response without a body is then
// not compared with the expected one. `< body -> name` keeps the whole body.
// `< {{function argument}} = value` compares, after the response, what a function
// or a variable comes to.
//
// # Expected values
//
// The expected body is JSON. Of an object only the members that are written are
// compared, after `< 200 exactly` all of them. A list must have the same
// elements in any order, for SCIM's lists have none; with "<in order>" as its
// first element they must be in that order, with "<and others>" there may be
// more of them, and behind "<each>" stands what all of them must match. A server
// may have extensions that nobody knows: one that a resource says it has, and that
// is not expected, is left out. A string in angle brackets says something about a
// value, also in a header:
//
//	"<any>" "<string>" "<number>" "<boolean>" "<object>" "<array>" "<time>"
//	"<absent>" "<absent or text>" "<time moment>" "<empty>" "<not text>" "<contains text>" "<lacks text>"
//	"<match regular expression>"
//
// Each may keep what it matched: "<string -> id>". A string that is nothing but
// a variable stands for what was kept, of whatever kind.
//
// # Variables and functions
//
//	{{base}} {{token}}    of the server under test
//	{{random}}            letters and digits, the same during one run
//	{{uuid}}              another one wherever it is written
//	{{name}}              set by let, or kept from a response
//	{{url name}}          percent-encoded         {{upper name}}  {{lower name}}
//	{{repeat 1000 text}}  text, as often          {{byte C3}}     a raw byte
//	                      (or as often as a variable says)
//	{{basic name name}}   the two joined by a colon, in base64
//
// Whoever plays the script may add others ([Function]), such as for what a server
// sends by mail.
//
// In a request body the value of a variable is escaped to fit into a JSON
// string; one that was kept from a list or an object is written as JSON.
package script
