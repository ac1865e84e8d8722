// Package storetest is the conformance suite of storage engines: what package
// [storage] promises, as tests, for every engine alike.
//
// It tests the contract and nothing that an engine happens to do. [Run] runs
// all of it; each theme can be run apart. [Differential] lets an engine and a
// model live through one random history and compares their answers.
//
// Every test ends by closing the store, after a check with [storage.Checker]
// where the engine has it.
package storetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Engine is what the suite needs to know of an engine.
type Engine struct {
	// Open returns the store that is kept in dir, which exists and is empty at
	// first, with that catalogue of indexes. It fails the test if it cannot.
	// The suite closes the store. Required.
	Open func(t testing.TB, dir string, indexes []storage.Index) storage.Store
	// Persistent engines keep what was applied: the suite closes them and opens
	// the same dir again, also with another catalogue.
	Persistent bool
}

// Run runs every theme of the suite as a subtest.
func Run(t *testing.T, e Engine) {
	for _, theme := range []struct {
		name string
		test func(*testing.T, Engine)
	}{
		{"Documents", Documents},
		{"Shapes", Shapes},
		{"Guards", Guards},
		{"Claims", Claims},
		{"Edges", Edges},
		{"Reach", Reach},
		{"Queries", Queries},
		{"Related", Related},
		{"Sorting", Sorting},
		{"Paging", Paging},
		{"Checks", Checks},
		{"Sides", Sides},
		{"Counters", Counters},
		{"Events", Events},
		{"Logs", Logs},
		{"Messages", Messages},
		{"Accounts", Accounts},
		{"Erasing", Erasing},
		{"Atomicity", Atomicity},
		{"Concurrency", Concurrency},
		{"Lifecycle", Lifecycle},
		{"Reopening", Reopening},
	} {
		t.Run(theme.name, func(t *testing.T) { theme.test(t, e) })
	}
}

// opened is a store under test, with the account that the test works in.
type opened struct {
	storage.Store
	t       testing.TB
	engine  Engine
	dir     string
	account storage.Account
}

// open returns an empty store with the usual catalogue. It is checked and
// closed when the test ends.
func (e Engine) open(t testing.TB) *opened { return e.openWith(t, Catalogue()) }

func (e Engine) openWith(t testing.TB, indexes []storage.Index) *opened {
	t.Helper()
	o := &opened{t: t, engine: e, dir: t.TempDir(), account: "acme"}
	o.Store = e.Open(t, o.dir, indexes)
	t.Cleanup(o.finish)
	return o
}

// reopen closes the store and opens it again, of a persistent engine.
func (o *opened) reopen(indexes []storage.Index) {
	o.t.Helper()
	o.check()
	require.NoError(o.t, o.Close())
	o.Store = o.engine.Open(o.t, o.dir, indexes)
}

// finish allows for a test that closed the store itself.
func (o *opened) finish() {
	o.check()
	if err := o.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
		o.t.Errorf("close: %v", err)
	}
}

func (o *opened) check() {
	o.t.Helper()
	c, ok := o.Store.(storage.Checker)
	if !ok {
		return
	}
	err := c.Check(background, func(problem string) { o.t.Errorf("check: %s", problem) })
	if err != nil && !errors.Is(err, storage.ErrClosed) {
		o.t.Errorf("check: %v", err)
	}
}

// within returns the same store for a subtest.
func (o *opened) within(t testing.TB) *opened {
	other := *o
	other.t = t
	return &other
}

// in returns the same store, working in another account.
func (o *opened) in(account storage.Account) *opened {
	other := *o
	other.account = account
	return &other
}
