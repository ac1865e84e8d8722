package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"roster/storage"
)

// snapshot reads an account while the store is locked for reading.
type snapshot struct {
	*account
	indexes map[string]storage.Index
}

func (s *snapshot) Get(ctx context.Context, id string) (*storage.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := s.documents[id]
	if d == nil {
		return nil, fmt.Errorf("document %q: %w", id, storage.ErrNotFound)
	}
	return copyOf(d), nil
}

func (s *snapshot) GetMany(ctx context.Context, ids []string) ([]*storage.Document, error) {
	var found []*storage.Document
	for _, id := range ids {
		if d := s.documents[id]; d != nil {
			found = append(found, copyOf(d))
		}
	}
	return found, ctx.Err()
}

func (s *snapshot) Side(ctx context.Context, id, name string) ([]byte, error) {
	data, there := s.sides[id][name]
	if !there {
		return nil, fmt.Errorf("side record %q of %q: %w", name, id, storage.ErrNotFound)
	}
	return bytes.Clone(data), ctx.Err()
}

func (s *snapshot) Sides(ctx context.Context, id, prefix, after string, limit int) ([]string, error) {
	var names []string
	for name := range s.sides[id] {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return following(names, after, limit), ctx.Err()
}

// following sorts names and returns at most limit of those after one; 0 is no
// limit.
func following(names []string, after string, limit int) []string {
	names = slices.DeleteFunc(names, func(n string) bool { return after != "" && n <= after })
	slices.Sort(names)
	if limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	return names
}

func (s *snapshot) Owner(ctx context.Context, attribute string, value []byte) (string, error) {
	id, held := s.owners[claim{attribute, string(value)}]
	if !held {
		return "", fmt.Errorf("claim of %s: %w", attribute, storage.ErrNotFound)
	}
	return id, ctx.Err()
}

func (s *snapshot) Counter(ctx context.Context, name string) (int64, error) {
	return s.counters[name], ctx.Err()
}

func (s *snapshot) Messages(ctx context.Context, queue string, due time.Time, limit int) ([]storage.Message, error) {
	var messages []storage.Message
	for m := range maps.Values(s.messages) {
		if m.Queue == queue && !m.Due.After(due) {
			m.Body = bytes.Clone(m.Body)
			messages = append(messages, m)
		}
	}
	slices.SortFunc(messages, func(a, b storage.Message) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID))
	})
	return messages[:min(len(messages), max(limit, 0))], ctx.Err()
}
