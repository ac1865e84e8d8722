// Package storage is the contract between the use cases and an engine that
// keeps documents: what a document is, how a change is stated, how a question
// is asked. It knows nothing of SCIM.
//
// Promises of every engine:
//
//   - A [Batch] is atomic and durable: when Apply returns nil, the change and
//     all that follows from it are on disk; on any error nothing of it is.
//   - Guards hold at commit, not only when they were read.
//   - A [Snapshot] is one consistent state; it never sees half a batch.
//   - Every call names the [Account] it is about. No call reaches another one.
//   - All methods may be called concurrently.
//
// The contract is declarative (a query plan and a batch of mutations), because
// an embedded engine then needs only check-and-put in its single writer, and an
// engine over SQL one round trip.
package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Account is the identifier of a tenant. It is an explicit argument of every
// call, so that forgetting it does not compile.
type Account string

// System holds the server's own documents: accounts and tokens.
const System Account = "system"

// Errors of every engine. Test with errors.Is.
var (
	// ErrNotFound: no document, side record or claim has that key.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a guard did not hold. Always a *ConflictError.
	ErrConflict = errors.New("conflict")
	// ErrTooMany: a query needs more documents checked than Query.MaxChecks, or
	// a closure is larger than its limit. Nothing was returned.
	ErrTooMany = errors.New("too many documents to check")
	// ErrSystem: the server's own account cannot be erased.
	ErrSystem = errors.New("the account of the server itself cannot be erased")
	// ErrErased: the account was erased, and nothing is written to it any more.
	ErrErased = errors.New("account was erased")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store is closed")
)

// ConflictError names the guard that failed. A taken claim fails as a Claim
// with the ID of the document that wanted it.
type ConflictError struct{ Guard Guard }

func (e *ConflictError) Error() string { return fmt.Sprintf("conflict: %T does not hold", e.Guard) }

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// Store is an engine. Open functions of the engines take the catalogue of
// indexes; see [Index].
type Store interface {
	// View calls read with a consistent snapshot and returns its error. The
	// snapshot is invalid after read returns; documents and edges that came out
	// of it belong to the caller and stay valid. An account that was never
	// written to is empty, not an error. read must not write to a client or
	// wait for anything: a snapshot may pin resources of the engine.
	View(ctx context.Context, account Account, read func(Snapshot) error) error

	// Apply makes one atomic change. It fails with a *ConflictError if a guard
	// or claim does not hold, and with ErrNotFound if a touched or deleted
	// document is not there, and with ErrErased, whatever the batch says, if the
	// account was erased. It does not keep the batch or its bytes. It is not
	// retried by the engine on a conflict. If ctx ends before the batch was
	// taken up by the writer, nothing is applied; afterwards the outcome is
	// awaited.
	Apply(ctx context.Context, account Account, batch Batch) (Receipt, error)

	// Applied tells whether the batch with that id was applied. Engines
	// remember at least the last 10,000 ids of an account.
	Applied(ctx context.Context, account Account, batchID string) (bool, error)

	// Trim forgets the events of the account's log up to and with that sequence.
	// The others stay as they are, and the log goes on where it ended even if
	// nothing is left of it: no sequence is given twice, and the chain verifies
	// from the first event that is left. It is done in steps of bounded work, each
	// of which is complete: after an error or a crash some may have been done, and
	// it may be called again. What is forgotten already, or was never there, is
	// not an error.
	Trim(ctx context.Context, account Account, through uint64) error

	// Erase removes everything of an account but its log, for good: when it returns,
	// every new snapshot finds documents, claims, edges, side records, counters,
	// messages and batch ids as in an account that was never written to, and every
	// batch fails with ErrErased, so that whoever was let in before leaves nothing.
	// It is atomic and may be called again, also for an account that was never
	// written to. An engine may free the space in the background, also after a
	// crash, and keeps others from waiting for it. The log stays readable and may be
	// trimmed. It fails with ErrSystem for System.
	Erase(ctx context.Context, account Account) error

	// Close waits for running calls and background work and releases the
	// store. Later calls fail with ErrClosed.
	Close() error
}

