// Package filter understands filters (RFC 7644 section 3.4.2.2), the paths of
// PATCH operations (section 3.5.2) and attribute names (section 3.10).
//
// Work goes in two steps. [Parse], [ParsePath] and [ParseAttributePath] turn
// text into the syntax tree of github.com/scim2/filter-parser/v2, which only this
// package imports; [Print] turns it back. [Bind] and [BindPath] resolve the names
// of a tree against a resource type and its literals into normal forms, which
// yields what [Match] evaluates and what queries are planned from.
//
// Promises: nothing that a client sends panics, and reading is linear in the
// length of the text, which is bounded before it is read, as is nesting while it
// is. Errors are *scim.Error (found with errors.As) that say where and what was
// expected; they hold names that were sent but no values.
//
// Beyond the grammar it accepts what clients send: names, operators and words in
// any case, more than one blank, any filter inside the brackets of a value path,
// a sub-attribute behind them, `$` and `_` in names and URNs, and a dot instead
// of the colon behind a URN.
package filter
