package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/storage"
)

// TestMerge: pages of any size, behind one another, hold both logs once, in the
// order of time, within the bounds that are asked for.
func TestMerge(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		const n = 40
		f.twoLogs(n)
		at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
		for _, tt := range []struct {
			query audit.Query
			wants func(second int) bool
		}{
			{audit.Query{Account: "acme"}, func(i int) bool { return i%2 == 1 || i%3 != 0 }},
			{audit.Query{Account: "other"}, func(i int) bool { return i%6 == 0 }},
			{audit.Query{Account: storage.System}, func(i int) bool { return i%2 == 0 }},
			{audit.Query{Account: "nobody"}, func(int) bool { return false }},
			{audit.Query{Account: "acme", Types: []string{"user.changed", "user.created"}}, func(i int) bool { return i%2 == 1 }},
			{audit.Query{Account: "acme", Actor: "actor-0"}, func(i int) bool { return i%2 == 0 && i%3 != 0 }},
			{audit.Query{Account: "acme", From: at(7)}, func(i int) bool { return i >= 7 && (i%2 == 1 || i%3 != 0) }},
			{audit.Query{Account: "acme", To: at(8)}, func(i int) bool { return i < 8 && (i%2 == 1 || i%3 != 0) }},
			{audit.Query{Account: "acme", From: at(7).Add(1), To: at(20)}, func(i int) bool { return i > 7 && i < 20 && (i%2 == 1 || i%3 != 0) }},
			{audit.Query{Account: "acme", From: at(-5), To: at(99)}, func(i int) bool { return i%2 == 1 || i%3 != 0 }},
			{audit.Query{Account: "acme", From: at(99)}, func(int) bool { return false }},
			{audit.Query{Account: "acme", To: at(-5)}, func(int) bool { return false }},
			{audit.Query{Account: "acme", From: at(20), To: at(7)}, func(int) bool { return false }},
		} {
			want := []int{}
			for i := 1; i <= n; i++ {
				if tt.wants(i) {
					want = append(want, i)
				}
			}
			for _, tt.query.Descending = range []bool{false, true} {
				for _, tt.query.Limit = range []int{0, 1, 3, 7, n, audit.MaxLimit} {
					require.Equal(t, want, times(f.walk(tt.query)), "%+v", tt.query)
				}
				slices.Reverse(want)
			}
		}
	})
}

// TestRecord: a reader gets all that the log has, and the hashes of its chain.
func TestRecord(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		e := audit.Event(called(t.Context()), "token.created", "acme", map[string]string{"form": "bearer"})
		e.Time = noon
		f.add(storage.System, storage.Event{Type: "first", Time: noon}, e)
		page := f.read(audit.Query{Account: "acme"})
		require.Len(t, page.Records, 1)
		r := page.Records[0]
		require.Equal(t, audit.Record{
			Sequence: 2, Log: audit.SystemLog, Account: "acme", At: noon, Type: "token.created", Subject: "acme",
			Data: r.Data, Previous: f.read(audit.Query{Account: storage.System}).Records[0].Hash, Hash: r.Hash,
		}, r)
		require.Equal(t, audit.Success, r.Data.Outcome)
		require.Equal(t, audit.Actor{ID: "token-1", Name: "Okta <1>", User: "ann", Method: "pat"}, r.Data.Actor)
		require.JSONEq(t, `{"form":"bearer"}`, string(r.Data.Detail))
		require.Equal(t, fmt.Sprintf(`{"sequence":2,"log":"system","account":"acme","at":"2024-02-29T12:00:00.123Z","type":"token.created","subject":"acme",`+
			`"data":{"actor":{"id":"token-1","name":"Okta <1>","user":"ann","method":"pat"},"address":"192.0.2.7","correlationId":"request-1",`+
			`"outcome":"success","detail":{"form":"bearer"}},"previous":"%s","hash":"%s"}`, r.Previous, r.Hash), string(f.export("acme", time.Time{}, time.Time{})[1]))
	})
}

