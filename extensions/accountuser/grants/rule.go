package grants

import (
	"context"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// rule is a rule for one resource type. check is asked only of changes that
// change something.
type rule struct {
	on            string
	derive, check func(context.Context, storage.Snapshot, *provider.Change) error
}

// Derive implements provider.Rule. What is gone altogether has nothing to derive.
func (r rule) Derive(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if r.derive == nil || c.Type.Name != r.on || c.After.IsNull() {
		return nil
	}
	return r.derive(ctx, s, c)
}

// Check implements provider.Rule.
func (r rule) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if r.check == nil || c.Type.Name != r.on || !c.Changed {
		return nil
	}
	return r.check(ctx, s, c)
}

// live returns the resource before and after a change, null where it is not
// there or out of sight because it is removed.
func live(c *provider.Change) (before, after scim.Resource) {
	if c.Way != provider.Restore && c.Way != provider.Purge {
		before = c.Before
	}
	if c.Way != provider.Remove {
		after = c.After
	}
	return before, after
}

// pin guards that a document that a decision rests on stays as it is. One that
// comes in the same batch cannot change meanwhile.
func pin(c *provider.Change, d *storage.Document) {
	if d.Revision > 0 {
		c.Guards = append(c.Guards, storage.AtRevision{ID: d.ID, Revision: d.Revision})
	}
}

// free reports whether a counter is at zero, and guards that it stays there.
func free(ctx context.Context, s storage.Snapshot, c *provider.Change, counter string) (bool, error) {
	n, err := s.Counter(ctx, counter)
	if err == nil && n == 0 {
		c.Guards = append(c.Guards, storage.CounterWithin{Name: counter})
	}
	return n == 0, err
}
