package storage_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

func TestNewIDSortsByCreation(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = storage.NewID()
	}
	require.True(t, slices.IsSorted(ids))
	require.Len(t, slices.Compact(ids), 1000)
	require.Len(t, ids[0], 36)
}

func TestIDTime(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	created, ok := storage.IDTime(storage.NewID())
	require.True(t, ok)
	require.Equal(t, time.UTC, created.Location())
	require.False(t, created.Before(before))
	require.WithinDuration(t, before, created, time.Minute)

	created, ok = storage.IDTime("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") // RFC 9562 appendix A.6
	require.True(t, ok)
	require.Equal(t, time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC), created)

	for _, id := range []string{"", "a", "919108f7-52d1-4320-9bac-f847db4148a8", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "\x00\xff"} {
		_, ok := storage.IDTime(id)
		require.False(t, ok, "%q", id)
	}
}

func TestIDPrefix(t *testing.T) {
	id := storage.NewID()
	created, _ := storage.IDTime(id)
	require.Equal(t, id[:13], storage.IDPrefix(created))
	require.Less(t, storage.IDPrefix(created), id)
	require.Less(t, storage.IDPrefix(created.Add(-time.Millisecond)), id)
	require.Greater(t, storage.IDPrefix(created.Add(time.Millisecond)), id)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.UnixMilli(0), "00000000-0000"},
		{time.UnixMilli(-1), "00000000-0000"},
		{time.Time{}, "00000000-0000"},
		{time.UnixMilli(0xffff), "00000000-ffff"},
		{time.UnixMilli(0x10000), "00000001-0000"},
		{time.UnixMilli(0x123456789abc), "12345678-9abc"},
	} {
		require.Equal(t, c.want, storage.IDPrefix(c.at))
	}
}

func TestConflictError(t *testing.T) {
	err := fmt.Errorf("apply: %w", &storage.ConflictError{Guard: storage.Absent{ID: "a"}})
	require.ErrorIs(t, err, storage.ErrConflict)
	require.NotErrorIs(t, err, storage.ErrNotFound)
	var conflict *storage.ConflictError
	require.True(t, errors.As(err, &conflict))
	require.Equal(t, storage.Absent{ID: "a"}, conflict.Guard)
	require.Equal(t, "conflict: storage.Absent does not hold", conflict.Error())
}

func TestOpString(t *testing.T) {
	var names []string
	for op := storage.Present; op <= storage.GreaterOrEqual; op++ {
		names = append(names, op.String())
	}
	require.Equal(t, []string{"pr", "eq", "sw", "ew", "co", "lt", "le", "gt", "ge"}, names)
}

func TestDecodedOnce(t *testing.T) {
	calls := 0
	decode := func(d *storage.Document) any {
		calls++
		return string(d.Body)
	}
	d := &storage.Document{Body: []byte("body")}
	require.Equal(t, "body", d.Decoded(decode))
	require.Equal(t, "body", d.Decoded(decode))
	require.Equal(t, 1, calls)
}

