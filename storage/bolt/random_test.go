package bolt_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
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
		require.Equal(t, idsOf(want), idsOf(got), "%s%+v behind %+v", plan, q, q.After)
	}
	r.requireWalks(t, s)
	require.NoError(t, s.Close())
}

// requireWalks goes through queries page by page, each behind the last document
// of the one before, and finds what the whole result has.
func (r *asker) requireWalks(t *testing.T, s *bolt.Store) {
	t.Helper()
	for range 30 {
		q := r.query()
		q.After, q.Offset, q.Limit, q.MaxChecks = nil, 0, 5000, 0
		whole, err := ask(t, s, q)
		require.NoError(t, err)
		want, got := idsOf(whole), []string{}
		for q.Limit = max(1, len(want)/5); ; {
			page, err := ask(t, s, q)
			require.NoError(t, err)
			require.Equal(t, whole.Total, page.Total)
			if len(page.Documents) == 0 {
				break
			}
			got = append(got, idsOf(page)...)
			require.LessOrEqual(t, len(got), len(want), "%+v", q)
			last := page.Documents[len(page.Documents)-1]
			q.After = &storage.Position{Ordinal: last.Ordinal, Key: r.keyOf(q.Sort, last)}
		}
		require.Equal(t, want, got, "%+v", q)
	}
}

func (r *asker) keyOf(by *storage.Sort, d *storage.Document) []byte {
	if by == nil || by.Index == "" && by.Key == nil {
		return nil
	}
	if by.Key != nil {
		return by.Key(d)
	}
	for _, a := range attributes {
		if a.Sort(false).Index == by.Index {
			return a.Sort(false).Key(d)
		}
	}
	return nil
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
		body := storetest.Body{Name: r.name(n), Note: fmt.Appendf(nil, "note %d", r.IntN(20))}
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

// long is a beginning that values share up to where engines may cut them.
var long = strings.Repeat("name 5", 300)

func (r *asker) name(n int) []byte {
	if r.IntN(20) == 0 {
		return fmt.Appendf(nil, "%s%d", long, r.IntN(n))
	}
	return fmt.Appendf(nil, "name %d", r.IntN(n))
}

func (r *asker) query() storage.Query {
	q := storage.Query{Type: storetest.Person, Where: r.node(3), Total: r.IntN(2) == 0}
	if r.IntN(3) == 0 { // few are left, and a large set would follow
		q.Where = storage.And{r.node(1), name.Leaf(storage.Prefix, fmt.Appendf(nil, "name %d", 10+r.IntN(90))), r.leaf(), r.leaf()}
	}
	q.Limit = []int{0, 1, 10, 5000}[r.IntN(4)]
	q.Offset = []int{0, 0, 1, 100, 2000, 5000}[r.IntN(6)]
	if r.IntN(2) == 0 {
		by := attributes[r.IntN(len(attributes))]
		q.Sort = by.Sort(r.IntN(2) == 0)
		if r.IntN(3) == 0 && q.Sort.Index != "" {
			q.Sort.Key = nil // the index knows
		}
		q.After = r.position(by)
	} else {
		if r.IntN(2) == 0 {
			q.Sort = &storage.Sort{Descending: r.IntN(2) == 0}
		}
		q.After = r.position(note) // of which only the ordinal counts
	}
	// A bound near what is needed would show how differently the engines count
	// what they need not read: either none, or one that only a scan exceeds.
	if r.IntN(4) == 0 && (q.Sort == nil || q.Sort.Index == "" && q.Sort.Key == nil) {
		q.MaxChecks = 2000
	}
	return q
}

var attributes = []storetest.Attribute{name, tags, age, note, id}

// position is nil, or one at which there may be a document.
func (r *asker) position(by storetest.Attribute) *storage.Position {
	if r.IntN(2) == 0 {
		return nil
	}
	at := &storage.Position{Ordinal: uint64(r.IntN(2200)), Key: r.value(by)}
	if r.IntN(8) == 0 {
		at.Key = nil
	}
	return at
}

func (r *asker) value(of storetest.Attribute) []byte {
	switch of.Name {
	case name.Name:
		return r.name(2000)
	case tags.Name:
		return fmt.Appendf(nil, "tag %d", r.IntN(20))
	case age.Name:
		return storetest.Number(int64(r.IntN(60)))
	case note.Name:
		return fmt.Appendf(nil, "note %d", r.IntN(20))
	default:
		return fmt.Appendf(nil, "p%03d", r.IntN(300))
	}
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
	if r.IntN(7) > 4 {
		return r.related()
	}
	a := attributes[r.IntN(len(attributes))]
	leaf := a.Leaf(storage.Op(r.IntN(int(storage.GreaterOrEqual)+1)), r.value(a))
	if r.IntN(4) == 0 {
		return storage.And{leaf, a.Leaf(storage.Greater, r.value(a))}
	}
	return leaf
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
