package model

import (
	"context"

	"roster/scim/provider"
	"roster/storage"
)

// clearFailures lets a user who gets back in start to count failed
// authentications from none.
func clearFailures(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	from, to := Of(c.Before).Standing(), Of(c.After).Standing()
	if c.Way == provider.Create || from == to || from != Locked && from != Inactive {
		return nil
	}
	return forgetFailures(ctx, s, c)
}

// forgetFailures brings the counter to zero. The guard makes it so at the commit:
// what is counted, or forgotten, meanwhile leads to another attempt.
func forgetFailures(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	n, err := s.Counter(ctx, FailuresCounter(c.ID))
	c.Guards = append(c.Guards, storage.CounterWithin{Name: FailuresCounter(c.ID)})
	if n != 0 {
		c.Counters = append(c.Counters, storage.CounterStep{Name: FailuresCounter(c.ID), Delta: -n})
	}
	return err
}

// FailuresCounter names the counter of a user's failed authentications since the
// last one that was right.
func FailuresCounter(id string) string { return "failures:" + id }
