package bolt

import (
	"bytes"
	"encoding/binary"
	"log/slog"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Bounds of one step.
const (
	buildStep = 512  // documents
	dropStep  = 4096 // entries
)

// build makes the entries of an index for the documents that were there before
// it was declared. Writers keep the entries of what they write.
type build struct {
	index  *index
	logger *slog.Logger
	looked int
}

func (b *build) String() string { return "build index " + b.index.Name }

func (b *build) finish(tx int) { b.index.readyAt.Store(int64(tx)) }

func (b *build) step(w *writing) (bool, error) {
	return w.advanceIndex(b.index.number, ready, buildStep, func(a *account, row *indexRow, room int) (int, error) {
		found, err := a.following(row.Type, row.Ordinal, room)
		for _, d := range found {
			row.Ordinal = uint32(d.Ordinal)
			for _, e := range b.index.appendEntries(nil, d) {
				a.put(entries, entryKey(e, row.Ordinal), nil)
			}
		}
		b.progress(len(found))
		return len(found), err
	})
}

func (b *build) progress(n int) {
	const often = 100_000
	if b.looked/often != (b.looked+n)/often {
		b.logger.Info("building an index", "index", b.index.Name, "documents", b.looked+n)
	}
	b.looked += n
}

// following returns the documents of a type behind an ordinal, at most limit.
func (a *account) following(typ string, ordinal uint32, limit int) ([]*storage.Document, error) {
	var found []*storage.Document
	prefix := typeKey(typ)
	from := binary.BigEndian.AppendUint32(bytes.Clone(prefix), ordinal)
	for k, v := range a.in(documents).ascend(prefixed(prefix).after(from)) {
		if len(found) == limit {
			break
		}
		d, err := decode(typ, binary.BigEndian.Uint32(k[len(prefix):]), v)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}

// drop removes the entries of an index that is no longer declared.
type drop struct {
	number uint16
	name   string
}

func (d *drop) String() string { return "remove index " + d.name }

func (d *drop) finish(int) {}

func (d *drop) step(w *writing) (bool, error) {
	return w.advanceIndex(d.number, "", dropStep, func(a *account, _ *indexRow, room int) (int, error) {
		var keys [][]byte
		for k := range a.in(entries).ascend(prefixed(indexKey(d.number))) {
			if len(keys) == room {
				break
			}
			keys = append(keys, bytes.Clone(k))
		}
		for _, k := range keys {
			a.remove(entries, k)
		}
		return len(keys), nil
	})
}

// advanceIndex goes through the accounts from where the index's row says, until
// the room of a step is used, and tells whether all are done; the row then has
// that state or, with none, is gone. Work does at most room things in an account
// and returns how many.
func (w *writing) advanceIndex(number uint16, done state, room int, work func(*account, *indexRow, int) (int, error)) (bool, error) {
	rows := catalogueBucket(w.tx)
	row, err := readIndexRow(rows, number)
	if err != nil {
		return false, err
	}
	for _, name := range accountsFrom(w.tx, row.Account, room) {
		if string(name) != row.Account {
			row.Account, row.Ordinal = string(name), 0
		}
		n, err := work(w.account(name), row, room)
		if err != nil {
			w.fault = err
			return false, err
		}
		if room -= n + 1; room <= 0 {
			return false, writeIndexRow(rows, number, row)
		}
	}
	row.State, row.Account, row.Ordinal = done, "", 0
	if done == "" {
		return true, rows.Delete(indexKey(number))
	}
	return true, writeIndexRow(rows, number, row)
}

// accountsFrom lists accounts from one on, at most limit.
func accountsFrom(tx *bbolt.Tx, from string, limit int) []storage.Account {
	var names []storage.Account
	for name := range accountNames(tx, storage.Account(from)) {
		if names = append(names, name); len(names) == limit {
			break
		}
	}
	return names
}
