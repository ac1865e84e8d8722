package bolt

import (
	"bytes"
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// FuzzEntryOrder: entries are in the order of their values, as far as those are
// kept, and then of their ordinals; and only equal values have equal entries.
func FuzzEntryOrder(f *testing.F) {
	long := bytes.Repeat([]byte("x"), maxValue)
	for _, pair := range [][2][]byte{
		{nil, {}}, {{0}, {0, 0}}, {{0}, {1}}, {{0, 0xff}, {0, 1}}, {[]byte("a"), []byte("a\x00")},
		{long, append(long, 0)}, {append(long, 'a'), append(long, 'b')}, {bytes.Repeat([]byte{0}, maxValue+1), long},
	} {
		f.Add(pair[0], pair[1], uint32(1), uint32(2))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, i, j uint32) {
		left := entryKey(appendValue(sectionKey(7, present), a), i)
		right := entryKey(appendValue(sectionKey(7, present), b), j)
		order := bytes.Compare(kept(a), kept(b))
		switch {
		case bytes.Equal(a, b):
			require.Equal(t, cmp.Compare(i, j), bytes.Compare(left, right))
		case order != 0:
			require.Equal(t, order, bytes.Compare(left, right))
		default: // alike as far as they are kept: a cut one follows a whole one
			require.False(t, bytes.Equal(left[:len(left)-4], right[:len(right)-4]))
			if len(a) == maxValue || len(b) == maxValue {
				require.Equal(t, cmp.Compare(len(a), len(b)), bytes.Compare(left, right))
			}
		}
		value, ordinal, cut := splitEntry(left)
		require.True(t, bytes.Equal(kept(a), value))
		require.Equal(t, i, ordinal)
		require.Equal(t, len(a) > maxValue, cut)
		require.True(t, bytes.HasPrefix(left, appendEscaped(sectionKey(7, present), kept(a))))
	})
}

func kept(value []byte) []byte { return value[:min(len(value), maxValue)] }

// FuzzKeys: keys of several parts give them back, do not mix them up, and keep
// the order of the last one.
func FuzzKeys(f *testing.F) {
	f.Add("member", "a", "b", "c")
	f.Add("", "a\x00", "\xff", strings.Repeat("i", 300))
	f.Fuzz(func(t *testing.T, kind, id, a, b string) {
		left, right := edgeKey(kind, id, a), edgeKey(kind, id, b)
		require.Equal(t, strings.Compare(a, b), bytes.Compare(left, right))
		k, i, o, ok := splitEdgeKey(left)
		require.True(t, ok)
		require.Equal(t, []string{kind, id, a}, []string{string(k), string(i), string(o)})

		typ, ordinal, ok := splitDocumentKey(documentKey(kind, uint32(len(id))))
		require.True(t, ok)
		require.Equal(t, kind, string(typ))
		require.EqualValues(t, len(id), ordinal)
		splitDocumentKey([]byte(a)) // does not panic on anything
		splitEdgeKey([]byte(b))
	})
}

// FuzzRecord: a record gives its document back, and no bytes make decode panic.
func FuzzRecord(f *testing.F) {
	f.Add("User", "id", "v1", []byte("value"), []byte("body"), int64(-1))
	f.Fuzz(func(t *testing.T, typ, id, v string, value, body []byte, ms int64) {
		ms %= 1 << 50
		d := &storage.Document{
			Type: typ, ID: id, Ordinal: 7, Version: v, Revision: 3,
			Created: time.UnixMilli(ms).UTC(), Modified: time.UnixMilli(-ms).UTC(),
			Claims: []storage.Claim{{Attribute: typ, Value: append([]byte{}, value...), ID: id}, {Attribute: v, Value: []byte{}, ID: id}},
			Body:   append([]byte{}, body...),
		}
		record := encode(d)
		found, err := decode(typ, 7, record)
		require.NoError(t, err)
		require.Equal(t, d, found)
		for _, damage := range [][]byte{body, value, record[:len(record)/2], append([]byte{recordVersion}, body...)} {
			_, _ = decode(typ, 7, damage)
		}
		_, _ = decodeEvent(1, body)
		decodeEdge(body)
		decodeSweep(body)
	})
}

// TestTimes: keys keep the order of times before 1970 too.
func TestTimes(t *testing.T) {
	var last []byte
	for _, ms := range []int64{-1 << 45, -1, 0, 1, 1 << 45} {
		key := appendTime(nil, time.UnixMilli(ms))
		require.Negative(t, bytes.Compare(last, key))
		require.Equal(t, time.UnixMilli(ms).UTC(), parseTime(key))
		last = key
	}
	require.Equal(t, time.Time{}, parseTime(appendTime(nil, time.Time{})))
}

func TestSuccessor(t *testing.T) {
	for prefix, want := range map[string][]byte{
		"": nil, "a": []byte("b"), "a\xff": []byte("b"), "\xff\xff": nil, "a\xfe\xff": []byte("a\xff"),
	} {
		require.Equal(t, want, successor([]byte(prefix)), "%q", prefix)
	}
}

// TestClaimKeys: values of any length are told apart, with keys of bounded length.
func TestClaimKeys(t *testing.T) {
	seen := make(map[string]bool)
	for _, n := range []int{0, 1, 32, maxClaim - 1, maxClaim, maxClaim + 1, 1 << 20} {
		for _, c := range []string{"a", "b"} {
			key := claimKey("User:userName", []byte(strings.Repeat(c, n)))
			require.LessOrEqual(t, len(key), maxClaim+20)
			require.Equal(t, n == 0 && c == "b", seen[string(key)])
			seen[string(key)] = true
		}
	}
}
