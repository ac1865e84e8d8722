package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Sides: records beside a document.
func Sides(t *testing.T, e Engine) {
	t.Run("written and removed", func(t *testing.T) { testSides(t, e.open(t)) })
	t.Run("listed", func(t *testing.T) { testSideNames(t, e.open(t)) })
	t.Run("of any size", func(t *testing.T) { testLargeSide(t, e.open(t)) })
}

// side returns a side record that must be there.
func (o *opened) side(id, name string) string {
	o.t.Helper()
	var data []byte
	o.view(func(s storage.Snapshot) {
		var err error
		data, err = s.Side(background, id, name)
		require.NoError(o.t, err)
	})
	return string(data)
}

// sides lists names of side records.
func (o *opened) sides(id, prefix, after string, limit int) []string {
	o.t.Helper()
	var names []string
	o.view(func(s storage.Snapshot) {
		var err error
		names, err = s.Sides(background, id, prefix, after, limit)
		require.NoError(o.t, err)
	})
	return append([]string{}, names...)
}

func testSides(t *testing.T, o *opened) {
	o.apply(storage.Batch{
		Puts:  puts("a", "a\x00").Puts,
		Sides: []storage.Side{{ID: "a", Name: "s", Data: []byte("1")}, {ID: "a\x00", Name: "s", Data: []byte("2")}},
	})
	before := recordOf(o.get("a"))
	require.Equal(t, "1", o.side("a", "s"))
	require.Equal(t, "2", o.side("a\x00", "s"))
	o.apply(storage.Batch{Sides: []storage.Side{{ID: "a", Name: "s", Data: []byte("3")}, {ID: "a", Name: "empty", Data: []byte{}}}})
	require.Equal(t, "3", o.side("a", "s"))
	require.Empty(t, o.side("a", "empty"), "nil removes, empty is a record")
	require.Equal(t, before, recordOf(o.get("a")), "side records are no part of the document")
	o.apply(storage.Batch{Sides: []storage.Side{{ID: "a", Name: "s"}, {ID: "a", Name: "absent"}}})
	require.Equal(t, []string{"empty"}, o.sides("a", "", "", 0))
	o.view(func(s storage.Snapshot) {
		_, err := s.Side(background, "a", "s")
		require.ErrorIs(t, err, storage.ErrNotFound)
	})
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "a"}}})
	require.Empty(t, o.sides("a", "", "", 0))
	require.Equal(t, "2", o.side("a\x00", "s"))
	o.apply(puts("a"))
	require.Empty(t, o.sides("a", "", "", 0), "side records are not revived")
}

func testSideNames(t *testing.T, o *opened) {
	names := []string{"m", "m\x00", "m:", "m:a", "m:b", "m:\xff", "m;", "n", "\xff", "\xff\xff", strings.Repeat("n", 256)}
	b := puts("a")
	for _, name := range names {
		b.Sides = append(b.Sides, storage.Side{ID: "a", Name: name, Data: []byte(name)})
	}
	o.apply(b)
	require.Equal(t, sorted(names), o.sides("a", "", "", 0))
	require.Equal(t, []string{"m:", "m:a", "m:b", "m:\xff"}, o.sides("a", "m:", "", 0))
	require.Equal(t, []string{"m:b", "m:\xff"}, o.sides("a", "m:", "m:a", 0))
	require.Equal(t, []string{"m:b"}, o.sides("a", "m:", "m:a", 1))
	require.Equal(t, []string{"m:", "m:a"}, o.sides("a", "m:", "a", 2))
	require.Empty(t, o.sides("a", "m:", "n", 0))
	require.Equal(t, []string{"\xff", "\xff\xff"}, o.sides("a", "\xff", "", 0))
	require.Equal(t, sorted(names)[:3], o.sides("a", "", "", 3))
	require.Empty(t, o.sides("b", "", "", 0))
	for _, name := range names {
		require.Equal(t, name, o.side("a", name))
	}
}

func testLargeSide(t *testing.T, o *opened) {
	large := strings.Repeat("0123456789", 50_000)
	b := puts("a")
	b.Sides = []storage.Side{{ID: "a", Name: "large", Data: []byte(large)}}
	o.apply(b)
	require.Equal(t, large, o.side("a", "large"))
}