// Snapshot reads one consistent state of one account. Not for concurrent use.
type Snapshot interface {
	// Get returns the document with that id, of any type, or ErrNotFound.
	Get(ctx context.Context, id string) (*Document, error)
	// GetMany returns the documents that are there, in the order of ids; a
	// missing one is left out, a repeated id is repeated.
	GetMany(ctx context.Context, ids []string) ([]*Document, error)
	// Query answers a typed query. It fails with ErrTooMany, and ends soon after
	// ctx does.
	Query(ctx context.Context, q Query) (Page, error)

	// Edges lists the edges of one kind at id in the given direction, ordered
	// by the bytes of the id at the other end, starting after that id ("" is
	// the beginning), at most limit (0: no limit).
	Edges(ctx context.Context, kind string, dir Direction, id, after string, limit int) ([]Edge, error)
	// CountEdges counts them.
	CountEdges(ctx context.Context, kind string, dir Direction, id string) (int, error)
	// GetEdges returns those edges kind|from|to that are there, in the order of to.
	GetEdges(ctx context.Context, kind, from string, to []string) ([]Edge, error)
	// Reach lists what can be reached from id over edges of one kind, nearest
	// first, id itself left out, each once, cycles allowed. Ends at no document
	// are included. It fails with ErrTooMany above limit (0: no limit).
	Reach(ctx context.Context, kind string, dir Direction, id string, limit int) ([]Reached, error)

	// Side returns a side record of a document, or ErrNotFound.
	Side(ctx context.Context, id, name string) ([]byte, error)
	// Sides lists the names of a document's side records that start with
	// prefix, in byte order, after that name, at most limit (0: no limit).
	Sides(ctx context.Context, id, prefix, after string, limit int) ([]string, error)
	// Owner returns the id of the document that holds a claim, or ErrNotFound.
	Owner(ctx context.Context, attribute string, value []byte) (string, error)
	// Counter returns a counter; one that was never stepped is 0.
	Counter(ctx context.Context, name string) (int64, error)
	// Events lists events of the account's log in the order of their sequence.
	// Those of one subject cost what they are, however long the log is. They
	// outlive the document that they are about.
	Events(ctx context.Context, q EventQuery) ([]Event, error)
	// Head returns the sequence and the hash of the last event that was written
	// to the log, also when it was trimmed since; 0 and nil if none ever was.
	// Noted down elsewhere, it shows later that the log up to there is the same.
	Head(ctx context.Context) (sequence uint64, hash []byte, err error)
	// Messages lists messages of a queue that are due at that time, earliest
	// first, at most limit.
	Messages(ctx context.Context, queue string, due time.Time, limit int) ([]Message, error)
}

// Document is a header, which is the engine's, and a body, which is the
// writer's. Times are UTC with millisecond precision.
type Document struct {
	Type     string    // resource type, such as "User"
	ID       string    // 1 to 64 bytes, unique in the account over all types
	Ordinal  uint64    // dense, in order of creation; set by the engine, kept for life
	Version  string    // opaque, at most 64 bytes; moves with every visible change
	Revision uint64    // of the body; set by the engine: 1, then one more with each Put
	Created  time.Time // set at creation by the writer, later kept by the engine
	Modified time.Time
	Claims   []Claim // unique values that this document holds; Claim.ID is implied
	Body     []byte  // bytes as served, opaque to the engine except through Index.Extract

	decoded any
}

// Decoded returns what decode made of the body, calling it once for a document.
// A document is not decoded from several goroutines at a time.
func (d *Document) Decoded(decode func(*Document) any) any {
	if d.decoded == nil {
		d.decoded = decode(d)
	}
	return d.decoded
}

// Claim is a value that only one document of the account may hold. As a Guard
// on its own it says: the value is free, or held by ID.
type Claim struct {
	Attribute string // such as "User:userName"
	Value     []byte // normalised, any length
	ID        string
}

// Edge is a directed relation between two ids, such as group and member. It
// exists once for each kind, From and To. Neither end needs a document, unless
// a guard asks for it.
type Edge struct {
	Kind     string // such as "member"
	From, To string // ids, 1 to 64 bytes
	Data     []byte // opaque, belongs to the edge, such as the display name of a member
}

// Direction says which end of an edge is given.
type Direction bool

const (
	Outbound Direction = false // edges From the given id
	Inbound  Direction = true  // edges To the given id
)

// Reached is one id of a closure and the least number of edges to it.
type Reached struct {
	ID    string
	Depth int
}

// Event is an entry of the account's log, which is chained: see [Chain].
type Event struct {
	Sequence uint64 // dense from 1, in commit order; set by the engine
	Time     time.Time
	Type     string // such as "user.created"
	Subject  string // id of the document it is about, at most 64 bytes; "" for none
	Data     []byte // opaque
	Hash     []byte // of the log up to this event, 32 bytes; set by the engine
}

// EventQuery asks for events of the log.
type EventQuery struct {
	Subject string // only the events about that id; "" is all of the log
	// After continues a walk: only events that come behind that sequence in the
	// query's order are returned, whether there is one at it or not. 0 is the
	// beginning in either order.
	After      uint64
	Descending bool // latest first; else oldest first
	Limit      int  // events to return, 0 for none
}

// Message is an entry of a queue, ordered by Due and then by ID.
type Message struct {
	Queue string
	ID    string // chosen by the writer, unique in the queue
	Due   time.Time
	Body  []byte
}

// Receipt tells what a batch did.
type Receipt struct {
	// Changed has an element for each Batch.Edges: whether it changed any edge,
	// and so whether its effects fired.
	Changed []bool
	// Sequence of the last event written, 0 if none was.
	Sequence uint64
}
