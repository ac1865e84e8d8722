package bolt

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"roster/storage"
)

// change is a batch being worked out against the state that it finds. Nothing is
// written before all of it is known to succeed, so a batch that is refused
// leaves no trace in the transaction it shares with others.
type change struct {
	*account
	indexes  *catalogue
	batch    *storage.Batch
	prepared []preparedPut

	written  map[string]bool      // ids of Puts and Deletes, which win over touches
	changed  map[string]*revision // documents, as far as they were looked at
	order    []*revision          // the same
	created  uint64
	held     holdings
	dropped  []string
	links    map[link]*linkChange
	linked   []link
	counts   map[string]int64
	happened []*storage.Event
	head     mark // of the log before
	receipt  storage.Receipt
}

// revision is a document before and after the batch; nil is none.
type revision struct {
	id       string
	old, new *storage.Document
	entries  [][]byte // of new, if they are known beforehand
}

// preparedPut is what can be made of a Put before the writer's turn.
type preparedPut struct {
	created time.Time // which entries rely on
	entries [][]byte
}

func (c *catalogue) prepare(puts []storage.Put) []preparedPut {
	prepared := make([]preparedPut, len(puts))
	for i := range puts {
		d := fresh(&puts[i].Document)
		prepared[i] = preparedPut{d.Created, c.entriesOf(d)}
	}
	return prepared
}

// fresh is a document as it is when it is created, not decoded yet: what its
// writer decoded may be of an earlier body.
func fresh(d *storage.Document) *storage.Document {
	return &storage.Document{
		Type: d.Type, ID: d.ID, Version: d.Version, Revision: 1,
		Created: precise(d.Created), Modified: precise(d.Modified),
		Claims: d.Claims, Body: d.Body,
	}
}

func precise(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// evaluate works the batch out. Its steps are in the order in which their
// refusals take precedence.
func (c *change) evaluate() error {
	for i := range c.batch.Puts {
		c.written[c.batch.Puts[i].ID] = true
	}
	for _, d := range c.batch.Deletes {
		c.written[d.ID] = true
	}
	for _, step := range []func() error{
		c.testGuards, c.drop, c.replace, c.takeClaims, c.testSides, c.takeEffects, c.testCounters, c.findHead,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// look returns a document before and after the batch, to be changed.
func (c *change) look(id string) (*revision, error) {
	if v := c.changed[id]; v != nil {
		return v, nil
	}
	d, err := c.document(id)
	if err != nil {
		return nil, err
	}
	v := &revision{id: id, old: d, new: d}
	c.changed[id], c.order = v, append(c.order, v)
	return v, nil
}

// drop touches the neighbours of what goes.
func (c *change) drop() error {
	for i := range c.batch.Puts {
		if p := &c.batch.Puts[i]; p.DropEdges {
			if err := c.dropAt(p.ID, p.Neighbours); err != nil {
				return err
			}
		}
	}
	for _, d := range c.batch.Deletes {
		v, err := c.look(d.ID)
		if err != nil {
			return err
		}
		if v.old == nil {
			return fmt.Errorf("delete %q: %w", d.ID, storage.ErrNotFound)
		}
		if err := c.dropAt(d.ID, d.Neighbours); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) dropAt(id string, stamp *storage.Stamp) error {
	c.dropped = append(c.dropped, id)
	if stamp == nil {
		return nil
	}
	for _, kind := range c.kindsAt(inbound, id) {
		for from := range c.edgesAt(kind, storage.Inbound, id, "") {
			if err := c.touch(string(from), *stamp); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch restamps a document, if it is there and not otherwise written.
func (c *change) touch(id string, s storage.Stamp) error {
	if c.written[id] {
		return nil
	}
	v, err := c.look(id)
	if err != nil || v.new == nil {
		return err
	}
	touched := *v.new // with what was decoded of the body, which stays
	touched.Version, touched.Modified = s.Version, precise(s.Modified)
	v.new = &touched
	return nil
}

func (c *change) replace() error {
	for _, d := range c.batch.Deletes {
		v, err := c.look(d.ID)
		if err != nil {
			return err
		}
		c.held.release(v.old)
		v.new = nil
	}
	for i := range c.batch.Puts {
		if err := c.revise(&c.batch.Puts[i].Document, c.prepared[i]); err != nil {
			return err
		}
	}
	if c.in(documents).sequence()+c.created > math.MaxUint32 {
		return fmt.Errorf("account %q has used up its %d ordinals: export it and import it anew", c.name, uint32(math.MaxUint32))
	}
	return nil
}

// revise makes a document with the parts of the header that are the engine's.
func (c *change) revise(wanted *storage.Document, prepared preparedPut) error {
	v, err := c.look(wanted.ID)
	if err != nil {
		return err
	}
	d := fresh(wanted)
	if v.old == nil {
		c.created++
	} else {
		d.Ordinal, d.Revision, d.Created = v.old.Ordinal, v.old.Revision+1, v.old.Created
		c.held.release(v.old)
	}
	v.new = d
	if prepared.created.Equal(d.Created) {
		v.entries = prepared.entries
	}
	return nil
}

// takeClaims runs when all that the batch releases is free.
func (c *change) takeClaims() error {
	for i := range c.batch.Puts {
		p := &c.batch.Puts[i]
		for _, wanted := range p.Claims {
			if !c.held.take(c.account, wanted, p.ID) {
				wanted.ID, wanted.Value = p.ID, bytes.Clone(wanted.Value)
				return &storage.ConflictError{Guard: wanted}
			}
		}
	}
	return nil
}

func (c *change) testSides() error {
	for _, s := range c.batch.Sides {
		if c.written[s.ID] && c.changed[s.ID].new != nil {
			continue
		}
		if c.written[s.ID] || c.locate(s.ID) == nil {
			return fmt.Errorf("side record %q of %q: %w", s.Name, s.ID, storage.ErrNotFound)
		}
	}
	return nil
}

// takeEffects works out edges and effects, the unconditional ones first.
func (c *change) takeEffects() error {
	if err := c.affect(&c.batch.Effects); err != nil {
		return err
	}
	for i := range c.batch.Edges {
		e := &c.batch.Edges[i]
		changed := c.relate(e)
		c.receipt.Changed = append(c.receipt.Changed, changed)
		if !changed {
			continue
		}
		if err := c.affect(&e.IfChanged); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) affect(e *storage.Effects) error {
	for _, t := range e.Touches {
		if err := c.touch(t.ID, t.Stamp); err != nil {
			return err
		}
		if !c.written[t.ID] && c.changed[t.ID].new == nil {
			return fmt.Errorf("touch %q: %w", t.ID, storage.ErrNotFound)
		}
	}
	for _, s := range e.Counters {
		c.counts[s.Name] = c.count(s.Name) + s.Delta
	}
	for i := range e.Events {
		c.happened = append(c.happened, &e.Events[i])
	}
	return nil
}

// findHead reads where the log goes on, if it does.
func (c *change) findHead() (err error) {
	if len(c.happened) > 0 {
		c.head, err = c.readMark(lastHead)
	}
	return err
}

// count is a counter as the batch leaves it so far.
func (c *change) count(name string) int64 {
	if n, stepped := c.counts[name]; stepped {
		return n
	}
	return c.counter(name)
}
