// Package archtest holds the import law of ARCHITECTURE.md: its test reads the
// imports of every Go file of the module and refuses what the law does not
// allow. It parses the files itself, in the test's own process, so that go test
// sees them as inputs and never answers from its cache after a breach.
//
// A new package, or a new dependency, needs a row in law_test.go. That is the
// moment to ask whether it belongs there.
package archtest
