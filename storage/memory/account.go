package memory

import (
	"bytes"
	"slices"
	"time"

	"roster/storage"
)

// account is the state of one account. Documents and byte slices in it are
// never altered, only replaced, so that undoing is putting the old one back.
type account struct {
	documents map[string]*storage.Document // by id
	ordinal   uint64                       // the last one given
	owners    map[claim]string             // id of the document that holds it
	edges     map[end]map[string][]byte    // id at the other end -> Data; each edge is in it twice
	kinds     map[string]bool              // of edges, all that ever were
	sides     map[string]map[string][]byte // id -> name -> Data
	counters  map[string]int64
	events    []storage.Event
	trimmed   storage.Event // the last that was forgotten: Sequence and Hash
	erased    bool          // so that nothing is written any more
	messages  map[storage.MessageID]storage.Message
	applied   map[string]bool // batch ids
	batches   []string        // the same, oldest first
}

// claim is a comparable storage.Claim.
type claim struct{ attribute, value string }

// end is one side of an edge.
type end struct {
	kind      string
	direction storage.Direction
	id        string
}

func newAccount() *account {
	return &account{
		documents: make(map[string]*storage.Document),
		owners:    make(map[claim]string),
		edges:     make(map[end]map[string][]byte),
		kinds:     make(map[string]bool),
		sides:     make(map[string]map[string][]byte),
		counters:  make(map[string]int64),
		messages:  make(map[storage.MessageID]storage.Message),
		applied:   make(map[string]bool),
	}
}

func claimOf(c storage.Claim) claim { return claim{c.Attribute, string(c.Value)} }

// copyOf returns a document that shares nothing with d, and that was not
// decoded yet: what a writer decoded may be of an earlier body.
func copyOf(d *storage.Document) *storage.Document {
	return &storage.Document{
		Type:     d.Type,
		ID:       d.ID,
		Ordinal:  d.Ordinal,
		Version:  d.Version,
		Revision: d.Revision,
		Created:  precise(d.Created),
		Modified: precise(d.Modified),
		Claims:   copyClaims(d),
		Body:     slices.Clone(d.Body),
	}
}

func copyClaims(d *storage.Document) []storage.Claim {
	claims := slices.Clone(d.Claims)
	for i := range claims {
		claims[i].Value = bytes.Clone(claims[i].Value)
		claims[i].ID = d.ID
	}
	return claims
}

// precise is the time as engines keep it.
func precise(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }
