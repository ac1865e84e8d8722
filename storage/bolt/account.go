package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// account reads and, in a writing transaction, writes the buckets of an account.
type account struct {
	name   storage.Account
	root   *bbolt.Bucket // nil if the account was never written to
	tables [spaceCount]table
	opened [spaceCount]bool
	// In a writing transaction:
	fault  *error // its first error; see writing
	create func() *bbolt.Bucket
}

func openAccount(tx *bbolt.Tx, name storage.Account) *account {
	return &account{name: name, root: tx.Bucket(accountBucket(name))}
}

// in returns a bucket for reading.
func (a *account) in(s space) table {
	if !a.opened[s] {
		a.opened[s] = true
		if a.root != nil {
			a.tables[s] = newTable(a.root.Bucket([]byte(spaces[s].name)))
		}
	}
	return a.tables[s]
}

// into returns a bucket for writing, nil after a fault.
func (a *account) into(s space) *bbolt.Bucket {
	if *a.fault != nil {
		return nil
	}
	if t := a.in(s); t.bucket != nil {
		t.bucket.FillPercent = spaces[s].fill
		return t.bucket
	}
	if a.root == nil {
		if a.root = a.create(); a.root == nil {
			return nil
		}
	}
	b, err := a.root.CreateBucketIfNotExists([]byte(spaces[s].name))
	if err != nil {
		a.note(err)
		return nil
	}
	b.FillPercent = spaces[s].fill
	a.tables[s] = newTable(b)
	return b
}

// note keeps the first error.
func (a *account) note(err error) {
	if *a.fault == nil && err != nil {
		*a.fault = err
	}
}

// put keeps the value until the end of the transaction. An error becomes the
// transaction's fault.
func (a *account) put(s space, key, value []byte) {
	if value == nil {
		value = []byte{} // within the transaction, nil would read as absent
	}
	if b := a.into(s); b != nil {
		a.note(b.Put(key, value))
	}
}

func (a *account) remove(s space, key []byte) {
	if a.in(s).bucket == nil {
		return
	}
	if b := a.into(s); b != nil {
		a.note(b.Delete(key))
	}
}

// advance steps the sequence of a bucket and returns it.
func (a *account) advance(s space) uint64 {
	b := a.into(s)
	if b == nil {
		return 0
	}
	n, err := b.NextSequence()
	a.note(err)
	return n
}

// locate finds the key of the document with that id, nil if there is none.
func (a *account) locate(id string) []byte { return a.in(ids).get([]byte(id)) }

// document returns the document with that id, nil if there is none.
func (a *account) document(id string) (*storage.Document, error) {
	key := a.locate(id)
	if key == nil {
		return nil, nil
	}
	typ, ordinal, ok := splitDocumentKey(key)
	if !ok {
		return nil, fmt.Errorf("the key of document %q is damaged", id)
	}
	return decode(string(typ), ordinal, a.in(documents).get(key))
}

// at returns the document with that ordinal, which must be there.
func (a *account) at(typ string, ordinal uint32) (*storage.Document, error) {
	return decode(typ, ordinal, a.in(documents).get(documentKey(typ, ordinal)))
}
