package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// snapshot is a read transaction on one account.
type snapshot struct {
	*account
	tx      *bbolt.Tx
	indexes *catalogue
}

func (s *snapshot) Get(ctx context.Context, id string) (*storage.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := s.document(id)
	if err == nil && d == nil {
		return nil, fmt.Errorf("document %q: %w", id, storage.ErrNotFound)
	}
	return d, err
}

func (s *snapshot) GetMany(ctx context.Context, ids []string) ([]*storage.Document, error) {
	var found []*storage.Document
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := s.document(id)
		if err != nil {
			return nil, err
		}
		if d != nil {
			found = append(found, d)
		}
	}
	return found, nil
}

func (s *snapshot) Side(ctx context.Context, id, name string) ([]byte, error) {
	data := s.in(sides).get(sideKey(id, name))
	if data == nil {
		return nil, fmt.Errorf("side record %q of %q: %w", name, id, storage.ErrNotFound)
	}
	return bytes.Clone(data), ctx.Err()
}

func (s *snapshot) Sides(ctx context.Context, id, prefix, after string, limit int) ([]string, error) {
	of := sideKey(id, "")
	within := prefixed(sideKey(id, prefix))
	if after != "" && bytes.Compare(sideKey(id, after), within.from) >= 0 {
		within = within.after(sideKey(id, after))
	}
	var names []string
	for key := range s.in(sides).ascend(within) {
		names = append(names, string(key[len(of):]))
		if len(names) == limit {
			break
		}
	}
	return names, ctx.Err()
}

func (s *snapshot) Owner(ctx context.Context, attribute string, value []byte) (string, error) {
	owner := s.owner(claimKey(attribute, value))
	if owner == "" {
		return "", fmt.Errorf("claim of %s: %w", attribute, storage.ErrNotFound)
	}
	return owner, ctx.Err()
}

func (s *snapshot) Counter(ctx context.Context, name string) (int64, error) {
	return s.counter(name), ctx.Err()
}

func (a *account) counter(name string) int64 {
	return int64(parseNumber(a.in(counters).get([]byte(name))))
}
