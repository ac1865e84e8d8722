package storage

import "time"

// Batch is one atomic change. Guards are tested against the state before it;
// then everything in it happens at once. A document appears in at most one of
// Puts, Deletes and Touches (conditional touches and neighbours aside: a Put or
// Delete of the same document wins over them). The edges of Deletes and
// DropEdges go before Edges are changed; unconditional effects happen before
// those of Edges, which follow in order. Claims released by the batch are free for it, so
// two documents may exchange unique values.
type Batch struct {
	ID      string // chosen by the writer; "" if its outcome will never be asked for
	Guards  []Guard
	Puts    []Put
	Deletes []Delete
	Edges   []EdgeChange
	Sides   []Side
	Enqueue []Message   // a message that is there already is replaced, also under another Due
	Dequeue []MessageID // absent ones are ignored; done before Enqueue
	Effects             // unconditional
}

// Put writes a document. Ordinal, Revision, and for an existing one Created,
// are the engine's. A Put with another Type than before is a move: index
// entries follow the new type, claims are those of the new document, edges stay.
// Claims are the complete set: those that the stored document holds beyond them
// are released.
type Put struct {
	Document
	// DropEdges removes every edge at the document, as a Delete does.
	DropEdges bool
	// Neighbours as in Delete, used with DropEdges.
	Neighbours *Stamp
}

// Delete removes a document with its index entries, claims, side records and
// all edges From and To it. The removal is bounded work: what is left of very
// many edges is invisible at once and removed in the background, also after a
// crash.
type Delete struct {
	ID string
	// Neighbours, if set, touches each document with an edge To the removed one
	// (a group whose member leaves, but not the members of a group that goes).
	Neighbours *Stamp
}

// Stamp is a new version and time.
type Stamp struct {
	Version  string
	Modified time.Time
}

// Touch gives a document a new version and time without expecting one, and
// leaves its body and revision alone.
type Touch struct {
	ID string
	Stamp
}

// EdgeChange adds and removes edges; adding one that is there replaces nothing
// unless its Data differs, and removing an absent one does nothing. IfChanged
// happens only if some edge or its Data really changed.
type EdgeChange struct {
	Remove    []Edge // Data is ignored; removed before Add
	Add       []Edge
	IfChanged Effects
}

// Effects follow from a change.
type Effects struct {
	Touches  []Touch
	Counters []CounterStep
	Events   []Event // Sequence and Hash are the engine's
}

// CounterStep adds Delta to a counter, which may become negative unless a
// [CounterWithin] forbids it.
type CounterStep struct {
	Name  string
	Delta int64
}

// Side writes a side record of a document of this batch or of the store; nil
// Data removes it. Side records are deleted with their document.
type Side struct {
	ID, Name string // Name at most 256 bytes
	Data     []byte
}

// MessageID names a queued message.
type MessageID struct{ Queue, ID string }

// Guard is a condition that must hold at commit: one of the types below, or a
// [Claim].
type Guard interface{ guard() }

// AtRevision: the document is there with that body revision.
type AtRevision struct {
	ID       string
	Revision uint64
}

// AtVersion: the document is there with that version.
type AtVersion struct{ ID, Version string }

// Exists: a document with that id is there, of one of Types if there are any.
type Exists struct {
	ID    string
	Types []string
}

// Absent: no document has that id. Every creation carries it.
type Absent struct{ ID string }

// HasEdge: the edge is there.
type HasEdge struct{ Kind, From, To string }

// NoEdge: the edge is not there.
type NoEdge struct{ Kind, From, To string }

// CounterWithin: after this batch, the counter is within the bounds.
type CounterWithin struct {
	Name     string
	Min, Max int64
}

func (Claim) guard()         {}
func (AtRevision) guard()    {}
func (AtVersion) guard()     {}
func (Exists) guard()        {}
func (Absent) guard()        {}
func (HasEdge) guard()       {}
func (NoEdge) guard()        {}
func (CounterWithin) guard() {}
