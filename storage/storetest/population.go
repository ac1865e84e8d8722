package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"roster/storage"
)

// population is a list of persons, in order of creation, with which a test
// works out what an engine must answer.
type population []storage.Put

func (p population) batch() storage.Batch { return storage.Batch{Puts: p} }

// where returns the ids of those of which some value satisfies the leaf.
func (p population) where(a Attribute, op storage.Op, value []byte) []string {
	return p.ids(func(d *storage.Document) bool {
		values, _ := a.Extract(d)
		return satisfies(values, op, value)
	})
}

func (p population) ids(holds func(*storage.Document) bool) []string {
	ids := []string{}
	for i := range p {
		if holds(&p[i].Document) {
			ids = append(ids, p[i].ID)
		}
	}
	return ids
}

// sorted returns the ids in the order of an attribute.
func (p population) sorted(a Attribute, descending bool) []string {
	type place struct {
		id  string
		key []byte
	}
	var places []place
	for i := range p {
		_, key := a.Extract(&p[i].Document)
		places = append(places, place{p[i].ID, key})
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(missing(a.key), missing(b.key)), bytes.Compare(a.key, b.key))
	})
	if descending {
		slices.Reverse(places)
	}
	ids := []string{}
	for _, x := range places {
		ids = append(ids, x.id)
	}
	return ids
}

// missing is 1 for no value, which comes after all values.
func missing(key []byte) int {
	if key == nil {
		return 1
	}
	return 0
}

// everyValue returns persons that have between them each of [Values] as a name,
// as the only tag and among several tags, their beginnings as notes; and some
// that have nothing.
func everyValue() population {
	values := Values()
	p := population{put("none", Body{})}
	for i, v := range values {
		next, far := values[(i+1)%len(values)], values[(i*7+3)%len(values)]
		b := Body{Name: []byte(v), Tags: [][]byte{[]byte(v)}, Note: []byte(next)[:min(len(next), 8)]}
		if i%3 == 0 {
			b.Tags = append(b.Tags, []byte(next), []byte(far), []byte(v))
		}
		p = append(p, put(fmt.Sprintf("p%03d", i), b))
	}
	return append(p, put("last", Body{}))
}
