package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/storage"
)

// draft is a batch being made, with what must be known so that its only
// possible failure is a conflict, and its outcome is not left open.
type draft struct {
	*generator
	storage.Batch
	step    int
	there   map[string]record // before
	written []string          // ids of Puts
	gone    []string          // ids whose edges go
	free    []string          // ids that the batch has not named yet
}

// batch returns a random batch for the state of the model.
func (g *generator) batch(model *opened, step int) storage.Batch {
	st := model.state(g.names())
	d := &draft{generator: g, step: step, there: st.Documents, free: several(g, g.names().ids, 100)}
	d.ID = batchID(step)
	d.puts()
	d.deletes()
	d.touches()
	d.changes()
	d.rest()
	if g.chance(30) {
		d.guards(st)
	}
	return d.Batch
}

// name takes an id that was not named yet.
func (d *draft) name() (id string, ok bool) {
	if len(d.free) == 0 {
		return "", false
	}
	id = d.free[0]
	d.free = d.free[1:]
	return id, true
}

// nameExisting is name for a document that is there.
func (d *draft) nameExisting() (id string, ok bool) {
	for i, id := range d.free {
		if _, there := d.there[id]; there {
			d.free = slices.Delete(d.free, i, i+1)
			return id, true
		}
	}
	return "", false
}

func (d *draft) puts() {
	for range d.IntN(4) {
		id, ok := d.name()
		if !ok {
			return
		}
		p := putAs(d.typeOf(id), id, d.body())
		s := d.stamp(d.step)
		p.Version, p.Created, p.Modified = s.Version, s.Modified, s.Modified
		for _, value := range several(d.generator, d.values, 2) {
			p.Claims = append(p.Claims, storage.Claim{Attribute: pick(d.generator, []string{"name", "mail"}), Value: []byte(value)})
		}
		if d.chance(10) {
			p.DropEdges = true
			p.Neighbours = d.neighbours()
			d.gone = append(d.gone, id)
		}
		d.Puts = append(d.Puts, p)
		d.written = append(d.written, id)
	}
}

// typeOf is mostly the one that the document has.
func (d *draft) typeOf(id string) string {
	if old, there := d.there[id]; there && d.chance(85) {
		return old.Type
	}
	return pick(d.generator, []string{Person, Person, Team, "Removed"})
}

func (d *draft) neighbours() *storage.Stamp {
	if d.chance(30) {
		return nil
	}
	s := d.stamp(d.step)
	return &s
}

func (d *draft) deletes() {
	for d.chance(15) {
		id, ok := d.nameExisting()
		if !ok {
			return
		}
		d.Deletes = append(d.Deletes, storage.Delete{ID: id, Neighbours: d.neighbours()})
		d.gone = append(d.gone, id)
	}
}

func (d *draft) touches() {
	for d.chance(20) {
		id, ok := d.nameExisting()
		if !ok {
			return
		}
		d.Touches = append(d.Touches, storage.Touch{ID: id, Stamp: d.stamp(d.step)})
	}
}

// changes adds changes of edges, each from another id, and none at an id whose
// edges go in this batch.
func (d *draft) changes() {
	ends := slices.DeleteFunc(d.names().ids, func(id string) bool { return slices.Contains(d.gone, id) })
	logged := d.chance(50)
	for _, from := range several(d.generator, ends, 3) {
		kind := pick(d.generator, []string{"member", "member", "manager"})
		c := storage.EdgeChange{IfChanged: d.effects(logged)}
		for _, to := range several(d.generator, ends, 4) {
			c.Add = append(c.Add, storage.Edge{Kind: kind, From: from, To: to, Data: d.data()})
		}
		for _, to := range several(d.generator, ends, 6) {
			c.Remove = append(c.Remove, storage.Edge{Kind: kind, From: from, To: to})
		}
		logged = false // the order of events of several changes is left open
		d.Edges = append(d.Edges, c)
	}
	if !logged {
		d.Events = d.events()
	}
}

// data is mostly none, so that adding again is often no change.
func (d *draft) data() []byte {
	if d.chance(80) {
		return nil
	}
	return []byte(pick(d.generator, d.values))
}

func (d *draft) effects(logged bool) storage.Effects {
	var e storage.Effects
	for id := range d.there {
		e.Touches = append(e.Touches, storage.Touch{ID: id, Stamp: d.stamp(d.step)})
	}
	slices.SortFunc(e.Touches, func(a, b storage.Touch) int { return strings.Compare(a.ID, b.ID) })
	e.Touches = several(d.generator, slices.DeleteFunc(e.Touches, func(t storage.Touch) bool {
		return slices.Contains(d.gone, t.ID) && !slices.Contains(d.written, t.ID)
	}), 2)
	e.Counters = d.counterSteps()
	if logged {
		e.Events = d.events()
	}
	return e
}

func (d *draft) events() []storage.Event {
	var events []storage.Event
	for i := range d.IntN(3) {
		events = append(events, storage.Event{
			Time: d.stamp(d.step).Modified, Type: "happened", Subject: pick(d.generator, d.names().ids),
			Data: fmt.Appendf(nil, "%d.%d", d.step, i),
		})
	}
	return events
}

func (d *draft) counterSteps() []storage.CounterStep {
	var steps []storage.CounterStep
	for _, name := range several(d.generator, d.names().counters, 2) {
		steps = append(steps, storage.CounterStep{Name: name, Delta: int64(d.IntN(7)) - 3})
	}
	return steps
}

// rest adds side records, counters and messages.
func (d *draft) rest() {
	for _, id := range several(d.generator, d.names().ids, 4) {
		_, there := d.there[id]
		deleted := slices.ContainsFunc(d.Deletes, func(x storage.Delete) bool { return x.ID == id })
		if deleted || !there && !slices.Contains(d.written, id) {
			continue
		}
		s := storage.Side{ID: id, Name: pick(d.generator, []string{"a", "a\x00", "b", "\xff"})}
		if d.chance(70) {
			s.Data = present([]byte(pick(d.generator, d.values)))
		}
		d.Sides = append(d.Sides, s)
	}
	d.Counters = d.counterSteps()
	for range d.IntN(3) {
		id := storage.MessageID{Queue: pick(d.generator, d.names().queues), ID: pick(d.generator, []string{"a", "a\x00", "b", "c"})}
		if d.chance(40) {
			d.Dequeue = append(d.Dequeue, id)
			continue
		}
		d.Enqueue = append(d.Enqueue, storage.Message{
			Queue: id.Queue, ID: id.ID, Due: noon.Add(time.Duration(d.IntN(5)) * time.Minute), Body: []byte(pick(d.generator, d.values)),
		})
	}
}

// guards adds conditions, about half of which hold.
func (d *draft) guards(st state) {
	id := pick(d.generator, d.names().ids)
	other := pick(d.generator, d.names().ids)
	low := st.Counters["n"] - int64(d.IntN(4))
	d.Guards = several(d.generator, []storage.Guard{
		storage.AtRevision{ID: id, Revision: st.Documents[id].Revision + uint64(d.IntN(2))},
		storage.AtVersion{ID: id, Version: st.Documents[id].Version},
		storage.Exists{ID: id},
		storage.Exists{ID: id, Types: []string{Person, Team}},
		storage.Absent{ID: other},
		storage.HasEdge{Kind: "member", From: id, To: other},
		storage.NoEdge{Kind: "member", From: id, To: other},
		storage.Claim{Attribute: "name", Value: []byte(pick(d.generator, d.values)), ID: id},
		storage.CounterWithin{Name: "n", Min: low, Max: low + 8},
	}, 2)
}
