package credentials

import (
	"context"
	"time"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
)

const (
	actionSkipSet     = "user.mfaSkip.set"
	actionSkipCleared = "user.mfaSkip.cleared"
)

// SkipFactors makes logins of a user ask for no second factor until then. It fails
// with 400 invalidValue if that is over, and with wrong_type.
func (c *Credentials) SkipFactors(ctx context.Context, call provider.Call, id string, until time.Time, pre provider.Precondition) (model.View, error) {
	return c.Users.Edit(ctx, call, id, actionSkipSet, pre, func(_ context.Context, d *model.Draft) error {
		if !until.After(d.Now) {
			return scim.BadRequest(scim.InvalidValue, "until is over already; name a time to come")
		}
		d.View = d.With("mfaSkipUntil", model.TimeValue(until))
		return d.MustBe(model.Human)
	})
}

// AskFactors ends what SkipFactors began, if it did.
func (c *Credentials) AskFactors(ctx context.Context, call provider.Call, id string, pre provider.Precondition) (model.View, error) {
	return c.Users.Edit(ctx, call, id, actionSkipCleared, pre, func(_ context.Context, d *model.Draft) error {
		d.View = d.With("mfaSkipUntil", scim.Value{})
		return d.MustBe(model.Human)
	})
}
