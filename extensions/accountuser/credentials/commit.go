package credentials

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// judging returns what makes a login count, or why it does not.
type judging func(context.Context, storage.Snapshot) (provider.Along, error)

func (c *Credentials) editWith(ctx context.Context, call provider.Call, id, action string, judge judging) error {
	_, err := c.Users.Edit(ctx, call, id, action, nil, func(ctx context.Context, d *model.Draft) (err error) {
		d.Along, err = judge(ctx, d.Snapshot)
		return err
	})
	if isNotFound(err) {
		return errWrong
	}
	return err
}

func (c *Credentials) applyWith(ctx context.Context, call provider.Call, judge judging) error {
	var along provider.Along
	err := c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) (err error) {
		along, err = judge(ctx, s)
		return err
	})
	if err != nil {
		return err
	}
	return c.Users.Provider.Commit(ctx, call.Account, storage.Batch{
		Guards: along.Guards, Sides: along.Sides, Enqueue: along.Enqueue, Effects: along.Effects,
	})
}

// settle ends a login that succeeds: failures are forgotten, and what it writes
// holds only if nothing else was written to the user meanwhile.
func (u *candidate) settle(a *provider.Along) {
	u.hold(a)
	if u.failures != 0 {
		name := model.FailuresCounter(u.id)
		a.Guards = append(a.Guards, storage.CounterWithin{Name: name})
		a.Counters = append(a.Counters, storage.CounterStep{Name: name, Delta: -u.failures})
	}
}

// hold guards what a login writes beside a user: against changes of the user, and
// against other logins.
func (u *candidate) hold(a *provider.Along) {
	name := loginsOf(u.id)
	a.Guards = append(a.Guards, u.unchanged(), storage.CounterWithin{Name: name, Min: u.logins + 1, Max: u.logins + 1})
	a.Counters = append(a.Counters, storage.CounterStep{Name: name, Delta: 1})
}
