package memory

import (
	"bytes"
	"fmt"

	"roster/storage"
)

// remembered is how many batch ids an account keeps.
const remembered = 10_000

// change is a batch being applied.
type change struct {
	*account
	journal
	batch   *storage.Batch
	written map[string]bool // ids of Puts and Deletes, which win over other touches
	receipt storage.Receipt
}

// apply does all of a batch or nothing.
func (a *account) apply(b *storage.Batch) (storage.Receipt, error) {
	c := &change{account: a, batch: b, written: make(map[string]bool)}
	for i := range b.Puts {
		c.written[b.Puts[i].ID] = true
	}
	for _, d := range b.Deletes {
		c.written[d.ID] = true
	}
	for _, step := range []func() error{
		c.testGuards, c.drop, c.writeDocuments, c.takeClaims, c.writeSides,
		c.changeEdges, c.testCounters, c.queue, c.note,
	} {
		if err := step(); err != nil {
			c.rollback()
			return storage.Receipt{}, err
		}
	}
	return c.receipt, nil
}

// drop removes the edges of what goes, and touches the neighbours.
func (c *change) drop() error {
	for i := range c.batch.Puts {
		if p := &c.batch.Puts[i]; p.DropEdges {
			c.touchNeighbours(p.ID, p.Neighbours)
		}
	}
	for _, d := range c.batch.Deletes {
		if c.documents[d.ID] == nil {
			return fmt.Errorf("delete %q: %w", d.ID, storage.ErrNotFound)
		}
		c.touchNeighbours(d.ID, d.Neighbours)
	}
	for i := range c.batch.Puts {
		if p := &c.batch.Puts[i]; p.DropEdges {
			c.dropEdges(p.ID)
		}
	}
	for _, d := range c.batch.Deletes {
		c.dropEdges(d.ID)
	}
	return nil
}

func (c *change) touchNeighbours(id string, stamp *storage.Stamp) {
	if stamp == nil {
		return
	}
	for kind := range c.kinds {
		for from := range c.edges[end{kind, storage.Inbound, id}] {
			if d := c.documents[from]; d != nil && !c.written[from] {
				c.stamp(d, *stamp)
			}
		}
	}
}

func (c *change) writeDocuments() error {
	for _, d := range c.batch.Deletes {
		c.release(d.ID)
		remove(&c.journal, c.documents, d.ID)
		remove(&c.journal, c.sides, d.ID)
	}
	for i := range c.batch.Puts {
		c.release(c.batch.Puts[i].ID)
		c.put(&c.batch.Puts[i].Document)
	}
	return nil
}

// put writes a document with the parts of the header that are the engine's.
func (c *change) put(document *storage.Document) {
	d := copyOf(document)
	if old := c.documents[d.ID]; old != nil {
		d.Ordinal, d.Revision, d.Created = old.Ordinal, old.Revision+1, old.Created
	} else {
		assign(&c.journal, &c.ordinal, c.ordinal+1)
		d.Ordinal, d.Revision = c.ordinal, 1
	}
	set(&c.journal, c.documents, d.ID, d)
}

// release frees the claims of the document as it is stored.
func (c *change) release(id string) {
	if d := c.documents[id]; d != nil {
		for _, held := range d.Claims {
			remove(&c.journal, c.owners, claimOf(held))
		}
	}
}

// takeClaims runs when all that the batch releases is free.
func (c *change) takeClaims() error {
	for i := range c.batch.Puts {
		d := c.documents[c.batch.Puts[i].ID]
		for _, wanted := range d.Claims {
			if !c.free(wanted) {
				return &storage.ConflictError{Guard: copyClaim(wanted)}
			}
			set(&c.journal, c.owners, claimOf(wanted), d.ID)
		}
	}
	return nil
}

// free tells whether the value is held by nobody else.
func (c *change) free(wanted storage.Claim) bool {
	owner, taken := c.owners[claimOf(wanted)]
	return !taken || owner == wanted.ID
}

func copyClaim(c storage.Claim) storage.Claim {
	return storage.Claim{Attribute: c.Attribute, Value: bytes.Clone(c.Value), ID: c.ID}
}

func (c *change) writeSides() error {
	for _, s := range c.batch.Sides {
		if c.documents[s.ID] == nil {
			return fmt.Errorf("side record %q of %q: %w", s.Name, s.ID, storage.ErrNotFound)
		}
		if c.sides[s.ID] == nil {
			set(&c.journal, c.sides, s.ID, make(map[string][]byte))
		}
		if s.Data == nil {
			remove(&c.journal, c.sides[s.ID], s.Name)
		} else {
			set(&c.journal, c.sides[s.ID], s.Name, bytes.Clone(s.Data))
		}
	}
	return nil
}

func (c *change) queue() error {
	for _, id := range c.batch.Dequeue {
		remove(&c.journal, c.messages, id)
	}
	for _, m := range c.batch.Enqueue {
		m.Due, m.Body = precise(m.Due), bytes.Clone(m.Body)
		set(&c.journal, c.messages, storage.MessageID{Queue: m.Queue, ID: m.ID}, m)
	}
	return nil
}

// note remembers the batch's id. It is the last step, which cannot fail.
func (c *change) note() error {
	if c.batch.ID == "" || c.applied[c.batch.ID] {
		return nil
	}
	c.applied[c.batch.ID] = true
	c.batches = append(c.batches, c.batch.ID)
	if len(c.batches) > remembered {
		delete(c.applied, c.batches[0])
		c.batches = c.batches[1:]
	}
	return nil
}
