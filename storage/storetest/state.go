package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// names is all that a test may have written.
type names struct {
	ids, types, kinds, attributes, values, counters, queues []string
}

// state is all that an account can be asked for under some names.
type state struct {
	Documents map[string]record
	Lists     map[string][]string // type -> ids in order of creation
	Owners    map[string]string
	Sides     map[string]string
	Edges     map[string][]line
	Reach     map[string][]storage.Reached
	Counters  map[string]int64
	Events    []entry
	Head      string             // sequence and hash
	Histories map[string][]entry // id -> latest first
	Messages  map[string][]letter
}

// state reads everything in one snapshot.
func (o *opened) state(n names) state {
	o.t.Helper()
	var st state
	o.view(func(s storage.Snapshot) {
		r := reader{o, s}
		st = state{
			Documents: r.documents(n), Lists: r.lists(n), Owners: r.owners(n), Sides: r.sides(n),
			Edges: r.edges(n), Reach: r.reach(n), Counters: r.counters(n), Messages: r.messages(n),
			Events: r.events(), Head: r.head(), Histories: r.histories(n),
		}
	})
	return st
}

// reader reads parts of a state.
type reader struct {
	*opened
	storage.Snapshot
}

// there asserts that an error is none or ErrNotFound, and tells which.
func (r reader) there(err error) bool {
	r.t.Helper()
	if !errors.Is(err, storage.ErrNotFound) {
		require.NoError(r.t, err)
	}
	return err == nil
}

func (r reader) documents(n names) map[string]record {
	all := map[string]record{}
	for _, id := range n.ids {
		d, err := r.Get(background, id)
		if r.there(err) {
			all[id] = recordOf(d)
		}
	}
	return all
}

func (r reader) lists(n names) map[string][]string {
	all := map[string][]string{}
	for _, typ := range n.types {
		page, err := r.Query(background, storage.Query{Type: typ, Limit: everything})
		require.NoError(r.t, err)
		all[typ] = idsOf(page.Documents)
	}
	return all
}

func (r reader) owners(n names) map[string]string {
	all := map[string]string{}
	for _, attribute := range n.attributes {
		for _, value := range n.values {
			id, err := r.Owner(background, attribute, []byte(value))
			if r.there(err) {
				all[attribute+" "+value] = id
			}
		}
	}
	return all
}

func (r reader) sides(n names) map[string]string {
	all := map[string]string{}
	for _, id := range n.ids {
		found, err := r.Sides(background, id, "", "", 0)
		require.NoError(r.t, err)
		for _, name := range found {
			data, err := r.Side(background, id, name)
			require.NoError(r.t, err)
			all[id+" "+name] = string(data)
		}
	}
	return all
}

func (r reader) edges(n names) map[string][]line {
	all := map[string][]line{}
	for _, kind := range n.kinds {
		for _, id := range n.ids {
			for dir, mark := range map[storage.Direction]string{storage.Outbound: " from ", storage.Inbound: " to "} {
				found, err := r.Edges(background, kind, dir, id, "", 0)
				require.NoError(r.t, err)
				all[kind+mark+id] = linesOf(found)
			}
		}
	}
	return all
}

func (r reader) reach(n names) map[string][]storage.Reached {
	all := map[string][]storage.Reached{}
	for _, kind := range n.kinds {
		for _, id := range n.ids {
			for dir, mark := range map[storage.Direction]string{storage.Outbound: " from ", storage.Inbound: " to "} {
				found, err := r.Snapshot.Reach(background, kind, dir, id, everything)
				require.NoError(r.t, err)
				slices.SortStableFunc(found, func(a, b storage.Reached) int {
					return cmp.Or(cmp.Compare(a.Depth, b.Depth), cmp.Compare(a.ID, b.ID))
				})
				all[kind+mark+id] = append([]storage.Reached{}, found...)
			}
		}
	}
	return all
}

func (r reader) counters(n names) map[string]int64 {
	all := map[string]int64{}
	for _, name := range n.counters {
		value, err := r.Counter(background, name)
		require.NoError(r.t, err)
		all[name] = value
	}
	return all
}

func (r reader) events() []entry {
	found, err := r.Events(background, storage.EventQuery{Limit: everything})
	require.NoError(r.t, err)
	return entriesOf(found)
}

func (r reader) head() string {
	sequence, hash, err := r.Head(background)
	require.NoError(r.t, err)
	return fmt.Sprintf("%d %x", sequence, hash)
}

func (r reader) histories(n names) map[string][]entry {
	all := map[string][]entry{}
	for _, id := range n.ids {
		found, err := r.Events(background, storage.EventQuery{Subject: id, Descending: true, Limit: everything})
		require.NoError(r.t, err)
		all[id] = entriesOf(found)
	}
	return all
}

// late is after every message of the suite is due.
var late = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

func (r reader) messages(n names) map[string][]letter {
	all := map[string][]letter{}
	for _, queue := range n.queues {
		found, err := r.Messages(background, queue, late, everything)
		require.NoError(r.t, err)
		all[queue] = lettersOf(found)
	}
	return all
}
