package bolt

import (
	"bytes"

	"roster/storage"
)

// rememberedBatches is how many batch ids are kept at least; they are cut back
// when there are a tenth more.
const rememberedBatches = 10_000

// write writes what evaluate worked out. It cannot be refused. It tells whether
// it left a sweep.
func (c *change) write() (swept bool) {
	for _, v := range c.order {
		c.writeRevision(v)
	}
	c.held.write(c.account)
	swept = c.dropEdges(c.dropped)
	c.writeLinks()
	c.writeSides()
	for name, n := range c.counts {
		c.put(counters, []byte(name), number(uint64(n)))
	}
	c.writeQueue(c.batch)
	c.writeEvents()
	c.writeBatchID(c.batch.ID)
	return swept
}

func (c *change) writeRevision(v *revision) {
	if v.old == v.new {
		return
	}
	if v.old != nil && (v.new == nil || v.new.Type != v.old.Type) {
		c.remove(documents, documentKey(v.old.Type, uint32(v.old.Ordinal)))
		c.setLive(v.old.Type, uint32(v.old.Ordinal), false)
	}
	if v.new == nil {
		c.remove(ids, []byte(v.id))
		c.removeSides(v.id)
	} else {
		c.writeDocument(v)
	}
	c.writeEntries(v)
}

func (c *change) writeDocument(v *revision) {
	if v.old == nil {
		v.new.Ordinal = c.advance(documents)
	}
	key := documentKey(v.new.Type, uint32(v.new.Ordinal))
	if v.old == nil || v.old.Type != v.new.Type {
		c.setLive(v.new.Type, uint32(v.new.Ordinal), true)
		c.put(ids, []byte(v.id), key)
	}
	c.put(documents, key, encode(v.new))
}

// writeEntries writes the difference between the index entries of old and new.
func (c *change) writeEntries(v *revision) {
	var old, new [][]byte
	ordinal := uint32(0)
	if v.old != nil {
		old, ordinal = c.indexes.entriesOf(v.old), uint32(v.old.Ordinal)
	}
	if v.new != nil {
		new, ordinal = v.entries, uint32(v.new.Ordinal)
		if new == nil {
			new = c.indexes.entriesOf(v.new)
		}
	}
	gone, fresh := difference(old, new)
	for _, e := range gone {
		c.remove(entries, entryKey(e, ordinal))
	}
	for _, e := range fresh {
		c.put(entries, entryKey(e, ordinal), nil)
	}
}

func (c *change) removeSides(id string) {
	var keys [][]byte
	for key := range c.in(sides).ascend(prefixed(sideKey(id, ""))) {
		keys = append(keys, bytes.Clone(key))
	}
	for _, key := range keys {
		c.remove(sides, key)
	}
}

func (c *change) writeSides() {
	for _, s := range c.batch.Sides {
		if s.Data == nil {
			c.remove(sides, sideKey(s.ID, s.Name))
		} else {
			c.put(sides, sideKey(s.ID, s.Name), s.Data)
		}
	}
}

// writeBatchID remembers a batch under a running number, which costs one page a
// commit; to look an id up is rare and scans.
func (a *account) writeBatchID(id string) {
	if id == "" {
		return
	}
	n := a.advance(batches)
	a.put(batches, sequenceKey(n), []byte(id))
	if n%(rememberedBatches/10) != 0 || n <= rememberedBatches {
		return
	}
	var old [][]byte
	for key := range a.in(batches).ascend(span{to: sequenceKey(n - rememberedBatches + 1)}) {
		old = append(old, bytes.Clone(key))
	}
	for _, key := range old {
		a.remove(batches, key)
	}
}

// remembers tells whether a batch with that id was applied.
func (a *account) remembers(id string) bool {
	if id == "" {
		return false
	}
	for _, v := range a.in(batches).descend(span{}) {
		if string(v) == id {
			return true
		}
	}
	return false
}

// apply evaluates a batch and, if it is not refused, writes it.
func (w *writing) apply(name storage.Account, b *storage.Batch, prepared []preparedPut) (storage.Receipt, bool, error) {
	a := w.account(name)
	if a.erased() {
		return storage.Receipt{}, false, storage.ErrErased
	}
	c := &change{
		account: a, indexes: w.indexes, batch: b, prepared: prepared,
		written: make(map[string]bool), changed: make(map[string]*revision), held: make(holdings),
		links: make(map[link]*linkChange), counts: make(map[string]int64),
	}
	if err := c.evaluate(); err != nil {
		return storage.Receipt{}, false, err
	}
	swept := c.write()
	return c.receipt, swept, nil
}
