package invitations

import (
	"context"
	"errors"
	"net/http"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Redemption is what came of it.
type Redemption struct {
	Account storage.Account
	User    string // id
	Status  model.Status
}

// presented is something that somebody brought and that was found to match.
type presented struct {
	errand
	use    factor.Use
	sent   challenge // that it matches
	lapsed error     // the refusal, should that be worth nothing
}

// redeem makes the change that a token is good for. The token says whose it is,
// but nothing is done for that user before it was found there.
func (i *Invitations) redeem(ctx context.Context, c provider.Call, e errand, token auth.Secret, do func(*model.Draft) error) (Redemption, error) {
	use, err := factor.ParseOneTime(token)
	if err != nil || use.Purpose != e.purpose {
		return Redemption{}, invalidToken()
	}
	sent, err := i.look(ctx, e, use)
	if err != nil {
		return Redemption{}, err
	}
	if !sent.isFor(token) {
		return Redemption{}, expired()
	}
	return i.complete(ctx, c, presented{e, use, sent, expired()}, do)
}

// look reads what was sent last. Account and user may be ones that do not exist.
func (i *Invitations) look(ctx context.Context, e errand, use factor.Use) (sent challenge, err error) {
	err = i.Users.Store.View(ctx, storage.Account(use.Account), func(s storage.Snapshot) error {
		sent, err = e.find(ctx, s, use.User)
		return err
	})
	return sent, err
}

// complete makes the change on behalf of the user, if what was presented is still
// what was sent last, and still holds. With the change it is used up.
func (i *Invitations) complete(ctx context.Context, c provider.Call, p presented, do func(*model.Draft) error) (Redemption, error) {
	c, err := i.onBehalf(ctx, c, p.use)
	if err != nil {
		return Redemption{}, err
	}
	v, err := i.Users.Edit(ctx, c, p.use.User, p.redeemed, nil, func(ctx context.Context, d *model.Draft) error {
		last, err := p.find(ctx, d.Snapshot, d.ID)
		switch {
		case err != nil:
			return err
		case !last.equals(p.sent) || !last.holds(d.Before, d.Now):
			return p.lapsed
		}
		d.Sides = append(d.Sides, p.drop(d.ID))
		if err := p.forgetGuesses(ctx, d.Snapshot, d.ID, &d.Along); err != nil {
			return err
		}
		return do(d)
	})
	if isNotFound(err) {
		err = p.lapsed
	}
	if err != nil {
		return Redemption{}, err
	}
	return Redemption{Account: c.Account, User: p.use.User, Status: v.Status()}, nil
}

// onBehalf is the call as the user makes it, in the account that the user is in.
func (i *Invitations) onBehalf(ctx context.Context, c provider.Call, use factor.Use) (_ provider.Call, err error) {
	c.Account = storage.Account(use.Account)
	c.Actor = provider.Actor{ID: use.User, User: use.User}
	c.Profile, c.Limits, err = i.Settings(ctx, use.Account)
	return c, err
}

// isNotFound reports whether the user is not there, or was removed.
func isNotFound(err error) bool {
	var refusal *scim.Error
	return errors.As(err, &refusal) && refusal.Status == http.StatusNotFound
}