// TestValidate: a batch that no state could take is refused by every engine.
func TestValidate(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 300))
	document := func(d storage.Document) storage.Batch { return storage.Batch{Puts: []storage.Put{{Document: d}}} }
	edge := func(e storage.Edge) storage.Batch {
		return storage.Batch{Edges: []storage.EdgeChange{{Remove: []storage.Edge{e}}}}
	}
	stamp := &storage.Stamp{Version: long}
	for name, b := range map[string]storage.Batch{
		"long batch id":       {ID: long},
		"no id":               document(storage.Document{Type: "User"}),
		"long id":             document(storage.Document{Type: "User", ID: long}),
		"no type":             document(storage.Document{ID: "a"}),
		"long type":           document(storage.Document{Type: long, ID: "a"}),
		"long version":        document(storage.Document{Type: "User", ID: "a", Version: long}),
		"claim of nothing":    document(storage.Document{Type: "User", ID: "a", Claims: []storage.Claim{{}}}),
		"twice":               {Deletes: []storage.Delete{{ID: "a"}, {ID: "a"}}},
		"long stamp":          {Deletes: []storage.Delete{{ID: "a", Neighbours: stamp}}},
		"long touch":          {Effects: storage.Effects{Touches: []storage.Touch{{ID: "a", Stamp: *stamp}}}},
		"edge from nothing":   edge(storage.Edge{Kind: "k", To: "a"}),
		"edge to nothing":     edge(storage.Edge{Kind: "k", From: "a"}),
		"edge of no kind":     edge(storage.Edge{From: "a", To: "b"}),
		"long side record":    {Sides: []storage.Side{{ID: "a", Name: long}}},
		"counter of no name":  {Effects: storage.Effects{Counters: []storage.CounterStep{{}}}},
		"message of no queue": {Enqueue: []storage.Message{{ID: "a"}}},
		"message of no id":    {Enqueue: []storage.Message{{Queue: "a"}}},
		"effect's long touch": {Edges: []storage.EdgeChange{{IfChanged: storage.Effects{Touches: []storage.Touch{{ID: "a", Stamp: *stamp}}}}}},
	} {
		require.Error(t, b.Validate("acme"), name)
	}
	require.ErrorContains(t, (&storage.Batch{}).Validate(""), "account")
	require.NoError(t, (&storage.Batch{}).Validate("acme"))
}

// TestChain: the hashes are those of the documented bytes, computed elsewhere.
func TestChain(t *testing.T) {
	first := &storage.Event{
		Sequence: 1, Time: time.Date(2024, 2, 29, 12, 0, 0, 123_999_999, time.UTC),
		Type: "user.created", Subject: "a", Data: []byte("{}"), Hash: []byte("is not looked at"),
	}
	hash := storage.Chain(nil, first)
	require.Equal(t, "ccd42eb4be7be5c70b8217c796a69ed391e2657ff7f840168001ace869dacadf", hex.EncodeToString(hash))
	require.Equal(t, hash, storage.Chain(make([]byte, 32), first))
	second := storage.Chain(hash, &storage.Event{Sequence: 2, Time: time.UnixMilli(-1)})
	require.Equal(t, "5b3d97c9200b766a16885022e89fa5299d33fe203b08a2a8f2fd422fd46e30fe", hex.EncodeToString(second))
}

// TestChainIsUnambiguous: no two events that differ have the same hash, also
// where their parts read the same one after another.
func TestChainIsUnambiguous(t *testing.T) {
	at := time.UnixMilli(0)
	seen := make(map[string]storage.Event)
	for _, e := range []storage.Event{
		{Time: at}, {Time: at, Sequence: 1}, {Time: at.Add(time.Millisecond)},
		{Time: at, Type: "ab"}, {Time: at, Subject: "ab"}, {Time: at, Data: []byte("ab")},
		{Time: at, Type: "a", Subject: "b"}, {Time: at, Type: "a", Data: []byte("b")}, {Time: at, Subject: "a", Data: []byte("b")},
		{Time: at, Type: "\x00"}, {Time: at, Subject: "\x00"}, {Time: at, Data: []byte{0}},
	} {
		for _, previous := range [][]byte{nil, bytes.Repeat([]byte{1}, 32)} {
			hash := string(storage.Chain(previous, &e))
			require.NotContains(t, seen, hash, "%+v", e)
			seen[hash] = e
		}
	}
}

func TestEventJSON(t *testing.T) {
	text, err := storage.EventJSON(map[string]any{"b": json.RawMessage(`[ 1,  2 ]`), "a": "<&>\n\u2028"})
	require.NoError(t, err)
	require.Equal(t, `{"a":"<&>\n\u2028","b":[1,2]}`, string(text))
	_, err = storage.EventJSON(json.RawMessage("{"))
	require.Error(t, err)
}
