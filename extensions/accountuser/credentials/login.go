package credentials

import (
	"context"
	"math"
	"net/http"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// Authentication is how far a login came.
type Authentication struct {
	User string // id
	// PasswordChangeRequired: the user has to choose another password, because this
	// one was set by somebody else.
	PasswordChangeRequired bool
	// Next is what is still missing, nil if nothing is: the user is authenticated.
	Next *NextFactor
}

// NextFactor asks for a second factor.
type NextFactor struct {
	Transaction auth.Secret // names the login; to be sent with the factor
	Expires     time.Time
	Factors     []Factor // of which one is enough
}

// Authenticate checks the password of the user with that login name, in whatever
// case. If the user has a second factor, it asks for it, unless SkipFactors holds;
// AnswerFactor goes on. It fails with authentication_failed.
func (c *Credentials) Authenticate(ctx context.Context, call provider.Call, loginName string, password auth.Secret) (Authentication, error) {
	id, key, err := c.identify(ctx, call, loginName)
	if err != nil {
		return Authentication{}, err
	}
	leave, err := c.enter(ctx, call, key)
	if err != nil {
		return Authentication{}, err
	}
	defer leave()
	u, err := c.candidate(ctx, call, id)
	if err != nil {
		return Authentication{}, err
	}
	right, err := c.check(ctx, u, password)
	switch {
	case err != nil:
		return Authentication{}, err
	case !right:
		return Authentication{}, c.fail(ctx, call, u, u.password != "")
	}
	return c.pass(ctx, call, u, password)
}

// check reports whether the password is that of the candidate, at the same cost
// whether there is one or not.
func (c *Credentials) check(ctx context.Context, u *candidate, password auth.Secret) (bool, error) {
	if !u.mayTry() || u.password == "" {
		return false, c.Hasher.Burn(ctx, password)
	}
	return c.Hasher.Verify(ctx, u.password, password)
}

// pass goes on after the password was found right.
func (c *Credentials) pass(ctx context.Context, call provider.Call, u *candidate, password auth.Secret) (_ Authentication, err error) {
	if u.password, err = c.upgrade(ctx, call, u, password); err != nil {
		return Authentication{}, err
	}
	a := Authentication{User: u.id, PasswordChangeRequired: u.A("passwordChangeRequired").Bool()}
	if u.needsFactor(c.now()) {
		a.Next, err = c.next(ctx, call, u)
		return a, err
	}
	if u.failures == 0 {
		return a, nil
	}
	err = c.Users.Provider.Commit(ctx, call.Account, storage.Batch{
		Guards:  []storage.Guard{storage.CounterWithin{Name: model.FailuresCounter(u.id)}},
		Effects: storage.Effects{Counters: []storage.CounterStep{{Name: model.FailuresCounter(u.id), Delta: -u.failures}}},
	})
	if isConflict(err) { // an administrator forgot them meanwhile
		err = nil
	}
	return a, err
}

// fail refuses a login. If a guess at the user's password or code was looked at, it
// is counted, and the one too many locks the user; else it is counted as nobody's,
// which takes as long. That happens also if the client has gone: else it could
// guess and hang up before it is counted.
func (c *Credentials) fail(ctx context.Context, call provider.Call, u *candidate, guessed bool) error {
	ctx = context.WithoutCancel(ctx)
	most := int64(u.settings.MaxFailedLogins)
	counts := guessed && u.mayTry()
	batch := storage.Batch{Effects: storage.Effects{Counters: []storage.CounterStep{{Name: model.FailuresCounter(""), Delta: 1}}}}
	if counts {
		name := model.FailuresCounter(u.id)
		batch.Counters[0].Name = name
		batch.Guards = []storage.Guard{
			storage.Exists{ID: u.id, Types: []string{model.User}},
			storage.CounterWithin{Name: name, Min: math.MinInt64, Max: most},
		}
	}
	if err := c.Users.Provider.Commit(ctx, call.Account, batch); err != nil && !isConflict(err) {
		return err
	}
	if u.mayLogIn() && (!u.mayTry() || counts && u.failures+1 >= most) {
		if err := c.lock(ctx, call, u.id); err != nil {
			return err
		}
	}
	return model.Refuse(http.StatusForbidden, model.AuthenticationFailed, "the login name, password or code is wrong, or the user may not log in")
}

// lock locks a user who has failed too often, unless that is forgotten meanwhile.
func (c *Credentials) lock(ctx context.Context, call provider.Call, id string) error {
	_, err := c.Users.Edit(ctx, call, id, model.ActionLockOut, nil, func(ctx context.Context, d *model.Draft) error {
		n, err := d.Snapshot.Counter(ctx, model.FailuresCounter(id))
		if err != nil || n < int64(d.Settings.MaxFailedLogins) || d.Standing() != model.Active {
			return err
		}
		return d.Do(model.Lock)
	})
	if isNotFound(err) {
		return nil
	}
	return err
}
