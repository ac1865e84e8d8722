package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

var noon = time.Date(2024, 2, 29, 12, 0, 0, int(123*time.Millisecond), time.UTC)

// fixture is an engine with the readers on it.
type fixture struct {
	storage.Store
	audit.Log
	t testing.TB
}

// onEachEngine runs a test on each engine, which is checked in the end.
func onEachEngine(t *testing.T, test func(*testing.T, *fixture)) {
	for name, open := range map[string]func() (storage.Store, error){
		"memory": func() (storage.Store, error) { return memory.New(nil), nil },
		"bolt": func() (storage.Store, error) {
			return bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), NoSync: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := open()
			require.NoError(t, err)
			t.Cleanup(func() {
				require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
				require.NoError(t, store.Close())
			})
			test(t, &fixture{Store: store, Log: audit.Log{Store: store}, t: t})
		})
	}
}

// write adds an event to a log, so many seconds after noon.
func (f *fixture) write(log storage.Account, seconds int, typ, subject string) {
	f.t.Helper()
	f.add(log, storage.Event{Time: noon.Add(time.Duration(seconds) * time.Second), Type: typ, Subject: subject,
		Data: fmt.Appendf(nil, `{"actor":{"id":"actor-%d","name":"<&>"}}`, seconds%2)})
}

func (f *fixture) add(log storage.Account, events ...storage.Event) {
	f.t.Helper()
	_, err := f.Apply(context.Background(), log, storage.Batch{Effects: storage.Effects{Events: events}})
	require.NoError(f.t, err)
}

// twoLogs writes what happened to the accounts acme and other, second by second:
// odd seconds are changes in acme, even ones are of the system, every third of them
// about the other account.
func (f *fixture) twoLogs(seconds int) {
	for i := 1; i <= seconds; i++ {
		switch {
		case i%2 == 1:
			f.write("acme", i, "user.changed", fmt.Sprint("user-", i%3))
		case i%3 == 0:
			f.write(storage.System, i, "token.created", "other")
		default:
			f.write(storage.System, i, "token.created", "acme")
		}
	}
}

// times are the seconds after noon of records.
func times(records []audit.Record) []int {
	all := []int{}
	for _, r := range records {
		all = append(all, int(r.At.Sub(noon)/time.Second))
	}
	return all
}

func (f *fixture) read(q audit.Query) audit.Page {
	f.t.Helper()
	p, err := f.Log.Read(context.Background(), q)
	require.NoError(f.t, err)
	return p
}

// walk goes through all pages.
func (f *fixture) walk(q audit.Query) (all []audit.Record) {
	f.t.Helper()
	for {
		p := f.read(q)
		require.LessOrEqual(f.t, len(p.Records), max(q.Limit, audit.DefaultLimit))
		all = append(all, p.Records...)
		if q.After = p.Next; q.After == "" {
			return all
		}
	}
}

// export returns the lines of an export.
func (f *fixture) export(account storage.Account, from, to time.Time) [][]byte {
	f.t.Helper()
	var b bytes.Buffer
	require.NoError(f.t, f.Export(context.Background(), &b, account, from, to))
	return bytes.SplitAfter(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\n"))
}

func verify(t testing.TB, lines [][]byte, known ...audit.Head) audit.Report {
	t.Helper()
	report, err := audit.Verify(bytes.NewReader(bytes.Join(lines, nil)), known...)
	require.NoError(t, err)
	return report
}

func recordIn(t testing.TB, line []byte) (r audit.Record) {
	t.Helper()
	require.NoError(t, json.Unmarshal(line, &r))
	return r
}
