package bolt

import (
	"context"
	"fmt"
	"math"
	"strings"

	"go.etcd.io/bbolt"

	"roster/storage"
)

// Explain implements [storage.Explainer]. It builds the sets of the query, which
// it counts, and reads documents only where those need it. A plan is one line
// for each condition, in the order in which they are used, and one for the order:
//
//	index User:emails.value sw (120)   the set of an index, 120 documents
//	not index User:active eq (3)       the others
//	check User:title co                looks at each document that is left
//	order index User:userName          walks an index
//	order creation, after a position   begins where the last page ended
func (s *Store) Explain(ctx context.Context, account storage.Account, asked storage.Query) (string, error) {
	var text strings.Builder
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		q, err := s.snapshot(tx, account).plan(ctx, &asked)
		if err == nil {
			q.explain(&text)
		}
		return err
	})
	return text.String(), err
}

func (q *planned) explain(to *strings.Builder) {
	switch {
	case q.where == nil:
		fmt.Fprintf(to, "all %s (%d)\n", q.asked.Type, q.candidates())
	case q.equal != nil:
		fmt.Fprintf(to, "index %s (%d)\n", q.where.leaf, q.in(entries).count(*q.equal, math.MaxInt))
	case q.where.operator == allOf:
		q.where.explainParts(to, "")
	default:
		q.where.explain(to, "")
	}
	to.WriteString(q.orderText() + "\n")
}

func (p *plan) explain(to *strings.Builder, indent string) {
	switch p.operator {
	case allOf:
		to.WriteString(indent + "and\n")
		p.explainParts(to, indent+"  ")
	case anyOf:
		to.WriteString(indent + "or\n")
		p.explainParts(to, indent+"  ")
	default:
		to.WriteString(indent + p.text() + "\n")
	}
}

func (p *plan) explainParts(to *strings.Builder, indent string) {
	for _, part := range p.parts {
		part.explain(to, indent)
	}
}

func (p *plan) text() string {
	not := ""
	if p.negated {
		not = "not "
	}
	switch {
	case p.how == skipped:
		return fmt.Sprintf("%sskip %s", not, p.leaf)
	case p.how == bySet:
		return fmt.Sprintf("%s%s %s (%d)", not, p.selector.source(), p.leaf, p.count)
	case p.selector != nil:
		return fmt.Sprintf("%scheck %s, few are left", not, p.leaf)
	default:
		return fmt.Sprintf("%scheck %s", not, p.leaf)
	}
}

func (q *planned) orderText() string {
	text := "order " + q.orderSource()
	if q.asked.Sort != nil && q.asked.Sort.Descending {
		text += ", descending"
	}
	if q.asked.After != nil {
		text += ", after a position"
	}
	return text
}

func (q *planned) orderSource() string {
	if q.by == nil {
		return "creation"
	}
	name := q.by.Index
	if name == "" {
		name = "a value of the document"
	}
	switch {
	case q.by.walk:
		return "index " + name
	case q.by.index != nil && !q.by.index.ready(q.tx):
		return "by reading " + name + ", its index is being built"
	default:
		return "by reading " + name
	}
}
