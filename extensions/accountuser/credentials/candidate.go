package credentials

import (
	"context"
	"errors"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// candidate is who wants to log in, at one moment.
type candidate struct {
	model.View
	account  storage.Account
	id       string // "" for nobody
	revision uint64
	settings model.Settings
	password string // the hash; "" for none
	failures int64
	logins   int64 // see loginsOf
}

// mayLogIn reports whether it is somebody who may log in, given the right
// credentials.
func (u *candidate) mayLogIn() bool {
	return u.id != "" && !u.IsMachine() && u.Standing() == model.Active
}

// mayTry reports whether that user may also still guess.
func (u *candidate) mayTry() bool {
	return u.mayLogIn() && u.failures < int64(u.settings.MaxFailedLogins)
}

// unchanged guards that the user is still as read: not removed, locked, or with
// other factors or another password.
func (u *candidate) unchanged() storage.Guard {
	return storage.AtRevision{ID: u.id, Revision: u.revision}
}

// identify finds the user by login name, in whatever case; "" if there is none.
// Key is for turns: guesses at somebody and at nobody wait alike.
func (c *Credentials) identify(ctx context.Context, call provider.Call, loginName string) (id, key string, err error) {
	userName := c.Users.Type.Root.SubAttribute("userName")
	normal, _ := userName.Normal(scim.StringValue(loginName))
	err = c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) error {
		id, err = s.Owner(ctx, c.Users.Type.IndexName(userName), []byte(normal))
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return "", "name/" + normal, nil
	case err != nil:
		return "", "", err
	}
	return id, id, nil
}

// enter waits for the turn to guess at a user, or at a name that nobody has.
func (c *Credentials) enter(ctx context.Context, call provider.Call, key string) (leave func(), err error) {
	return c.turns.take(ctx, string(call.Account)+"/"+key)
}

// candidate reads who wants to log in. An id of no user of the account is nobody.
func (c *Credentials) candidate(ctx context.Context, call provider.Call, id string) (u *candidate, err error) {
	settings, err := c.Users.Config.Settings(ctx, call.Account)
	if err != nil {
		return nil, err
	}
	err = c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) error {
		u, err = readCandidate(ctx, s, call.Account, id, settings)
		return err
	})
	return u, err
}

func readCandidate(ctx context.Context, s storage.Snapshot, account storage.Account, id string, settings model.Settings) (*candidate, error) {
	d, err := userDocument(ctx, s, id)
	if err != nil || d == nil {
		return &candidate{account: account, settings: settings}, err
	}
	u := &candidate{View: model.Of(query.Resource(d)), account: account, id: id, revision: d.Revision, settings: settings}
	hash, err := s.Side(ctx, id, model.SidePassword)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	u.password = string(hash)
	if u.failures, err = s.Counter(ctx, model.FailuresCounter(id)); err != nil {
		return nil, err
	}
	u.logins, err = s.Counter(ctx, loginsOf(id))
	return u, err
}

// userDocument reads a user, nil if there is none.
func userDocument(ctx context.Context, s storage.Snapshot, id string) (*storage.Document, error) {
	if id == "" {
		return nil, nil
	}
	d, err := s.Get(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case d.Type != model.User:
		return nil, nil
	}
	return d, nil
}

// isConflict reports whether somebody else was faster.
func isConflict(err error) bool { return errors.Is(err, storage.ErrConflict) }
