package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/storetest"
)

// Environment of the child of a crash test.
const (
	crashDir   = "BOLT_CRASH_DIR"
	crashRound = "BOLT_CRASH_ROUND"
	crashWork  = "BOLT_CRASH_WORK" // a key of crashWorks
)

// crashWorks are what a child does over and over; each prints what was
// acknowledged, a line for each.
var crashWorks = map[string]func(s *bolt.Store, round, writer, n int) error{
	"write": writeOne, "forget": forgetSome,
}

var bg = context.Background() // of the child, which has no test

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		round, err := strconv.Atoi(os.Getenv(crashRound))
		if err == nil {
			err = workForever(dir, round, crashWorks[os.Getenv(crashWork)])
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crashIndexes differ from round to round, so that some are being built and some
// removed when the process dies.
func crashIndexes(round int) []storage.Index {
	all := storetest.Catalogue()
	return append(all[:round%3:round%3], all[1+round%3:]...)
}

func openSynced(dir string, round int) (*bolt.Store, error) {
	return bolt.Open(bolt.Config{
		Path: filepath.Join(dir, "roster.db"), Indexes: crashIndexes(round), Logger: slog.New(slog.DiscardHandler),
	})
}

func workForever(dir string, round int, work func(s *bolt.Store, round, writer, n int) error) error {
	s, err := openSynced(dir, round)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for writer := range 8 {
		go func() {
			for n := 0; ; n++ {
				if err := work(s, round, writer, n); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// writeOne creates a person with all that belongs to it, and now and then a team
// with many members that goes at once. It prints the person's name.
func writeOne(s *bolt.Store, round, writer, n int) error {
	name := fmt.Sprintf("%d-%d-%d", round, writer, n)
	p := put(storetest.Person, name, storetest.Body{Name: []byte(name), Tags: [][]byte{[]byte("tag")}})
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte(name)}}
	_, err := s.Apply(bg, account, storage.Batch{
		ID:      name,
		Guards:  []storage.Guard{storage.Absent{ID: name}},
		Puts:    []storage.Put{p},
		Edges:   []storage.EdgeChange{{Add: []storage.Edge{{Kind: "member", From: "everybody", To: name}}}},
		Effects: storage.Effects{Events: []storage.Event{{Type: "created", Subject: name}}, Counters: []storage.CounterStep{{Name: "created", Delta: 1}}},
	})
	if err != nil {
		return err
	}
	fmt.Println(name)
	if n%50 != 25 {
		return nil
	}
	team := "team " + name
	var edges []storage.Edge
	for i := range 400 {
		edges = append(edges, storage.Edge{Kind: "member", From: team, To: fmt.Sprint(i)})
	}
	if _, err := s.Apply(bg, account, storage.Batch{
		Puts: []storage.Put{put(storetest.Team, team, storetest.Body{})}, Edges: []storage.EdgeChange{{Add: edges}},
	}); err != nil {
		return err
	}
	_, err = s.Apply(bg, account, storage.Batch{Deletes: []storage.Delete{{ID: team}}})
	return err
}

// TestCrash: a process that writes is killed again and again; all that it
// acknowledged is there, with all that follows from it, and nothing else is
// wrong.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []string
	for round := range 4 {
		acknowledged = append(acknowledged, killed(t, "write", dir, round, 250)...)
		s, err := openSynced(dir, round+1)
		require.NoError(t, err)
		requireAcknowledged(t, s, acknowledged)
		if round%2 == 1 {
			require.NoError(t, s.Ready(t.Context()))
		}
		require.NoError(t, s.Check(t.Context(), func(problem string) { t.Error(problem) }))
		require.NoError(t, s.Close())
	}
}

// killed runs a process that works until it has acknowledged so much, and returns
// what it acknowledged until it died.
func killed(t *testing.T, work, dir string, round, after int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashWork+"="+work, crashDir+"="+dir, crashRound+"="+fmt.Sprint(round))
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	var complaint strings.Builder
	child.Stderr = &complaint
	require.NoError(t, child.Start())
	defer func() { _ = child.Wait() }() // it was killed
	var names []string
	var kill sync.Once
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // a line without an end was not printed completely
		}
		require.NoError(t, err)
		if names = append(names, strings.TrimSpace(line)); len(names) >= after {
			kill.Do(func() { require.NoError(t, child.Process.Kill()) })
		}
	}
	require.GreaterOrEqual(t, len(names), after, complaint.String())
	return names
}

func requireAcknowledged(t *testing.T, s *bolt.Store, names []string) {
	t.Helper()
	require.NoError(t, s.View(bg, account, func(v storage.Snapshot) error {
		for _, name := range names {
			_, err := v.Get(bg, name)
			require.NoError(t, err)
			owner, err := v.Owner(bg, "name", []byte(name))
			require.NoError(t, err)
			require.Equal(t, name, owner)
			groups, err := v.CountEdges(bg, "member", storage.Inbound, name)
			require.NoError(t, err)
			require.Equal(t, 1, groups)
		}
		created, err := v.Counter(bg, "created")
		require.NoError(t, err)
		require.GreaterOrEqual(t, int(created), len(names))
		last, err := v.Events(bg, storage.EventQuery{After: uint64(created) - 1, Limit: 10})
		require.NoError(t, err)
		require.Len(t, last, 1)
		members, err := v.CountEdges(bg, "member", storage.Outbound, "everybody")
		require.NoError(t, err)
		require.EqualValues(t, created, members)
		return nil
	}))
	applied, err := s.Applied(bg, account, names[len(names)-1])
	require.NoError(t, err)
	require.True(t, applied)
}
