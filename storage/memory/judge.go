package memory

import (
	"errors"
	"fmt"

	"roster/storage"
)

// verdict on a document that may not have been read.
type verdict int

const (
	no verdict = iota
	yes
	unread // only the document can tell
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// judge decides a node. Unless read is set, what no index can decide is unread;
// otherwise the verdict is yes or no.
func (s *scan) judge(n storage.Node, d *storage.Document, read bool) (verdict, error) {
	switch n := n.(type) {
	case nil:
		return yes, nil
	case storage.And:
		return s.judgeAll(n, no, d, read)
	case storage.Or:
		return s.judgeAll(n, yes, d, read)
	case storage.Not:
		return s.judgeNot(n, d, read)
	case *storage.Leaf:
		if !read && !s.catalogued(n.Index) {
			return unread, nil
		}
		holds, err := n.Check(s.snapshot, d)
		return verdictOf(holds), err
	case *storage.Related:
		holds, err := s.related(n, d.ID)
		return verdictOf(holds), err
	default:
		return no, fmt.Errorf("condition of unknown type %T", n)
	}
}

// judgeAll decides by the first node that settles the matter: no for And, yes
// for Or.
func (s *scan) judgeAll(nodes []storage.Node, settles verdict, d *storage.Document, read bool) (verdict, error) {
	all := yes
	if settles == yes {
		all = no
	}
	for _, n := range nodes {
		if n == nil {
			return no, errEmptyNode
		}
		v, err := s.judge(n, d, read)
		if err != nil || v == settles {
			return v, err
		}
		if v == unread {
			all = unread
		}
	}
	return all, nil
}

// errEmptyNode: nil means "all" only as Query.Where.
var errEmptyNode = errors.New("condition has an empty node")

func (s *scan) judgeNot(n storage.Not, d *storage.Document, read bool) (verdict, error) {
	if n.Node == nil {
		return no, errEmptyNode
	}
	v, err := s.judge(n.Node, d, read)
	if err != nil || v == unread {
		return v, err
	}
	return verdictOf(v == no), nil
}

// related decides a condition on edges. A document is not related to itself
// over several edges, as it is not among what Reach lists.
func (s *scan) related(r *storage.Related, id string) (bool, error) {
	if r.Transitive {
		return s.reaches(r, id)
	}
	at := end{r.Kind, r.Direction, id}
	for other := range s.edges[at] {
		if r.ID != "" && r.ID != other {
			continue
		}
		e := s.edge(at, other)
		if r.Match == nil || r.Match(&e) {
			return true, nil
		}
	}
	return false, nil
}

func (s *scan) reaches(r *storage.Related, id string) (bool, error) {
	if r.ID == "" || r.Match != nil {
		return false, fmt.Errorf("transitive condition on %s: it needs an id and no match", r.Kind)
	}
	reached, err := s.Reach(s.ctx, r.Kind, r.Direction, id, 0)
	if err != nil {
		return false, err
	}
	for _, x := range reached {
		if x.ID == r.ID {
			return true, nil
		}
	}
	return false, nil
}
