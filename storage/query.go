package storage

import (
	"bytes"
	"context"
	"io"
)

// Index declares that an engine keeps the values of an attribute of one type of
// document in order. The engine derives the entries itself, on every write and
// when an index is built over existing data, so they cannot disagree with the
// document.
type Index struct {
	Type string // of the documents
	Name string // unique among the indexes of all types, such as "User:emails.value"
	// Form changes when Extract gives other bytes for the same document; the
	// index is then built anew.
	Form string
	// Multi: a document may have several values. One without has at most one,
	// and its order is that of its value.
	Multi bool
	// Sparse: nearly all documents have no value, and cost nothing: the engine keeps
	// entries only of values. Conditions are decided as by any index, also that there
	// is no value; but it gives no order: a Sort that names it sorts by its Key.
	Sparse bool
	// Extract returns the normalised values of the document, whose byte order
	// is the attribute's order, without duplicates, none if the attribute has no
	// value; and the one value that it sorts by. It is pure, keeps nothing of
	// the document, and may be called concurrently.
	Extract func(*Document) (values [][]byte, sort []byte)
}

// Query asks for documents of one type.
type Query struct {
	Type  string
	Where Node  // nil: all
	Sort  *Sort // nil: in order of creation
	// After continues a walk: only documents that come behind that position in
	// the query's order are returned, whether a document is there or not. Total
	// stays that of all matches. Behind any position a page costs what the first
	// one costs.
	After  *Position
	Offset int // documents of the result to skip, 0 for none
	Limit  int // documents to return, 0 for none
	// MaxBytes ends the page early, behind the document with which their bodies
	// reach so many bytes; see Page.Short. 0 is no bound.
	MaxBytes int
	Total    bool // count all matches; else Page.Total is -1
	// MaxChecks bounds the documents that are read only to decide whether, or
	// where, they belong to the result. More is ErrTooMany. 0 is no bound.
	MaxChecks int
}

// CompareKeys orders values of Sort.Key, ascending: nil, which is no value, comes
// last.
func CompareKeys(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return bytes.Compare(a, b)
}

// Position is a place in the order of a query: that of a document with this
// value of Sort.Key, nil if it has none, and this ordinal. Without a sort, or
// with one without a Key, the ordinal alone says it.
type Position struct {
	Key     []byte
	Ordinal uint64
}

// Sort orders by one value; documents without it come last in ascending and
// first in descending order; equal ones follow the order of creation, reversed
// in descending order. Without Index and Key it is the order of creation.
type Sort struct {
	Index      string // name of a catalogued index with this order that is not Sparse, or ""
	Descending bool
	// Key returns the normalised value, nil if there is none: the same as the
	// sort value of Index. It decides where no index does. Required with an
	// Index.
	Key func(*Document) []byte
}

// Page is a part of a result.
type Page struct {
	Documents []*Document
	Total     int  // all matches, exactly
	Short     bool // MaxBytes ended the page; there may be more
	Checked   int  // documents that were read to decide
}

// Node is a condition on a document: And, Or, Not, *Leaf or *Related.
type Node interface{ node() }

// And holds if all do; an empty one holds.
type And []Node

// Or holds if any does; an empty one does not.
type Or []Node

// Not holds if its node does not.
type Not struct{ Node Node }

// Leaf is a condition that an index may decide, and that its Check always
// decides. The two agree on every document: for one whose values in Index are v,
// Check is true exactly if some v is Op Value (with Present: if there is any v).
type Leaf struct {
	Index string // name, "" if none can decide
	Op    Op
	Value []byte // normalised as Index.Extract does
	Check func(Snapshot, *Document) (bool, error)
	// Text is how a plan prints it, without the value: "User:userName eq".
	Text string
}

// Op compares the bytes of a value in the index with those of the leaf.
type Op uint8

const (
	Present Op = iota
	Equal
	Prefix
	Suffix
	Contains
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
)

var opText = [...]string{"pr", "eq", "sw", "ew", "co", "lt", "le", "gt", "ge"}

// String returns the operator's name in a filter.
func (o Op) String() string {
	if int(o) < len(opText) {
		return opText[o]
	}
	return "?"
}

// Related is a condition on the edges of a document: it has one of that Kind in
// that Direction (Outbound: the document is From), whose other end is ID, if ID
// is not empty, and for which Match holds, if there is one. Transitive: over
// any number of edges; ID is then set and Match is nil, and a document is not
// related to itself.
type Related struct {
	Kind       string
	Direction  Direction
	ID         string
	Transitive bool
	Match      func(*Edge) bool
	Text       string
}

func (And) node()      {}
func (Or) node()       {}
func (Not) node()      {}
func (*Leaf) node()    {}
func (*Related) node() {}

// The header's own indexes, which every engine has for every type: the values
// of leaves and sorts are the bytes of the id, as text, in byte order.
const IDIndex = "id"

// Further abilities of an engine, found by type assertion.
type (
	// Explainer prints how a query would be answered, one step a line, without
	// values.
	Explainer interface {
		Explain(ctx context.Context, account Account, q Query) (string, error)
	}
	// Checker compares indexes, edges, claims and counters with the documents,
	// verifies the chain of every log, also of accounts that were erased, up to
	// its head, and reports every disagreement to found, with its account.
	Checker interface {
		Check(ctx context.Context, found func(problem string)) error
	}
	// Backuper writes a consistent copy that the engine can open.
	Backuper interface {
		Backup(ctx context.Context, w io.Writer) error
	}
)
