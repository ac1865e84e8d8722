package storetest

import (
	"fmt"
	"strings"

	"roster/storage"
)

// describe prints a condition with its values, for the message of a failure.
func describe(n storage.Node) string {
	switch n := n.(type) {
	case nil:
		return "all"
	case storage.And:
		return describeAll("and", n)
	case storage.Or:
		return describeAll("or", n)
	case storage.Not:
		return "not " + describe(n.Node)
	case *storage.Leaf:
		return fmt.Sprintf("%s %.24q/%d", n.Text, n.Value, len(n.Value))
	case *storage.Related:
		return fmt.Sprintf("%s %s %.24q", n.Text, n.Kind, n.ID)
	default:
		return fmt.Sprintf("%T", n)
	}
}

func describeAll(word string, nodes []storage.Node) string {
	var parts []string
	for _, n := range nodes {
		parts = append(parts, describe(n))
	}
	return word + "(" + strings.Join(parts, ", ") + ")"
}

// describeQuery prints all of a query.
func describeQuery(q storage.Query) string {
	order := "creation"
	if q.Sort != nil {
		order = fmt.Sprintf("index %q key=%t descending=%t", q.Sort.Index, q.Sort.Key != nil, q.Sort.Descending)
	}
	if q.After != nil {
		order += fmt.Sprintf(" after %.24q/%d %d", q.After.Key, len(q.After.Key), q.After.Ordinal)
	}
	return fmt.Sprintf("%s where %s by %s offset %d limit %d total %t", q.Type, describe(q.Where), order, q.Offset, q.Limit, q.Total)
}
