package grants

import (
	"context"

	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

// member is the kind of the edges from groups to their members.
const member = "member"

// groupOf is a group that a user is in.
type groupOf struct {
	*storage.Document
	direct bool
}

func (g groupOf) resource() scim.Resource { return query.Resource(g.Document) }

// readGroups returns the groups themselves, in the same order.
func readGroups(ctx context.Context, s storage.Snapshot, reached []storage.Reached) ([]groupOf, error) {
	ids := make([]string, len(reached))
	direct := make(map[string]bool, len(reached))
	for i, r := range reached {
		ids[i], direct[r.ID] = r.ID, r.Depth == 1
	}
	list, err := s.GetMany(ctx, ids)
	groups := make([]groupOf, len(list))
	for i, d := range list {
		groups[i] = groupOf{d, direct[d.ID]}
	}
	return groups, err
}

// groupsOf reads the groups that a user is in.
func groupsOf(ctx context.Context, s storage.Snapshot, user string, limit int) ([]groupOf, error) {
	reached, err := query.Sources(ctx, s, member, user, limit)
	if err != nil {
		return nil, err
	}
	return readGroups(ctx, s, reached)
}
