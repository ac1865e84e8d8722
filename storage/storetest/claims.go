package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Claims: a value has one holder.
func Claims(t *testing.T, e Engine) {
	for name, test := range map[string]func(*testing.T, *opened){
		"taken values are refused":        testTaken,
		"any value of any length":         testClaimValues,
		"kept, dropped and replaced":      testClaimSet,
		"swapped in one batch":            testSwap,
		"handed on in one batch":          testHandOn,
		"two of one batch clash":          testClash,
		"a failed batch releases nothing": testKeptOnFailure,
		"a move has the new claims":       testMovedClaims,
	} {
		t.Run(name, func(t *testing.T) { test(t, e.open(t)) })
	}
}

// claiming returns a put of a person that claims values of "name".
func claiming(id string, values ...string) storage.Put {
	p := put(id, named(id))
	for _, v := range values {
		p.Claims = append(p.Claims, storage.Claim{Attribute: "name", Value: []byte(v)})
	}
	return p
}

func batchOf(puts ...storage.Put) storage.Batch { return storage.Batch{Puts: puts} }

func testTaken(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x")))
	wanted := storage.Claim{Attribute: "name", Value: []byte("x"), ID: "b"}
	require.Equal(t, wanted, o.conflict(batchOf(claiming("b", "y", "x"))))
	require.False(t, o.has("b"))
	require.Empty(t, o.owner("name", "y"))
	require.Equal(t, "a", o.owner("name", "x"))

	other := claiming("b")
	other.Claims = []storage.Claim{{Attribute: "mail", Value: []byte("x")}}
	o.apply(batchOf(other))
	require.Equal(t, "b", o.owner("mail", "x"))
	require.Equal(t, "a", o.owner("name", "x"))
}

func testClaimValues(t *testing.T, o *opened) {
	values := append(Values(), strings.Repeat("y", 40_000)+"a", strings.Repeat("y", 40_000)+"b")
	for i, v := range values {
		o.apply(batchOf(claiming(ids()[0]+strings.Repeat("i", i), v)))
	}
	for i, v := range values {
		require.Equal(t, ids()[0]+strings.Repeat("i", i), o.owner("name", v))
		wanted, ok := o.conflict(batchOf(claiming("late", v))).(storage.Claim)
		require.True(t, ok)
		require.Equal(t, v, string(wanted.Value))
		require.Equal(t, "late", wanted.ID)
	}
	require.Empty(t, o.owner("name", strings.Repeat("y", 40_000)))
}

func testClaimSet(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x", "y")))
	o.apply(batchOf(claiming("a", "y", "z")))
	require.Empty(t, o.owner("name", "x"))
	require.Equal(t, "a", o.owner("name", "y"))
	require.Equal(t, "a", o.owner("name", "z"))
	o.apply(batchOf(claiming("b", "x")))
	o.apply(batchOf(claiming("a")))
	require.Empty(t, o.owner("name", "y"))
	o.apply(storage.Batch{Deletes: []storage.Delete{{ID: "b"}}})
	require.Empty(t, o.owner("name", "x"))
	o.apply(batchOf(claiming("c", "x", "y", "z")))
}

func testSwap(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x"), claiming("b", "y")))
	o.apply(batchOf(claiming("a", "y"), claiming("b", "x")))
	require.Equal(t, "a", o.owner("name", "y"))
	require.Equal(t, "b", o.owner("name", "x"))
}

// testHandOn: in either order of the documents.
func testHandOn(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x")))
	o.apply(batchOf(claiming("b", "x"), claiming("a")))
	require.Equal(t, "b", o.owner("name", "x"))
	o.apply(storage.Batch{Puts: []storage.Put{claiming("c", "x")}, Deletes: []storage.Delete{{ID: "b"}}})
	require.Equal(t, "c", o.owner("name", "x"))
	o.apply(batchOf(claiming("c"), claiming("a", "x")))
	require.Equal(t, "a", o.owner("name", "x"))
}

func testClash(t *testing.T, o *opened) {
	wanted, ok := o.conflict(batchOf(claiming("a", "x"), claiming("b", "x"))).(storage.Claim)
	require.True(t, ok)
	require.Contains(t, []string{"a", "b"}, wanted.ID)
	require.Equal(t, "x", string(wanted.Value))
	require.Empty(t, o.owner("name", "x"))
	require.Empty(t, o.find(nil))
}

func testKeptOnFailure(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x"), claiming("b", "y")))
	o.conflict(batchOf(claiming("a"), claiming("c", "x", "y")))
	require.Equal(t, "a", o.owner("name", "x"))
	require.Equal(t, "b", o.owner("name", "y"))
}

func testMovedClaims(t *testing.T, o *opened) {
	o.apply(batchOf(claiming("a", "x", "y")))
	moved := putAs("Removed", "a", named("a"))
	moved.Claims = []storage.Claim{{Attribute: "name", Value: []byte("y")}}
	o.apply(batchOf(moved))
	require.Empty(t, o.owner("name", "x"))
	require.Equal(t, "a", o.owner("name", "y"))
	o.apply(batchOf(claiming("b", "x")))
	o.conflict(batchOf(claiming("a", "x")))
}
