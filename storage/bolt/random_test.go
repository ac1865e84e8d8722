package bolt_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/memory"
	"roster/storage/storetest"
)

// TestRandomQueries asks both engines about more documents than the histories of
// the suite have, so that all ways to answer are taken: large and small sets,
// what is left to looking, orders by walking and by reading. BOLT_SEED repeats
// what a failure printed.
func TestRandomQueries(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("BOLT_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("BOLT_SEED=%d", seed)
	r := &asker{rand.New(rand.NewPCG(seed, 0))}

	s, model := open(t, t.TempDir(), storetest.Catalogue()), memory.New(storetest.Catalogue())
	require.NoError(t, s.Ready(t.Context()))
	for _, b := range r.population(2000) {
		apply(t, s, b)
		apply(t, model, b)
	}
	for range 150 {
		q := r.query()
		want, wantErr := ask(t, model, q)
		got, err := ask(t, s, q)
		plan, explainErr := s.Explain(t.Context(), account, q)
		require.NoError(t, explainErr)
		if wantErr != nil {
			require.ErrorIs(t, wantErr, storage.ErrTooMany)
			require.ErrorIs(t, err, storage.ErrTooMany, plan)
			continue
		}
		require.NoError(t, err, plan)
		require.Equal(t, want.Total, got.Total, plan)
		require.Equal(t, idsOf(want), idsOf(got), "%s%+v", plan, q)
	}
	require.NoError(t, s.Close())
}

func ask(t *testing.T, s storage.Store, q storage.Query) (page storage.Page, err error) {
	t.Helper()
	err = s.View(t.Context(), account, func(v storage.Snapshot) error {
		page, err = v.Query(t.Context(), q)
		return err
	})
	return page, err
}

func idsOf(p storage.Page) []string {
	ids := []string{}
	for _, d := range p.Documents {
		ids = append(ids, d.ID)
	}
	return ids
}

// asker makes things up.
type asker struct{ *rand.Rand }

// population is persons in an order other than that of their ids, of whom some
// are gone again, in a few groups.
func (r *asker) population(n int) []storage.Batch {
	var create, remove, relate storage.Batch
	for i := range n {
		id := fmt.Sprintf("p%04d", i*7%n)
		body := storetest.Body{Name: fmt.Appendf(nil, "name %d", r.IntN(n)), Note: fmt.Appendf(nil, "note %d", r.IntN(20))}
		if r.IntN(3) > 0 {
			years := int64(r.IntN(60))
			body.Age = &years
		}
		for range r.IntN(4) {
			body.Tags = append(body.Tags, fmt.Appendf(nil, "tag %d", int(r.ExpFloat64()*5)))
		}
		create.Puts = append(create.Puts, put(storetest.Person, id, body))
		if r.IntN(10) == 0 {
			remove.Deletes = append(remove.Deletes, storage.Delete{ID: id})
		}
		for team := range 4 {
			if r.IntN(1<<(3*team)) == 0 {
				relate.Edges = append(relate.Edges, storage.EdgeChange{Add: []storage.Edge{
					{Kind: "member", From: fmt.Sprint("t", team), To: id, Data: fmt.Appendf(nil, "%d", r.IntN(2))},
				}})
			}
		}
	}
	relate.Edges = append(relate.Edges, storage.EdgeChange{Add: []storage.Edge{{Kind: "member", From: "t1", To: "t2"}, {Kind: "member", From: "t2", To: "t3"}}})
	return []storage.Batch{create, relate, remove}
}

func (r *asker) query() storage.Query {
	q := storage.Query{Type: storetest.Person, Where: r.node(3), Total: r.IntN(2) == 0}
	if r.IntN(3) == 0 { // few are left, and a large set would follow
		q.Where = storage.And{r.node(1), name.Leaf(storage.Prefix, fmt.Appendf(nil, "name %d", 10+r.IntN(90))), r.leaf(), r.leaf()}
	}
	q.Limit = []int{0, 1, 10, 5000}[r.IntN(4)]
	q.Offset = []int{0, 0, 1, 100, 2000, 5000}[r.IntN(6)]
	if r.IntN(2) == 0 {
		q.Sort = r.attribute().Sort(r.IntN(2) == 0)
		if r.IntN(3) == 0 {
			q.Sort.Key = nil // the index knows
		}
	}
	// A bound near what is needed would show how differently the engines count
	// what they need not read: either none, or one that only a scan exceeds.
	if r.IntN(4) == 0 && q.Sort == nil {
		q.MaxChecks = 2000
	}
	return q
}

func (r *asker) attribute() storetest.Attribute {
	return []storetest.Attribute{name, tags, age, note, id}[r.IntN(5)]
}

func (r *asker) node(depth int) storage.Node {
	if depth == 0 || r.IntN(3) == 0 {
		return r.leaf()
	}
	if r.IntN(4) == 0 {
		return storage.Not{Node: r.node(depth - 1)}
	}
	var nodes []storage.Node
	for range r.IntN(4) {
		nodes = append(nodes, r.node(depth-1))
	}
	if r.IntN(2) == 0 {
		return storage.And(nodes)
	}
	return storage.Or(nodes)
}

func (r *asker) leaf() storage.Node {
	op := storage.Op(r.IntN(int(storage.GreaterOrEqual) + 1))
	switch r.IntN(7) {
	case 0:
		return name.Leaf(op, fmt.Appendf(nil, "name %d", r.IntN(2000)))
	case 1:
		return tags.Leaf(op, fmt.Appendf(nil, "tag %d", r.IntN(20)))
	case 2:
		return age.Leaf(op, storetest.Number(int64(r.IntN(60))))
	case 3:
		return note.Leaf(op, fmt.Appendf(nil, "note %d", r.IntN(20)))
	case 4:
		return id.Leaf(op, fmt.Appendf(nil, "p%03d", r.IntN(300)))
	default:
		return r.related()
	}
}

func (r *asker) related() storage.Node {
	n := &storage.Related{Kind: "member", Direction: storage.Inbound, Text: "groups"}
	switch r.IntN(4) {
	case 0:
		n.ID, n.Transitive = fmt.Sprint("t", r.IntN(4)), true
	case 1:
		n.ID = fmt.Sprint("t", r.IntN(4))
	case 2:
		n.ID = fmt.Sprint("t", r.IntN(4))
		fallthrough
	default:
		n.Match = func(e *storage.Edge) bool { return string(e.Data) == "1" }
	}
	return n
}
