package bolt

import (
	"bytes"

	"roster/storage"
)

// checkEvents follows the chain from where the log was cut off to its head, and
// looks each event up in the history of its subject. Behind each problem it goes
// on with what the event says of itself, so that one damage is reported where it
// is and not once for each later event.
func (c *inspection) checkEvents() error {
	last, head, err := c.readLog()
	if err != nil {
		c.report("%v", err)
	}
	about := 0
	for key, record := range c.in(events).ascend(span{}) {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		sequence := parseNumber(key)
		e, err := decodeEvent(sequence, record)
		if err != nil {
			c.report("%v", err)
			last = mark{sequence: sequence}
			continue
		}
		c.checkLink(last, &e)
		about += c.checkHistory(&e)
		last = mark{sequence, e.Hash}
	}
	c.checkHead(last, head)
	if c.in(histories).count(span{}, about+1) != about {
		c.report("histories have more than the %d events that are about their subjects", about)
	}
	return c.ctx.Err()
}

// checkLink compares an event with the hash that the chain up to it has. Behind
// an event that cannot be read it is not known.
func (c *inspection) checkLink(last mark, e *storage.Event) {
	switch {
	case e.Sequence != last.sequence+1:
		c.report("event %d follows %d: what was between is gone", e.Sequence, last.sequence)
	case last.hash == nil && last.sequence > 0:
	case !bytes.Equal(e.Hash, storage.Chain(last.hash, e)):
		c.report("event %d is not the one that was written: it does not continue the chain", e.Sequence)
	}
}

// checkHead compares the end of the log with the event that was written last.
func (c *inspection) checkHead(last, head mark) {
	switch {
	case last.sequence != head.sequence:
		c.report("the log ends with event %d, but event %d was the last that was written", last.sequence, head.sequence)
	case last.hash == nil:
	case !bytes.Equal(last.hash, head.hash):
		c.report("event %d, the last one, has another hash than the head of the log", last.sequence)
	}
}

// checkHistory returns how many histories have the event, 0 or 1.
func (c *inspection) checkHistory(e *storage.Event) int {
	if e.Subject == "" {
		return 0
	}
	if c.in(histories).get(append(historyKey(e.Subject), sequenceKey(e.Sequence)...)) == nil {
		c.report("event %d is not in the history of %q", e.Sequence, e.Subject)
		return 0
	}
	return 1
}
