package bolt_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
)

// The benchmarks keep users of about 1 KB with six indexes. Their stores are
// filled without syncs; the measured writes have them.

const benchAccount storage.Account = "bench"

// field is the n-th line of the body of a user; an empty one is no value.
func field(n int) func(*storage.Document) ([][]byte, []byte) {
	return func(d *storage.Document) ([][]byte, []byte) {
		rest := d.Body
		for range n {
			_, rest, _ = bytes.Cut(rest, []byte("\n"))
		}
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		if len(line) == 0 {
			return nil, nil
		}
		value := bytes.Clone(line)
		return [][]byte{value}, value
	}
}

var fields = []string{"userName", "displayName", "email", "department", "active", "title"}

func userIndexes() []storage.Index {
	var indexes []storage.Index
	for i, name := range fields {
		indexes = append(indexes, storage.Index{Type: "User", Name: "User:" + name, Extract: field(i), Multi: name == "email"})
	}
	return indexes
}

func user(n int) storage.Put {
	body := fmt.Appendf(nil, "user%07d@example.com\nDisplay %07d\nmail%07d@example.com\ndepartment %d\n%t\n", n, n, n, n%50, n%7 != 0)
	body = append(body, bytes.Repeat([]byte("\nx"), 400)...)
	id := storage.NewID()
	created, _ := storage.IDTime(id)
	return storage.Put{Document: storage.Document{
		Type: "User", ID: id, Version: "1", Created: created, Modified: created, Body: body,
		Claims: []storage.Claim{{Attribute: "User:userName", Value: fmt.Appendf(nil, "user%07d@example.com", n)}},
	}}
}

func equal(name string, value string) *storage.Leaf {
	values := field(slices.Index(fields, name))
	return &storage.Leaf{
		Index: "User:" + name, Op: storage.Equal, Value: []byte(value), Text: "User:" + name + " eq",
		Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
			found, _ := values(d)
			return len(found) > 0 && string(found[0]) == value, nil
		},
	}
}

// filled returns a store with n users and their ids.
func filled(b *testing.B, n int) (*bolt.Store, []string) {
	b.Helper()
	config := bolt.Config{Path: filepath.Join(b.TempDir(), "roster.db"), Indexes: userIndexes(), Logger: slog.New(slog.DiscardHandler), NoSync: true}
	s, err := bolt.Open(config)
	require.NoError(b, err)
	var ids []string
	for len(ids) < n {
		var batch storage.Batch
		for range min(1000, n-len(ids)) {
			p := user(len(ids))
			ids = append(ids, p.ID)
			batch.Puts = append(batch.Puts, p)
		}
		_, err := s.Apply(b.Context(), benchAccount, batch)
		require.NoError(b, err)
	}
	require.NoError(b, s.Close())
	config.NoSync = false
	s, err = bolt.Open(config)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s, ids
}

// sizes runs a benchmark on a small and a large store: a lookup should cost the
// same in both.
func sizes(b *testing.B, run func(b *testing.B, s *bolt.Store, ids []string)) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
			s, ids := filled(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, s, ids)
		})
	}
}

func BenchmarkGet(b *testing.B) {
	sizes(b, func(b *testing.B, s *bolt.Store, ids []string) {
		for i := range b.N {
			err := s.View(b.Context(), benchAccount, func(v storage.Snapshot) error {
				_, err := v.Get(b.Context(), ids[i*7919%len(ids)])
				return err
			})
			require.NoError(b, err)
		}
	})
}

func BenchmarkQuery(b *testing.B) {
	sizes(b, func(b *testing.B, s *bolt.Store, ids []string) {
		for _, q := range []struct {
			name  string
			where storage.Node
			query storage.Query
		}{
			{name: "userName eq", where: equal("userName", "user0000776@example.com")},
			{name: "eq and eq", where: storage.And{equal("active", "true"), equal("userName", "user0000776@example.com")}},
			{name: "department eq and not active", where: storage.And{equal("department", "department 7"), storage.Not{Node: equal("active", "true")}}},
			{name: "all", where: nil},
			{name: "all by userName", query: storage.Query{Sort: &storage.Sort{Index: "User:userName"}}},
			{name: "all deep", query: storage.Query{Offset: len(ids) - 20}},
			{name: "co", where: &storage.Leaf{Index: "User:userName", Op: storage.Contains, Value: []byte("0776@"), Text: "co"}},
		} {
			b.Run(q.name, func(b *testing.B) {
				q.query.Type, q.query.Where, q.query.Limit, q.query.Total = "User", q.where, 10, true
				b.ReportAllocs()
				for range b.N {
					err := s.View(b.Context(), benchAccount, func(v storage.Snapshot) error {
						page, err := v.Query(b.Context(), q.query)
						require.NotEmpty(b, page.Documents)
						return err
					})
					require.NoError(b, err)
				}
			})
		}
	})
}

