package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Check implements [storage.Checker]. It is one view of the whole file, and
// keeps little in memory: everything that a document should have is looked up,
// and the numbers of things tell whether there is more.
func (s *Store) Check(ctx context.Context, found func(problem string)) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		rows := indexRows(catalogueBucket(tx))
		for name := range accountNames(tx, "") {
			c := &inspection{snapshot: s.snapshot(tx, name), ctx: ctx, rows: rows, found: found}
			if err := c.run(); err != nil {
				return err
			}
		}
		return nil
	})
}

// inspection is the check of one account.
type inspection struct {
	*snapshot
	ctx   context.Context
	rows  map[uint16]*indexRow
	found func(problem string)

	documents, claims int
	ofType            map[string]int
	entries           map[uint16]int // expected, by index
}

func (c *inspection) report(format string, args ...any) {
	c.found(fmt.Sprintf("account %q: ", c.name) + fmt.Sprintf(format, args...))
}

func (c *inspection) run() error {
	c.ofType, c.entries = make(map[string]int), make(map[uint16]int)
	for _, check := range []func() error{
		c.checkDocuments, c.checkNumbers, c.checkLive, c.checkEntries, c.checkSides,
		c.checkEvents, c.checkMessages,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return c.checkEdges()
}

func (c *inspection) checkDocuments() error {
	for key, record := range c.in(documents).ascend(span{}) {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		typ, ordinal, ok := splitDocumentKey(key)
		if !ok {
			c.report("a document has the damaged key %x", key)
			continue
		}
		d, err := decode(string(typ), ordinal, record)
		if err != nil {
			c.report("%v", err)
			continue
		}
		c.documents++
		c.ofType[d.Type]++
		if !bytes.Equal(c.locate(d.ID), key) {
			c.report("document %d of type %s is not found by its id %q", ordinal, typ, d.ID)
		}
		if d.Ordinal == 0 || d.Ordinal > c.in(documents).sequence() {
			c.report("document %q has ordinal %d, the last given is %d", d.ID, d.Ordinal, c.in(documents).sequence())
		}
		c.checkDocument(d)
	}
	return nil
}

// checkDocument looks up what a document should have.
func (c *inspection) checkDocument(d *storage.Document) {
	seen := make(map[string]bool)
	for _, claim := range d.Claims {
		key := claimKey(claim.Attribute, claim.Value)
		if owner := c.owner(key); owner != d.ID {
			c.report("the claim of %s by %q is owned by %q", claim.Attribute, d.ID, owner)
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			c.claims++
		}
	}
	chunk := c.in(live).get(chunkKey(d.Type, uint32(d.Ordinal)>>chunkBits))
	if bit := d.Ordinal % chunkSize; len(chunk) != chunkSize/8 || chunk[bit/8]&(1<<(bit%8)) == 0 {
		c.report("document %q is not in the set of its type", d.ID)
	}
	for _, e := range c.indexes.entriesOf(d) {
		number := binary.BigEndian.Uint16(e)
		if c.in(entries).get(entryKey(e, uint32(d.Ordinal))) != nil {
			c.entries[number]++
		} else if c.rows[number].State == ready {
			c.report("document %q lacks an entry in index %s", d.ID, c.rows[number].Name)
		}
	}
}

func (c *inspection) checkNumbers() error {
	if n := c.in(ids).count(span{}, c.documents+1); n != c.documents {
		c.report("there are more ids than the %d documents", c.documents)
	}
	if n := c.in(claims).count(span{}, c.claims+1); n != c.claims {
		c.report("there are other claims than the %d that documents hold", c.claims)
	}
	return nil
}

func (c *inspection) checkLive() error {
	for key := range c.in(live).ascend(span{}) {
		typ, rest, ok := cutText(key)
		if !ok || len(rest) > 0 {
			continue
		}
		n := 0
		for range c.liveThrough(string(typ), everyOrdinal(false), 0) {
			n++
		}
		if n != c.ofType[string(typ)] || n != c.countLive(string(typ)) {
			c.report("type %s has %d documents, %d in its set, %d by its count",
				typ, c.ofType[string(typ)], n, c.countLive(string(typ)))
		}
	}
	return nil
}

// checkEntries: all that documents should have is there, so if the number is
// right, there is nothing else.
func (c *inspection) checkEntries() error {
	kept := make(map[uint16]int)
	for key := range c.in(entries).ascend(span{}) {
		kept[binary.BigEndian.Uint16(key)]++
	}
	for number, n := range kept {
		row := c.rows[number]
		switch {
		case row == nil:
			c.report("%d entries are of no index", n)
		case row.State != dropped && n != c.entries[number]:
			c.report("index %s has %d entries, of which documents have %d", row.Name, n, c.entries[number])
		}
	}
	return c.ctx.Err()
}

func (c *inspection) checkSides() error {
	for key := range c.in(sides).ascend(span{}) {
		id, name, ok := cutText(key)
		if !ok || c.in(ids).get(id) == nil {
			c.report("side record %q is of %q, which is not there", name, id)
		}
	}
	return c.ctx.Err()
}

func (c *inspection) checkMessages() error {
	n := 0
	for key, due := range c.in(dues).ascend(span{}) {
		queue, id, ok := cutText(key)
		if !ok || c.in(messages).get(messageKey(string(queue), parseTime(due), string(id))) == nil {
			c.report("message %q is not in its queue %q", id, queue)
		}
		n++
	}
	if c.in(messages).count(span{}, n+1) != n {
		c.report("there are more messages than the %d that are found by their id", n)
	}
	return c.ctx.Err()
}
