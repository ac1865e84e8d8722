package credentials

import (
	"context"
	"slices"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// Admit returns the principal of a user as it may act now: in the place of the
// scope auth.Roles, it has what the roles of the user allow, if the user is active.
// Other scopes stay as they were granted. p itself is not changed.
//
// It refuses the principal of a user who is inactive, locked, removed or not there:
// a token that an operator made for a user is worth no more than the user, who
// could else end the own lock by it. It fails with auth.ErrUnauthenticated.
func (c *Credentials) Admit(ctx context.Context, p *auth.Principal) (*auth.Principal, error) {
	account := storage.Account(p.Account)
	var user *storage.Document
	err := c.Users.Store.View(ctx, account, func(s storage.Snapshot) (err error) {
		user, err = userDocument(ctx, s, p.User)
		return err
	})
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, auth.ErrUnauthenticated
	}
	status := model.Of(query.Resource(user)).Standing()
	if status == model.Inactive || status == model.Locked {
		return nil, auth.ErrUnauthenticated
	}
	if !slices.Contains(p.Scopes, auth.Roles) {
		return p, nil
	}
	var allowed []auth.Scope
	if status == model.Active {
		if allowed, err = c.roleScopes(ctx, account, user); err != nil {
			return nil, err
		}
	}
	admitted := *p
	admitted.Scopes = resolved(p.Scopes, allowed)
	return &admitted, nil
}

// resolved lists scopes, with others in the place of auth.Roles, each once.
func resolved(granted, allowed []auth.Scope) []auth.Scope {
	var all []auth.Scope
	for _, s := range slices.Concat(granted, allowed) {
		if s != auth.Roles && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// roleScopes lists what the roles of a user allow, who was read already: nothing
// may be waited for in a view, and the settings may have to be read.
func (c *Credentials) roleScopes(ctx context.Context, account storage.Account, user *storage.Document) (allowed []auth.Scope, err error) {
	call := provider.Call{Account: account}
	if call.Profile, call.Limits, err = c.Settings(ctx, string(account)); err != nil {
		return nil, err
	}
	settings, err := c.Users.Config.Settings(ctx, account)
	if err != nil {
		return nil, err
	}
	err = c.Users.Store.View(ctx, account, func(s storage.Snapshot) error {
		allowed, err = c.Scopes(ctx, s, settings, call, user)
		return err
	})
	return allowed, err
}
