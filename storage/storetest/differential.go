package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Environment of [Differential].
const (
	seedVariable  = "STORETEST_SEED"  // the seed that a failure printed; else one at random
	stepsVariable = "STORETEST_STEPS" // batches in the history; else 300
)

// Differential lets an engine and a model live through one random history, the
// engine with its store closed and opened again where it is persistent, and
// compares what they say: of every batch its outcome, and every few batches all
// that can be asked. Logs are trimmed and accounts erased meanwhile. A failure
// prints the seed; STORETEST_SEED repeats it, and STORETEST_STEPS makes the history
// longer.
func Differential(t *testing.T, engine, model Engine) {
	seed := number(t, seedVariable, rand.Uint64())
	steps := int(number(t, stepsVariable, 300))
	t.Logf("%s=%d %s=%d", seedVariable, seed, stepsVariable, steps)
	d := newDuel(t, engine, model, seed)
	for step := range steps {
		d.step = step
		d.apply()
		d.forget()
		if step%10 == 9 || step == steps-1 {
			d.compare()
		}
		if engine.Persistent && step%60 == 40 {
			d.reopen()
		}
	}
}

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, "%s must be a number", variable)
	return n
}

// duel is an engine and a model with the same history.
type duel struct {
	t             *testing.T
	engine, model *opened
	random        *generator
	step          int
	accounts      []storage.Account // that can be written to
	erased        []storage.Account
}

func newDuel(t *testing.T, engine, model Engine, seed uint64) *duel {
	random := newGenerator(seed)
	return &duel{
		t:      t,
		engine: engine.openWith(t, random.catalogue()),
		model:  model.openWith(t, random.catalogue()),
		random: random,

		accounts: []storage.Account{"one", "two"},
	}
}

// apply gives a random batch to both.
func (d *duel) apply() {
	account := pick(d.random, d.accounts)
	batch := d.random.batch(d.model.in(account), d.step)
	expected, want := d.model.Apply(background, account, batch)
	receipt, err := d.engine.Apply(background, account, batch)
	note := fmt.Sprintf("step %d: %+v", d.step, batch)
	if want != nil {
		require.ErrorIs(d.t, want, storage.ErrConflict, note)
		require.ErrorIs(d.t, err, storage.ErrConflict, note)
		d.compareConflict(err)
		return
	}
	require.NoError(d.t, err, note)
	require.Equal(d.t, append([]bool{}, expected.Changed...), append([]bool{}, receipt.Changed...), note)
	require.Equal(d.t, expected.Sequence, receipt.Sequence, note)
}

// forget now and then trims a log, often within what was written lately, or
// erases an account, which another one follows.
func (d *duel) forget() {
	account := pick(d.random, slices.Concat(d.erased, d.accounts))
	if d.random.chance(10) {
		last, _ := d.model.in(account).head()
		through := last + 3 - min(last, uint64(d.random.IntN(20)))
		d.model.in(account).trim(through)
		d.engine.in(account).trim(through)
	}
	if d.random.chance(2) {
		at := d.random.IntN(len(d.accounts))
		gone := d.accounts[at]
		d.model.in(gone).erase()
		d.engine.in(gone).erase()
		d.erased = append(d.erased, gone)
		d.accounts[at] = storage.Account(fmt.Sprint("after step ", d.step))
	}
}

func (d *duel) compareConflict(err error) {
	var conflict *storage.ConflictError
	require.True(d.t, errors.As(err, &conflict), "%T is no *ConflictError", err)
	require.NotNil(d.t, conflict.Guard)
}

// compare asks both everything, and random queries.
func (d *duel) compare() {
	for _, account := range slices.Concat(d.erased, d.accounts) {
		model, engine := d.model.in(account), d.engine.in(account)
		require.Equal(d.t, model.state(d.random.names()), engine.state(d.random.names()), "step %d", d.step)
		d.compareApplied(model, engine)
		if slices.Contains(d.erased, account) {
			require.ErrorIs(d.t, model.try(puts("a")), storage.ErrErased)
			require.ErrorIs(d.t, engine.try(puts("a")), storage.ErrErased)
			continue
		}
		for range 40 {
			d.compareQuery(model, engine, d.random.query())
		}
	}
	d.engine.check()
	require.False(d.t, d.t.Failed(), "step %d", d.step)
}

func (d *duel) compareApplied(model, engine *opened) {
	for step := range d.step + 1 {
		id := batchID(step)
		require.Equal(d.t, model.applied(id), engine.applied(id), id)
	}
}

func (d *duel) compareQuery(model, engine *opened, q storage.Query) {
	note := fmt.Sprintf("step %d: %s", d.step, describeQuery(q))
	mine, theirs := q, q
	if at := d.random.place(model); at != nil && d.random.chance(50) {
		mine.After, theirs.After = at.position(model, q.Sort), at.position(engine, q.Sort)
		note += fmt.Sprintf(" after %+v", at)
	}
	want, got := model.query(mine), engine.query(theirs)
	require.Equal(d.t, recordsOf(want.Documents), recordsOf(got.Documents), note)
	require.Equal(d.t, want.Total, got.Total, note)
}

// reopen opens the engine's store with another catalogue, now and then while
// the indexes of the last are still being built.
func (d *duel) reopen() {
	for range 1 + d.random.IntN(2) {
		d.random.declare()
		d.engine.reopen(d.random.catalogue())
	}
	d.compare()
}
