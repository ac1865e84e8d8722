package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// background is for calls that nothing ends.
var background = context.Background()

// noon is a time of the tests, which look at no clock.
var noon = time.Date(2024, 2, 29, 12, 0, 0, int(123*time.Millisecond), time.UTC)

// put returns the writing of a person.
func put(id string, b Body) storage.Put { return putAs(Person, id, b) }

func putAs(typ, id string, b Body) storage.Put {
	return storage.Put{Document: storage.Document{
		Type: typ, ID: id, Version: "v1", Created: noon, Modified: noon, Body: b.Encode(),
	}}
}

// named returns a body with that name.
func named(name string) Body { return Body{Name: []byte(name)} }

// puts returns a batch that writes persons whose names are their ids.
func puts(ids ...string) storage.Batch {
	var b storage.Batch
	for _, id := range ids {
		b.Puts = append(b.Puts, put(id, named(id)))
	}
	return b
}

// apply applies a batch that must succeed.
func (o *opened) apply(b storage.Batch) storage.Receipt {
	o.t.Helper()
	receipt, err := o.Apply(background, o.account, b)
	require.NoError(o.t, err)
	return receipt
}

// refuse applies a batch that must fail, and returns its error.
func (o *opened) refuse(b storage.Batch) error {
	o.t.Helper()
	_, err := o.Apply(background, o.account, b)
	require.Error(o.t, err)
	return err
}

// conflict applies a batch whose guard must fail, and returns that guard.
func (o *opened) conflict(b storage.Batch) storage.Guard {
	o.t.Helper()
	err := o.refuse(b)
	require.ErrorIs(o.t, err, storage.ErrConflict)
	var conflict *storage.ConflictError
	require.True(o.t, errors.As(err, &conflict), "%T is no *ConflictError", err)
	return conflict.Guard
}

// view reads with a snapshot.
func (o *opened) view(read func(storage.Snapshot)) {
	o.t.Helper()
	require.NoError(o.t, o.View(background, o.account, func(s storage.Snapshot) error {
		read(s)
		return nil
	}))
}

// get returns a document that must be there.
func (o *opened) get(id string) *storage.Document {
	o.t.Helper()
	var found *storage.Document
	o.view(func(s storage.Snapshot) {
		d, err := s.Get(background, id)
		require.NoError(o.t, err, "get %q", id)
		found = d
	})
	return found
}

// has tells whether a document is there.
func (o *opened) has(id string) bool {
	o.t.Helper()
	var has bool
	o.view(func(s storage.Snapshot) {
		_, err := s.Get(background, id)
		if err != nil {
			require.ErrorIs(o.t, err, storage.ErrNotFound)
		}
		has = err == nil
	})
	return has
}

// query answers a query that must succeed.
func (o *opened) query(q storage.Query) storage.Page {
	o.t.Helper()
	var page storage.Page
	o.view(func(s storage.Snapshot) {
		var err error
		page, err = s.Query(background, q)
		require.NoError(o.t, err)
	})
	return page
}

// everything is a limit above what any test stores.
const everything = 1_000_000

// find returns the ids of all persons for which the condition holds, in order
// of creation.
func (o *opened) find(where storage.Node) []string {
	o.t.Helper()
	return idsOf(o.query(storage.Query{Type: Person, Where: where, Limit: everything}).Documents)
}

func idsOf(documents []*storage.Document) []string {
	ids := []string{}
	for _, d := range documents {
		ids = append(ids, d.ID)
	}
	return ids
}

// counter returns a counter.
func (o *opened) counter(name string) int64 {
	o.t.Helper()
	var n int64
	o.view(func(s storage.Snapshot) {
		var err error
		n, err = s.Counter(background, name)
		require.NoError(o.t, err)
	})
	return n
}

// owner returns the holder of a claim, "" for nobody.
func (o *opened) owner(attribute, value string) string {
	o.t.Helper()
	var owner string
	o.view(func(s storage.Snapshot) {
		id, err := s.Owner(background, attribute, []byte(value))
		if err != nil {
			require.ErrorIs(o.t, err, storage.ErrNotFound)
		}
		owner = id
	})
	return owner
}

// events returns the log.
func (o *opened) events() []storage.Event {
	o.t.Helper()
	var events []storage.Event
	o.view(func(s storage.Snapshot) {
		var err error
		events, err = s.Events(background, storage.EventQuery{Limit: everything})
		require.NoError(o.t, err)
	})
	return events
}

// others returns the ids at the other end of the edges of a kind at an id.
func (o *opened) others(kind string, dir storage.Direction, id string) []string {
	o.t.Helper()
	ids := []string{}
	o.view(func(s storage.Snapshot) {
		edges, err := s.Edges(background, kind, dir, id, "", 0)
		require.NoError(o.t, err)
		for _, e := range edges {
			ids = append(ids, otherEnd(e, dir))
		}
		n, err := s.CountEdges(background, kind, dir, id)
		require.NoError(o.t, err)
		require.Len(o.t, edges, n, "CountEdges")
	})
	return ids
}

func otherEnd(e storage.Edge, dir storage.Direction) string {
	if dir == storage.Inbound {
		return e.From
	}
	return e.To
}

// edges returns edges of the kind "member" from an id.
func edges(from string, to ...string) []storage.Edge {
	var all []storage.Edge
	for _, id := range to {
		all = append(all, storage.Edge{Kind: "member", From: from, To: id})
	}
	return all
}

// add returns a batch that adds edges without effects.
func add(edges ...storage.Edge) storage.Batch {
	return storage.Batch{Edges: []storage.EdgeChange{{Add: edges}}}
}

func drop(edges ...storage.Edge) storage.Batch {
	return storage.Batch{Edges: []storage.EdgeChange{{Remove: edges}}}
}

func sorted(ids []string) []string {
	ids = append([]string{}, ids...)
	slices.Sort(ids)
	return ids
}

func reversed(ids []string) []string {
	ids = append([]string{}, ids...)
	slices.Reverse(ids)
	return ids
}
