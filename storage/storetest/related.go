package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Related: conditions on edges.
func Related(t *testing.T, e Engine) {
	o := e.open(t)
	// a holds b and c, c holds d, d holds e; e holds c, which is a cycle.
	b := letters().batch()
	b.Edges = []storage.EdgeChange{{Add: []storage.Edge{
		{Kind: "member", From: "a", To: "b", Data: []byte("Bob")},
		{Kind: "member", From: "a", To: "c", Data: []byte("Cyd")},
		{Kind: "member", From: "c", To: "d"},
		{Kind: "member", From: "d", To: "e"},
		{Kind: "member", From: "e", To: "c", Data: []byte("Bo")},
		{Kind: "member", From: "d", To: "nobody"},
		{Kind: "members", From: "f", To: "b"},
	}}}
	o.apply(b)
	for _, c := range relatedCases() {
		t.Run(describe(c.where), func(t *testing.T) {
			page := o.within(t).query(storage.Query{Type: Person, Where: c.where, Limit: 10, Total: true})
			require.Equal(t, c.want, joinIDs(page.Documents))
			require.Equal(t, len(c.want), page.Total)
		})
	}
}

// relatedCase is a condition and the ids, of one letter each, that it finds.
type relatedCase struct {
	want  string
	where storage.Node
}

// related returns a condition on "member" edges; a text that ends with "+" is
// a transitive one.
func related(text string, dir storage.Direction, id string) *storage.Related {
	return &storage.Related{Kind: "member", Direction: dir, ID: id, Transitive: strings.HasSuffix(text, "+"), Text: text}
}

func relatedCases() []relatedCase {
	out, in := storage.Outbound, storage.Inbound
	bo := related("bo", out, "")
	bo.Match = func(e *storage.Edge) bool { return strings.HasPrefix(string(e.Data), "Bo") }
	boIn := related("bo in", in, "a")
	boIn.Match = func(e *storage.Edge) bool { return e.From == "a" && e.To != "c" }
	x := Tags(Person).Is("x")
	inA, underA := related("in", in, "a"), related("in+", in, "a")
	return []relatedCase{
		{"acde", related("out", out, "")},
		{"bcde", related("in", in, "")},
		{"bc", inA},
		{"ae", related("out", out, "c")},
		{"", related("in", in, "nobody")},
		{"d", related("out", out, "nobody")},
		{"ae", bo},
		{"b", boIn},
		{"bcde", underA},
		{"a", related("out+", out, "b")},
		{"acde", related("out+", out, "nobody")},
		{"", related("in+", in, "absent")},
		// c is in a cycle; whether it is related to itself is left open.
		{"ade", storage.And{related("out+", out, "c"), storage.Not{Node: ID(Person).Is("c")}}},
		{"adef", storage.Not{Node: inA}},
		{"af", storage.Not{Node: underA}},
		{"bc", storage.And{x, inA}},
		{"abc", storage.Or{x, inA}},
		{"a", storage.And{x, storage.Not{Node: underA}}},
		{"de", storage.And{underA, storage.Not{Node: x}}},
		{"bce", storage.Or{inA, storage.And{Note(Person).Present(), related("in", in, "d")}}},
		{"c", storage.And{Note(Person).Present(), inA}},
	}
}
