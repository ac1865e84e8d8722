package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Erase implements [storage.Store]. The buckets of the account are put aside as
// they are, which costs the same however large they are; what they have is
// removed from the file in the background, see [Store.Ready].
func (s *Store) Erase(ctx context.Context, name storage.Account) error {
	if name == storage.System {
		return storage.ErrSystem
	}
	if err := name.Validate(); err != nil {
		return err
	}
	erased := false
	_, err := s.writer.do(ctx, 0, func(w *writing) error {
		erased = w.erase(name)
		return nil
	})
	if err == nil && erased {
		s.chores.add(removal{})
	}
	return err
}

// erase marks an account as erased, puts aside all its buckets but those of its
// log, and tells whether there were any. What this transaction did to them so far
// goes with them unwritten: bbolt moves a bucket as it was before.
func (w *writing) erase(name storage.Account) bool {
	a := w.account(name)
	if a.erased() {
		return false
	}
	a.put(marks, erasedMark, nil)
	var found [][]byte
	for s := range spaces {
		if space(s).ofLog() || a.in(space(s)).bucket == nil {
			continue
		}
		found = append(found, []byte(spaces[s].name))
	}
	if len(found) == 0 {
		return false
	}
	delete(w.accounts, name) // whose tables these were
	aside, err := newErased(w.tx)
	a.note(err)
	for _, bucket := range found {
		if w.fault == nil {
			a.note(w.tx.MoveBucket(bucket, a.root, aside))
		}
	}
	return true
}

func (a *account) erased() bool { return a.in(marks).get(erasedMark) != nil }

// ofLog: the bucket is kept when its account is erased.
func (s space) ofLog() bool { return s == events || s == marks || s == histories }

func erasedBuckets(tx *bbolt.Tx) *bbolt.Bucket {
	return tx.Bucket([]byte(fileBucket)).Bucket([]byte(erasedBucket))
}

// newErased makes a bucket for the buckets of one account.
func newErased(tx *bbolt.Tx) (*bbolt.Bucket, error) {
	all, err := tx.Bucket([]byte(fileBucket)).CreateBucketIfNotExists([]byte(erasedBucket))
	if err != nil {
		return nil, err
	}
	n, err := all.NextSequence()
	if err != nil {
		return nil, err
	}
	return all.CreateBucket(sequenceKey(n))
}

// removal removes what was put aside from the file, step by step.
type removal struct{}

func (removal) String() string { return "remove what erased accounts had" }

func (removal) finish(int) {}

func (removal) step(w *writing) (bool, error) {
	all := erasedBuckets(w.tx)
	number := first(all)
	if number == nil {
		return true, nil
	}
	w.fault = removeSome(all, number)
	return false, w.fault
}

// removeSome takes one step in the first bucket of an account, and removes the
// buckets that are empty.
func removeSome(all *bbolt.Bucket, number []byte) error {
	aside := all.Bucket(number)
	name := first(aside)
	if name == nil {
		return all.DeleteBucket(number)
	}
	bucket := aside.Bucket(name)
	keys := newTable(bucket).frontKeys()
	if len(keys) == 0 {
		return aside.DeleteBucket(name)
	}
	for _, key := range keys {
		if err := bucket.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// first returns the first key of a bucket, nil if there is none.
func first(b *bbolt.Bucket) []byte {
	if b == nil {
		return nil
	}
	k, _ := b.Cursor().First()
	return bytes.Clone(k)
}
