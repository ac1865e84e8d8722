package bolt

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/storetest"
)

// everything returns a batch with something of everything.
func everything() storage.Batch {
	p := testPut(storetest.Person, "p1")
	p.Body = storetest.Body{Name: []byte("ada"), Tags: [][]byte{[]byte("a"), []byte("b")}}.Encode()
	p.Claims = []storage.Claim{{Attribute: "name", Value: []byte("ada")}}
	return storage.Batch{
		Puts:    []storage.Put{p, testPut(storetest.Team, "t1")},
		Edges:   []storage.EdgeChange{{Add: []storage.Edge{{Kind: "member", From: "t1", To: "p1"}}}},
		Sides:   []storage.Side{{ID: "p1", Name: "password", Data: []byte("x")}},
		Enqueue: []storage.Message{{Queue: "mail", ID: "m1", Body: []byte("x")}},
		Effects: storage.Effects{Events: []storage.Event{{Type: "one"}, {Type: "two", Subject: "p1"}}},
	}
}

// TestCheckFinds: each kind of disagreement is found.
func TestCheckFinds(t *testing.T) {
	person, team := documentKey(storetest.Person, 1), documentKey(storetest.Team, 2)
	for name, test := range map[string]struct {
		damage func(*account)
		want   string
	}{
		"nothing":                   {func(*account) {}, ""},
		"a document is gone":        {func(a *account) { a.remove(documents, team) }, "more ids"},
		"a document is damaged":     {func(a *account) { a.put(documents, team, []byte{1, 2, 3}) }, "damaged"},
		"a document has a bad key":  {func(a *account) { a.put(documents, []byte{200}, nil) }, "damaged key"},
		"a document is too new":     {func(a *account) { a.put(documents, documentKey("x", 9), a.in(documents).get(team)) }, "ordinal 9"},
		"an id is gone":             {func(a *account) { a.remove(ids, []byte("t1")) }, "not found by its id"},
		"an id is of another":       {func(a *account) { a.put(ids, []byte("t1"), person) }, "not found by its id"},
		"an id is too much":         {func(a *account) { a.put(ids, []byte("t2"), team) }, "more ids"},
		"a claim is gone":           {func(a *account) { a.remove(claims, claimKey("name", []byte("ada"))) }, `claim of name by "p1"`},
		"a claim is too much":       {func(a *account) { a.put(claims, claimKey("name", nil), []byte("p1")) }, "other claims"},
		"a set lacks one":           {func(a *account) { a.setLive(storetest.Person, 1, false) }, "not in the set"},
		"a set has another":         {func(a *account) { a.setLive(storetest.Person, 2, true) }, "2 in its set"},
		"a count is wrong":          {func(a *account) { a.put(live, typeKey(storetest.Person), number(9)) }, "9 by its count"},
		"an entry is gone":          {func(a *account) { a.remove(entries, a.in(entries).first(span{})) }, "lacks an entry"},
		"an entry is too much":      {func(a *account) { a.put(entries, entryKey(sectionKey(1, missing), 7), nil) }, "has 2 entries"},
		"an entry is of no index":   {func(a *account) { a.put(entries, entryKey(sectionKey(99, missing), 1), nil) }, "no index"},
		"a side record is stray":    {func(a *account) { a.put(sides, sideKey("p9", "x"), nil) }, "which is not there"},
		"the first event is gone":   {func(a *account) { a.remove(events, sequenceKey(1)) }, "event 2 follows 0"},
		"the last event is gone":    {func(a *account) { a.remove(events, sequenceKey(2)) }, "the log ends with event 1"},
		"an event is damaged":       {func(a *account) { a.put(events, sequenceKey(2), []byte("x")) }, "event 2 is damaged"},
		"a history lacks an event":  {func(a *account) { a.remove(histories, a.in(histories).first(span{})) }, `event 2 is not in the history of "p1"`},
		"a history has another":     {func(a *account) { a.put(histories, append(historyKey("p1"), sequenceKey(1)...), nil) }, "more than the 1 events"},
		"a message is gone":         {func(a *account) { a.remove(messages, a.in(messages).first(span{})) }, "not in its queue"},
		"a message is not found":    {func(a *account) { a.remove(dues, dueKey("mail", "m1")) }, "more messages"},
		"an edge lacks an end":      {func(a *account) { a.remove(inbound, edgeKey("member", "p1", "t1")) }, "differs by direction"},
		"an edge is of two epochs":  {func(a *account) { a.put(inbound, edgeKey("member", "p1", "t1"), edge{epoch: 5}.encode()) }, "differs by direction"},
		"an edge is not counted":    {func(a *account) { a.remove(inbound, edgePrefix("member", "p1")) }, "where none is noted"},
		"edges are counted wrongly": {func(a *account) { a.put(outbound, edgePrefix("member", "t1"), number(2)) }, "2 edges are noted"},
		"an edge has a bad key":     {func(a *account) { a.put(outbound, []byte{200}, nil) }, "damaged key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openQuiet(t, t.TempDir(), storetest.Catalogue()...)
			require.NoError(t, s.Ready(t.Context()))
			mustApply(t, s, everything())
			_, err := s.writer.do(t.Context(), 0, func(w *writing) error {
				test.damage(w.account(testAccount))
				return nil
			})
			require.NoError(t, err)
			found := ""
			require.NoError(t, s.Check(t.Context(), func(problem string) { found += problem + "\n" }))
			if test.want == "" {
				require.Empty(t, found)
			} else {
				require.Contains(t, found, `account "acme": `)
				require.Contains(t, found, test.want)
			}
			require.NoError(t, s.Close())
		})
	}
}