// BenchmarkPage: behind a position a page costs what the first one costs, however
// far down it is. An offset is there to compare with.
//
// BENCH_USERS sets how many users there are.
func BenchmarkPage(b *testing.B) {
	users := 100_000
	if text := os.Getenv("BENCH_USERS"); text != "" {
		var err error
		users, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	s, _ := filled(b, users)
	ordered := func(index string, descending bool) *storage.Sort {
		if index == "" {
			return &storage.Sort{Descending: descending}
		}
		values := field(slices.Index(fields, index))
		return &storage.Sort{Index: "User:" + index, Descending: descending, Key: func(d *storage.Document) []byte {
			_, key := values(d)
			return key
		}}
	}
	for _, order := range []struct {
		name  string
		where storage.Node
		by    *storage.Sort
	}{
		{"by creation", nil, ordered("", false)},
		{"by creation, descending", nil, ordered("", true)},
		{"by userName", nil, ordered("userName", false)},
		{"by userName, descending", nil, ordered("userName", true)},
		{"of one department", equal("department", "department 7"), nil},
		{"active", equal("active", "true"), nil},
		{"active, descending", equal("active", "true"), ordered("", true)},
		{"active by userName", equal("active", "true"), ordered("userName", false)},
	} {
		b.Run(order.name, func(b *testing.B) {
			q := storage.Query{Type: "User", Where: order.where, Sort: order.by, Limit: 10}
			total := pageOf(b, s, storage.Query{Type: "User", Where: order.where, Total: true}).Total
			deep := q
			deep.Offset = total * 9 / 10
			last := pageOf(b, s, deep).Documents[0]
			far := q
			far.After = &storage.Position{Ordinal: last.Ordinal}
			if q.Sort != nil && q.Sort.Key != nil {
				far.After.Key = q.Sort.Key(last)
			}
			for _, page := range []struct {
				name  string
				query storage.Query
			}{{"first", q}, {"after", far}, {"offset", deep}} {
				b.Run(page.name, func(b *testing.B) {
					b.ReportAllocs()
					for range b.N {
						require.Len(b, pageOf(b, s, page.query).Documents, 10)
					}
				})
			}
		})
	}
}

func pageOf(b *testing.B, s *bolt.Store, q storage.Query) (page storage.Page) {
	b.Helper()
	require.NoError(b, s.View(b.Context(), benchAccount, func(v storage.Snapshot) (err error) {
		page, err = v.Query(b.Context(), q)
		return err
	}))
	return page
}

func BenchmarkCreate(b *testing.B) {
	sizes(b, func(b *testing.B, s *bolt.Store, ids []string) {
		var n atomic.Int64
		n.Store(int64(len(ids)))
		for _, writers := range []int{1, 64} {
			b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
				b.ReportAllocs()
				parallel(b, writers, func() {
					p := user(int(n.Add(1)))
					_, err := s.Apply(b.Context(), benchAccount, storage.Batch{
						Guards: []storage.Guard{storage.Absent{ID: p.ID}}, Puts: []storage.Put{p},
					})
					require.NoError(b, err)
				})
			})
		}
	})
}

// parallel does the work b.N times by so many goroutines.
func parallel(b *testing.B, workers int, work func()) {
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan struct{})
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for left.Add(-1) >= 0 {
				work()
			}
		}()
	}
	for range workers {
		<-done
	}
}

// BenchmarkAddMember: adding to a group costs the same, however large it is.
func BenchmarkAddMember(b *testing.B) {
	for _, members := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			s, ids := filled(b, 100_000)
			group := storage.Put{Document: storage.Document{Type: "Group", ID: storage.NewID(), Version: "1"}}
			change := storage.EdgeChange{}
			for _, id := range ids[:members] {
				change.Add = append(change.Add, storage.Edge{Kind: "member", From: group.ID, To: id, Data: []byte("display name")})
			}
			_, err := s.Apply(b.Context(), benchAccount, storage.Batch{Puts: []storage.Put{group}, Edges: []storage.EdgeChange{change}})
			require.NoError(b, err)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				to := storage.NewID()
				_, err := s.Apply(b.Context(), benchAccount, storage.Batch{Edges: []storage.EdgeChange{{
					Add: []storage.Edge{{Kind: "member", From: group.ID, To: to, Data: []byte("display name")}},
					IfChanged: storage.Effects{
						Touches: []storage.Touch{{ID: group.ID, Stamp: storage.Stamp{Version: to[:8]}}},
					},
				}}})
				require.NoError(b, err)
			}
		})
	}
}
