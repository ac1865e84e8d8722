package credentials

import (
	"context"
	"slices"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// Rule forgets the failed logins of a user whose password changes, by whatever
// way, and everything that is counted of a user who is removed. It goes behind the
// rules of package model.
type Rule struct{}

// Derive implements provider.Rule.
func (Rule) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

// Check implements provider.Rule.
func (Rule) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != model.User || c.Way == provider.Create {
		return nil
	}
	var counters []string
	switch {
	case c.Way == provider.Remove:
		counters = []string{model.FailuresCounter(c.ID), loginsOf(c.ID)}
	case slices.Contains(c.Secrets, model.SidePassword):
		counters = []string{model.FailuresCounter(c.ID)}
	}
	for _, name := range counters {
		if err := reset(ctx, s, &c.Along, name); err != nil {
			return err
		}
	}
	return nil
}

// reset brings a counter to zero, unless another rule does. The guard makes it so
// at the commit: what a login counts or writes meanwhile is not overlooked.
func reset(ctx context.Context, s storage.Snapshot, a *provider.Along, name string) error {
	n, err := s.Counter(ctx, name)
	a.Guards = append(a.Guards, storage.CounterWithin{Name: name})
	stepped := slices.ContainsFunc(a.Counters, func(step storage.CounterStep) bool { return step.Name == name })
	if n != 0 && !stepped {
		a.Counters = append(a.Counters, storage.CounterStep{Name: name, Delta: -n})
	}
	return err
}
