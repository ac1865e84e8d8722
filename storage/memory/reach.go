package memory

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"roster/storage"
)

func (s *snapshot) Edges(ctx context.Context, kind string, dir storage.Direction, id, after string, limit int) ([]storage.Edge, error) {
	at := end{kind, dir, id}
	var edges []storage.Edge
	for _, other := range following(slices.Collect(maps.Keys(s.edges[at])), after, limit) {
		edges = append(edges, s.edge(at, other))
	}
	return edges, ctx.Err()
}

// edge returns a copy of one that is there.
func (s *snapshot) edge(at end, other string) storage.Edge {
	e := storage.Edge{Kind: at.kind, From: at.id, To: other, Data: bytes.Clone(s.edges[at][other])}
	if at.direction == storage.Inbound {
		e.From, e.To = other, at.id
	}
	return e
}

func (s *snapshot) CountEdges(ctx context.Context, kind string, dir storage.Direction, id string) (int, error) {
	return len(s.edges[end{kind, dir, id}]), ctx.Err()
}

func (s *snapshot) GetEdges(ctx context.Context, kind, from string, to []string) ([]storage.Edge, error) {
	var edges []storage.Edge
	for _, id := range to {
		if s.hasEdge(kind, from, id) {
			edges = append(edges, s.edge(end{kind, storage.Outbound, from}, id))
		}
	}
	return edges, ctx.Err()
}

// Reach lists ids of the same depth in byte order; a limit of 0 is none.
func (s *snapshot) Reach(ctx context.Context, kind string, dir storage.Direction, id string, limit int) ([]storage.Reached, error) {
	var reached []storage.Reached
	visited := map[string]bool{id: true}
	for at, depth := []string{id}, 1; len(at) > 0; depth++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at = s.step(kind, dir, at, visited)
		for _, next := range at {
			reached = append(reached, storage.Reached{ID: next, Depth: depth})
		}
		if limit > 0 && len(reached) > limit {
			return nil, fmt.Errorf("closure of %q: %w", id, storage.ErrTooMany)
		}
	}
	return reached, nil
}

// step returns what is one edge away and was not visited, and marks it visited.
func (s *snapshot) step(kind string, dir storage.Direction, from []string, visited map[string]bool) []string {
	var next []string
	for _, id := range from {
		for other := range s.edges[end{kind, dir, id}] {
			if !visited[other] {
				visited[other] = true
				next = append(next, other)
			}
		}
	}
	slices.Sort(next)
	return next
}
