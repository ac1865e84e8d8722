package credentials

import (
	"context"
	"slices"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// recoveryCodes are what is kept of those that were not used.
type recoveryCodes struct{ Hashes [][]byte }

// NewRecoveryCodes gives a user ten codes for the day on which the other factors
// are lost, instead of the old ones. They are shown once, and each can be used
// once. By themselves they are no reason to ask for a second factor. It fails with
// wrong_type.
func (c *Credentials) NewRecoveryCodes(ctx context.Context, call provider.Call, id string, pre provider.Precondition) ([]auth.Secret, model.View, error) {
	codes := factor.NewRecoveryCodes()
	v, err := c.Users.Edit(ctx, call, id, actionFactorAdded, pre, func(_ context.Context, d *model.Draft) error {
		c.putRecoveryCodes(d, codes)
		return d.MustBe(model.Human)
	})
	if err != nil {
		return nil, v, err
	}
	return codes, v, nil
}

func (c *Credentials) putRecoveryCodes(d *model.Draft, codes []auth.Secret) {
	var kept recoveryCodes
	for _, code := range codes {
		kept.Hashes = append(kept.Hashes, c.Key.HashCode(use(forRecovery, d.Call.Account, d.ID), code))
	}
	d.Sides = append(d.Sides, model.KeepSide(d.ID, model.SideFactor+Recovery, kept))
	d.Rewrite = true
	putFactor(d, Factor{ID: Recovery, Type: typeRecovery, State: stateReady, Display: "Recovery codes"})
}

// checkRecoveryCode is checkTOTP for recovery codes: one that is right is used up.
func (c *Credentials) checkRecoveryCode(ctx context.Context, s storage.Snapshot, account storage.Account, user string, code auth.Secret) ([]storage.Side, bool, error) {
	kept, _, err := model.LoadSide[recoveryCodes](ctx, s, user, model.SideFactor+Recovery)
	if err != nil {
		return nil, false, err
	}
	i, found := c.Key.FindCode(use(forRecovery, account, user), code, kept.Hashes)
	if !found {
		return nil, false, nil
	}
	kept.Hashes = slices.Delete(kept.Hashes, i, i+1)
	return []storage.Side{model.KeepSide(user, model.SideFactor+Recovery, kept)}, true, nil
}