// TestWritesWhileReading: who pages through an audit misses nothing and gets nothing
// twice while more is written; latest first, nothing new comes up in the middle.
func TestWritesWhileReading(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for _, descending := range []bool{false, true} {
			f := *f
			account := storage.Account(fmt.Sprint("account-", descending))
			f.write(account, 1, "x", "")
			f.write(account, 2, "x", "")
			f.write(account, 3, "x", "")
			q := audit.Query{Account: account, Descending: descending, Limit: 1}
			var got []int
			for second := 4; ; second++ {
				p := f.read(q)
				got = append(got, times(p.Records)...)
				if q.After = p.Next; q.After == "" {
					break
				}
				if second < 8 {
					f.write(storage.System, second, "y", string(account))
					f.write(account, second, "x", "")
				}
			}
			if descending {
				require.Equal(t, []int{3, 2, 1}, got)
			} else {
				require.Equal(t, []int{1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7}, got)
			}
		}
	})
}

// TestTimesOutOfOrder: a log stays in its own order, whatever the times of its
// writers are.
func TestTimesOutOfOrder(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for _, second := range []int{5, 3, 9, 8} {
			f.write("acme", second, "x", "")
		}
		f.write(storage.System, 4, "y", "acme")
		f.write(storage.System, 7, "y", "acme")
		for _, limit := range []int{1, 2, 10} {
			require.Equal(t, []int{4, 5, 3, 7, 9, 8}, times(f.walk(audit.Query{Account: "acme", Limit: limit})))
		}
	})
}

func TestBoundsOfReading(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.twoLogs(20)
		cursor := f.read(audit.Query{Account: "acme", Limit: 1}).Next
		for _, q := range []audit.Query{
			{}, {Account: "acme", Limit: -1}, {Account: "acme", Limit: audit.MaxLimit + 1},
			{Account: "acme", After: "x"}, {Account: "acme", After: cursor + ".1"}, {Account: "acme", After: cursor + " "}, {Account: "acme", After: "asc.1.-1"},
			{Account: "acme", After: cursor, Descending: true}, {Account: storage.System, After: cursor}, {Account: "acme", After: "asc.1.zzzzzzzzzzzzzz"},
		} {
			_, err := f.Read(t.Context(), q)
			require.ErrorIs(t, err, audit.ErrInvalid, "%+v", q)
		}
	})
}

// TestRareRecords: a page looks at a bounded number of records, and says where to go
// on.
func TestRareRecords(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.add("acme", make([]storage.Event, 10_500)...)
		f.write("acme", 1, "rare", "")
		page := f.read(audit.Query{Account: "acme", Types: []string{"rare"}})
		require.Empty(t, page.Records)
		page = f.read(audit.Query{Account: "acme", Types: []string{"rare"}, After: page.Next})
		require.Equal(t, []int{1}, times(page.Records))
		require.Empty(t, page.Next)
	})
}

// TestDeletedAccount: what is known of an account outlives it, in both logs.
func TestDeletedAccount(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.twoLogs(10)
		before := f.walk(audit.Query{Account: "acme"})
		require.NoError(t, f.Erase(t.Context(), "acme"))
		require.Equal(t, before, f.walk(audit.Query{Account: "acme"}))
		require.Empty(t, verify(t, f.export("acme", time.Time{}, time.Time{})).Problems)
	})
}

// TestForeignData: data in another form is no obstacle, and exported byte for byte.
func TestForeignData(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		all := []string{"", "null", "confidential", `"a"`, `{"actor":1}`, `{ "actor":{}}`, "{\"a\":\"\xff\"}", "\x00\n", `{"a":"\u003c<` + "\u2028" + `"}`, `[]`, `{"actor":{"id":"a"},"later":{"x":1}}`}
		for _, data := range all {
			f.add("acme", storage.Event{Type: "x", Time: noon, Data: []byte(data)})
		}
		lines := f.export("acme", time.Time{}, time.Time{})
		report := verify(t, lines)
		require.Empty(t, report.Problems)
		require.Equal(t, len(all), report.Records)
		require.Contains(t, string(lines[len(all)]), `"data":{"actor":{"id":"a"},"later":{"x":1}}`)
		require.Equal(t, "a", recordIn(t, lines[len(all)]).Data.Actor.ID)
	})
}
