package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"roster/storage"
)

// An edge is kept at both ends, under its kind, so that adding one costs the
// same whatever else is there. Its value begins with the epoch of the account in
// which it was added: when a document with very many edges goes, a sweep is
// noted with the current epoch and a new epoch begins, and edges at that id of
// that epoch or before are not there any more, wherever they are still kept.
// Before the edges of a kind at an id, their number is kept.

// edge is what is kept of one edge at one end.
type edge struct {
	epoch uint64
	data  []byte // only outbound
}

func (e edge) encode() []byte {
	return append(binary.AppendUvarint(make([]byte, 0, 2+len(e.data)), e.epoch), e.data...)
}

func decodeEdge(b []byte) edge {
	epoch, n := binary.Uvarint(b)
	return edge{epoch, b[max(n, 0):]}
}

// sweeping tells whether edges are kept that are not there any more.
func (a *account) sweeping() bool { return a.in(sweeps).first(span{}) != nil }

// swept tells whether edges at the id that were added in that epoch are gone.
func (a *account) swept(id []byte, epoch uint64) bool {
	v := a.in(sweeps).get(id)
	return v != nil && epoch <= decodeSweep(v).epoch
}

// edgesAt iterates over the ids at the other ends of the edges of one kind at an
// id, in byte order, behind one.
func (a *account) edgesAt(kind string, dir storage.Direction, id, after string) iter.Seq2[[]byte, edge] {
	return func(yield func(other []byte, e edge) bool) {
		prefix := edgePrefix(kind, id)
		all, sweeping := prefixed(prefix), a.sweeping()
		for k, v := range a.in(edgeSpace(dir)).ascend(all.after(edgeKey(kind, id, after))) {
			other, e := k[len(prefix):], decodeEdge(v)
			if sweeping && (a.swept([]byte(id), e.epoch) || a.swept(other, e.epoch)) {
				continue
			}
			if !yield(other, e) {
				return
			}
		}
	}
}

// edge returns one that is there.
func (a *account) edge(kind, from, to string) (edge, bool) {
	v := a.in(outbound).get(edgeKey(kind, from, to))
	if v == nil || to == "" {
		return edge{}, false
	}
	e := decodeEdge(v)
	if a.sweeping() && (a.swept([]byte(from), e.epoch) || a.swept([]byte(to), e.epoch)) {
		return edge{}, false
	}
	return e, true
}

// keptEdges is the number of edges that are kept at an id, swept or not.
func (a *account) keptEdges(s space, kind, id string) uint64 {
	return parseNumber(a.in(s).get(edgePrefix(kind, id)))
}

func (s *snapshot) Edges(ctx context.Context, kind string, dir storage.Direction, id, after string, limit int) ([]storage.Edge, error) {
	var edges []storage.Edge
	for other, e := range s.edgesAt(kind, dir, id, after) {
		edges = append(edges, s.complete(kind, dir, id, string(other), e))
		if len(edges) == limit {
			break
		}
		if len(edges)%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return edges, ctx.Err()
}

// complete makes an edge of one end of it; data is kept outbound only.
func (s *snapshot) complete(kind string, dir storage.Direction, id, other string, e edge) storage.Edge {
	if dir == storage.Outbound {
		return storage.Edge{Kind: kind, From: id, To: other, Data: bytes.Clone(nonEmpty(e.data))}
	}
	full := decodeEdge(s.in(outbound).get(edgeKey(kind, other, id)))
	return storage.Edge{Kind: kind, From: other, To: id, Data: bytes.Clone(nonEmpty(full.data))}
}

func (s *snapshot) CountEdges(ctx context.Context, kind string, dir storage.Direction, id string) (int, error) {
	if !s.sweeping() {
		return int(s.keptEdges(edgeSpace(dir), kind, id)), ctx.Err()
	}
	n := 0
	for range s.edgesAt(kind, dir, id, "") {
		n++
	}
	return n, ctx.Err()
}

func (s *snapshot) GetEdges(ctx context.Context, kind, from string, to []string) ([]storage.Edge, error) {
	var edges []storage.Edge
	for _, id := range to {
		if e, there := s.edge(kind, from, id); there {
			edges = append(edges, storage.Edge{Kind: kind, From: from, To: id, Data: bytes.Clone(nonEmpty(e.data))})
		}
	}
	return edges, ctx.Err()
}

// Reach lists ids of the same depth in byte order; a limit of 0 is none.
func (s *snapshot) Reach(ctx context.Context, kind string, dir storage.Direction, id string, limit int) ([]storage.Reached, error) {
	var reached []storage.Reached
	visited := map[string]bool{id: true}
	for at, depth := []string{id}, 1; len(at) > 0; depth++ {
		var following []string
		for _, from := range at {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for other := range s.edgesAt(kind, dir, from, "") {
				if visited[string(other)] {
					continue
				}
				visited[string(other)] = true
				following = append(following, string(other))
				if limit > 0 && len(reached)+len(following) > limit {
					return nil, fmt.Errorf("closure of %q over %s: more than %d: %w", id, kind, limit, storage.ErrTooMany)
				}
			}
		}
		slices.Sort(following)
		for _, next := range following {
			reached = append(reached, storage.Reached{ID: next, Depth: depth})
		}
		at = following
	}
	return reached, nil
}

// kindsAt lists the kinds of the edges that are kept at an id.
func (a *account) kindsAt(s space, id string) []string {
	var kinds []string
	for kind := range a.kinds(s) {
		if a.keptEdges(s, kind, id) > 0 {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// kinds iterates over the kinds of all edges, skipping from one to the next.
func (a *account) kinds(s space) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := a.in(s).first(span{}); at != nil; {
			kind, _, ok := cutText(at)
			if !ok || !yield(string(kind)) {
				return
			}
			at = a.in(s).first(span{from: successor(appendText(nil, string(kind)))})
		}
	}
}
