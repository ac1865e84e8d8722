package memory

import (
	"context"
	"fmt"
	"strings"

	"roster/storage"
)

// Explain implements [storage.Explainer]: there is one plan, a scan.
func (s *Store) Explain(ctx context.Context, _ storage.Account, q storage.Query) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	lines := []string{"scan " + q.Type}
	if q.Where != nil {
		lines = append(lines, "check "+text(q.Where))
	}
	if q.Sort != nil {
		lines = append(lines, sortText(q.Sort))
	}
	if q.After != nil {
		lines = append(lines, "after a position")
	}
	return strings.Join(lines, "\n") + "\n", nil
}

func text(n storage.Node) string {
	switch n := n.(type) {
	case storage.And:
		return joined(n, " and ")
	case storage.Or:
		return joined(n, " or ")
	case storage.Not:
		return "not " + text(n.Node)
	case *storage.Leaf:
		return n.Text
	case *storage.Related:
		return n.Text
	default:
		return fmt.Sprintf("unknown %T", n)
	}
}

func joined(nodes []storage.Node, word string) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = text(n)
	}
	return "(" + strings.Join(texts, word) + ")"
}

func sortText(s *storage.Sort) string {
	name := s.Index
	switch {
	case name == "" && s.Key == nil:
		name = "creation"
	case name == "":
		name = "a value of the document"
	}
	if s.Descending {
		return "sort by " + name + " descending"
	}
	return "sort by " + name
}
