package storetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"roster/storage"
)

// generator makes batches and queries at random, but from few names, so that
// they meet.
type generator struct {
	*rand.Rand
	attributes []Attribute // of both types, as declared at the moment
	values     []string
}

func newGenerator(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), values: Values()}
	for range 10 {
		g.values = append(g.values, g.text())
	}
	g.declare()
	return g
}

// text returns a short one of few letters.
func (g *generator) text() string {
	var b []byte
	for range g.IntN(6) {
		b = append(b, "ab\x00\xffAx"[g.IntN(6)])
	}
	return string(b)
}

// declare chooses anew which attributes are indexed, by which kind of index, and the
// form of the names.
func (g *generator) declare() {
	g.attributes = nil
	for _, typ := range []string{Person, Team} {
		name := Name(typ)
		if g.chance(30) {
			name = FoldedName(typ)
		}
		for _, a := range []Attribute{name, Tags(typ), Age(typ)} {
			a.Indexed, a.Sparse = g.chance(75), g.chance(25)
			g.attributes = append(g.attributes, a)
		}
		g.attributes = append(g.attributes, Note(typ), ID(typ))
	}
}

// catalogue returns the indexes that are declared at the moment.
func (g *generator) catalogue() []storage.Index {
	var indexed []Attribute
	for _, a := range g.attributes {
		if a.Indexed {
			indexed = append(indexed, a)
		}
	}
	return Indexes(indexed...)
}

// names returns all names that batches use, and some that they do not.
func (g *generator) names() names {
	n := names{
		types:      []string{Person, Team, "Removed"},
		kinds:      []string{"member", "manager", "members"},
		attributes: []string{"name", "mail", "nam"},
		values:     g.values,
		counters:   []string{"n", "n\x00", "seats"},
		queues:     []string{"mail", "mails"},
	}
	n.ids = append(ids(), "c", "d", "e", "f", "g", "h")
	return n
}

// chance is true in that percentage of calls.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[E any](g *generator, from []E) E { return from[g.IntN(len(from))] }

// several returns up to most of them, none twice.
func several[E any](g *generator, from []E, most int) []E {
	order := g.Perm(len(from))[:min(len(from), g.IntN(most+1))]
	var some []E
	for _, i := range order {
		some = append(some, from[i])
	}
	return some
}

// body returns random contents; fields are often missing.
func (g *generator) body() Body {
	var b Body
	if g.chance(80) {
		b.Name = []byte(pick(g, g.values))
	}
	for range g.IntN(4) {
		b.Tags = append(b.Tags, []byte(pick(g, g.values)))
	}
	if g.chance(70) {
		age := int64(g.IntN(7)) - 3
		b.Age = &age
	}
	if g.chance(50) {
		b.Note = []byte(pick(g, g.values))
	}
	return b
}

// stamp is one for each step: what is touched twice in a batch is touched alike.
func (g *generator) stamp(step int) storage.Stamp {
	return storage.Stamp{Version: fmt.Sprintf("v%d", step), Modified: noon.Add(time.Duration(step) * time.Second)}
}

func batchID(step int) string { return fmt.Sprintf("batch %d", step) }
