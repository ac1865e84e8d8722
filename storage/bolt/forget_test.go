package bolt_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/storetest"
)

// What forgetSome does: in each turn it logs so many events, which takes a few
// steps to trim, and creates so many persons, which takes a few to remove.
const (
	forgetEvents = 1_500
	forgetPeople = 100
)

// forgetter is the account of one turn of one writer.
func forgetter(turn string) storage.Account { return storage.Account("forgetter " + turn) }

// forgetSome takes a turn: it writes twice, trims all but the events of the second
// time, and erases. Each line says for an account what was acknowledged.
func forgetSome(s *bolt.Store, round, writer, n int) error {
	turn := fmt.Sprintf("%d-%d-%d", round, writer, n)
	account := forgetter(turn)
	for half := range uint64(2) {
		if err := forgetHalf(s, account, half); err != nil {
			return err
		}
		fmt.Println("written", turn, (half+1)*forgetEvents)
	}
	if err := s.Trim(bg, account, forgetEvents); err != nil {
		return err
	}
	fmt.Println("trimmed", turn, forgetEvents)
	if err := s.Erase(bg, account); err != nil {
		return err
	}
	fmt.Println("erased", turn, 2*forgetEvents)
	return nil
}

func forgetHalf(s *bolt.Store, account storage.Account, half uint64) error {
	var b storage.Batch
	for i := range forgetPeople {
		b.Puts = append(b.Puts, put(storetest.Person, fmt.Sprintf("%d-%d", half, i), storetest.Body{Name: []byte("n")}))
	}
	for range forgetEvents {
		b.Events = append(b.Events, storage.Event{Type: "happened", Subject: fmt.Sprint(half)})
	}
	_, err := s.Apply(bg, account, b)
	return err
}

// forgotten is what was acknowledged of an account, as sequences: an erasure has
// that of the last event before it.
type forgotten map[string]uint64

func acknowledged(t *testing.T, all map[string]forgotten, lines []string) {
	t.Helper()
	for _, line := range lines {
		var what, turn string
		var sequence uint64
		_, err := fmt.Sscan(line, &what, &turn, &sequence)
		require.NoError(t, err, line)
		if all[turn] == nil {
			all[turn] = make(forgotten)
		}
		all[turn][what] = sequence
	}
}

// TestCrashForgetting: a process that trims and erases is killed again and again.
// What it acknowledged to be gone is gone, also for writers, what it did not trim
// is there, and nothing is half erased.
func TestCrashForgetting(t *testing.T) {
	dir := t.TempDir()
	all := make(map[string]forgotten)
	for round := range 4 {
		acknowledged(t, all, killed(t, "forget", dir, round, 25+10*round))
		s, err := openSynced(dir, round+1)
		require.NoError(t, err)
		for turn, f := range all {
			requireForgotten(t, s, forgetter(turn), f)
		}
		if round%2 == 1 {
			require.NoError(t, s.Ready(t.Context()))
		}
		require.NoError(t, s.Check(t.Context(), func(problem string) { t.Error(problem) }))
		require.NoError(t, s.Close())
	}
}

func requireForgotten(t *testing.T, s *bolt.Store, account storage.Account, f forgotten) {
	t.Helper()
	if f["erased"] > 0 {
		require.ErrorIs(t, forgetHalf(s, account, 2), storage.ErrErased)
	}
	require.NoError(t, s.View(bg, account, func(v storage.Snapshot) error {
		last, hash, err := v.Head(bg)
		require.NoError(t, err)
		require.GreaterOrEqual(t, last, f["written"])
		require.Zero(t, last%forgetEvents)
		log, err := v.Events(bg, storage.EventQuery{Limit: 10 * forgetEvents})
		require.NoError(t, err)
		require.Greater(t, log[0].Sequence, f["trimmed"])
		require.LessOrEqual(t, log[0].Sequence, last-forgetEvents+1)
		require.Equal(t, hash, log[len(log)-1].Hash)
		page, err := v.Query(bg, storage.Query{Type: storetest.Person, Total: true})
		require.NoError(t, err)
		if last == f["erased"] {
			require.Zero(t, page.Total)
		}
		require.Zero(t, page.Total%forgetPeople)
		return nil
	}))
}
