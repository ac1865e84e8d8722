package credentials

import (
	"context"
	"time"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// needsFactor reports whether the password alone is not enough: the user has
// enrolled a second factor, and is not excused from it. Recovery codes stand in for
// another factor, and a passkey for the password too.
func (u *candidate) needsFactor(now time.Time) bool {
	if now.Before(u.Time("mfaSkipUntil")) {
		return false
	}
	for _, e := range u.A("authFactors").Elements() {
		f := factorOf(e)
		if f.State == stateReady && f.Type != typeRecovery && f.Type != string(Passkey) {
			return true
		}
	}
	return false
}

// next asks for the second factor of a user.
func (c *Credentials) next(ctx context.Context, call provider.Call, u *candidate) (*NextFactor, error) {
	t := c.newTransaction(u.id)
	t.Password = fingerprint(u.password)
	sealed, err := c.seal(call, t)
	if err != nil {
		return nil, err
	}
	n := &NextFactor{Transaction: sealed, Expires: t.Expires}
	err = c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) error {
		all, err := factorsOf(ctx, s, u.View)
		for _, f := range all {
			if usable(u.View, f) {
				n.Factors = append(n.Factors, f)
			}
		}
		return err
	})
	return n, err
}

// usable reports whether a factor can be the second one now.
func usable(v model.View, f Factor) bool {
	switch ch, sends := channels[f.ID]; {
	case f.State != stateReady || f.Type == string(Passkey):
		return false
	case sends:
		return ch.works(v)
	case f.Type == typeRecovery:
		return f.Remaining > 0
	}
	return true
}
