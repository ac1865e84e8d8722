package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// index is a declared index that this file has a number for.
type index struct {
	storage.Index
	number uint16
	// The entries of documents that have no value, and no value to sort by.
	missing, unsorted []byte
	// readyAt is the first transaction that sees it complete, 0 if it is being
	// built. Entries of changed documents are right in both states.
	readyAt atomic.Int64
}

// ready tells whether a transaction may rely on the index.
func (x *index) ready(tx *bbolt.Tx) bool {
	at := x.readyAt.Load()
	return at != 0 && int64(tx.ID()) >= at
}

// catalogue is the indexes of an open store. It does not change.
type catalogue struct {
	byName map[string]*index
	byType map[string][]*index
}

// state of an index in the file: declared anew, it is being built and then
// ready; declared no more, it is dropped and then gone.
type state string

const (
	building state = "building"
	ready    state = "ready"
	dropped  state = "dropped" // its entries are being removed
)

// indexRow is an entry of the file's catalogue, under the number of the index.
type indexRow struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Form   string `json:"form"`
	Multi  bool   `json:"multi"`
	Sparse bool   `json:"sparse"`
	State  state  `json:"state"`
	// How far building or removing got: all accounts before this one, and in it
	// all ordinals up to this one.
	Account string `json:"account,omitempty"`
	Ordinal uint32 `json:"ordinal,omitempty"`
}

func (r *indexRow) serves(x *storage.Index) bool {
	return r.State != dropped && r.Type == x.Type && r.Name == x.Name && r.Form == x.Form && r.Multi == x.Multi && r.Sparse == x.Sparse
}

func readIndexRow(b *bbolt.Bucket, number uint16) (*indexRow, error) {
	var row indexRow
	if err := json.Unmarshal(b.Get(indexKey(number)), &row); err != nil {
		return nil, fmt.Errorf("read the catalogue of indexes: entry %d: %w", number, err)
	}
	return &row, nil
}

func writeIndexRow(b *bbolt.Bucket, number uint16, row *indexRow) error {
	value, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return b.Put(indexKey(number), value)
}

func catalogueBucket(tx *bbolt.Tx) *bbolt.Bucket {
	return tx.Bucket([]byte(fileBucket)).Bucket([]byte(indexesBucket))
}

func indexKey(number uint16) []byte { return binary.BigEndian.AppendUint16(nil, number) }

// validateIndexes refuses declarations that contradict one another.
func validateIndexes(declared []storage.Index) error {
	names := map[string]bool{storage.IDIndex: true}
	for _, x := range declared {
		if x.Name == "" || x.Type == "" || x.Extract == nil {
			return fmt.Errorf("index %q of type %q: name, type and Extract are required", x.Name, x.Type)
		}
		if names[x.Name] {
			return fmt.Errorf("index %q is declared twice or reserved", x.Name)
		}
		names[x.Name] = true
	}
	return nil
}

// reconcile brings the file's catalogue in line with the declared indexes: a new
// one gets a number and that state, one that is no longer declared is to be
// dropped.
func reconcile(b *bbolt.Bucket, declared []storage.Index, fresh state) (*catalogue, error) {
	c := &catalogue{byName: make(map[string]*index), byType: make(map[string][]*index)}
	taken := make(map[uint16]bool)
	for number, row := range indexRows(b) {
		taken[number] = true
		if row == nil {
			return nil, fmt.Errorf("the catalogue of indexes is damaged at entry %d", number)
		}
		if i := slices.IndexFunc(declared, func(x storage.Index) bool { return row.serves(&x) }); i >= 0 {
			c.add(declared[i], number, row.State)
		}
	}
	if err := c.drop(b, taken); err != nil {
		return nil, err
	}
	for _, x := range declared {
		if c.byName[x.Name] != nil {
			continue
		}
		number, err := unused(taken)
		if err != nil {
			return nil, err
		}
		row := &indexRow{Type: x.Type, Name: x.Name, Form: x.Form, Multi: x.Multi, Sparse: x.Sparse, State: fresh}
		if err := writeIndexRow(b, number, row); err != nil {
			return nil, err
		}
		c.add(x, number, fresh)
	}
	return c, nil
}

// indexRows reads all rows; a damaged one is nil.
func indexRows(b *bbolt.Bucket) map[uint16]*indexRow {
	rows := make(map[uint16]*indexRow)
	for key := range newTable(b).ascend(span{}) {
		number := binary.BigEndian.Uint16(key)
		row, err := readIndexRow(b, number)
		if err != nil {
			row = nil
		}
		rows[number] = row
	}
	return rows
}

func (c *catalogue) add(declared storage.Index, number uint16, s state) {
	x := &index{Index: declared, number: number, missing: sectionKey(number, missing), unsorted: sectionKey(number, unsorted)}
	if s == ready {
		x.readyAt.Store(1)
	}
	c.byName[x.Name] = x
	c.byType[x.Type] = append(c.byType[x.Type], x)
}

// drop marks the rows that no declared index has.
func (c *catalogue) drop(b *bbolt.Bucket, taken map[uint16]bool) error {
	used := make(map[uint16]bool)
	for _, x := range c.byName {
		used[x.number] = true
	}
	for number := range taken {
		row, err := readIndexRow(b, number)
		if err != nil {
			return err
		}
		if used[number] || row.State == dropped {
			continue
		}
		row.State, row.Account, row.Ordinal = dropped, "", 0
		if err := writeIndexRow(b, number, row); err != nil {
			return err
		}
	}
	return nil
}

// unused takes the least number that is free.
func unused(taken map[uint16]bool) (uint16, error) {
	for n := uint16(1); n != 0; n++ {
		if !taken[n] {
			taken[n] = true
			return n, nil
		}
	}
	return 0, errors.New("more than 65535 indexes")
}
