package model

import (
	"context"
	"errors"
	"net/http"

	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// What Uniqueness finds taken.
const (
	takenUserName = "userName"
	takenEmail    = "email"
)

// nameClaim is the claim on a user name.
const nameClaim = User + ":userName"

// Uniqueness tells which of the values another user has: one who is there, in any
// case of letters. An empty value is not asked for. What it tells may be otherwise
// a moment later; the verbs see to that.
func (u *Users) Uniqueness(ctx context.Context, c provider.Call, userName, email string) (conflicts []string, err error) {
	err = u.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		conflicts = nil
		if userName != "" {
			_, err := s.Owner(ctx, nameClaim, []byte(schema.Fold(userName)))
			switch {
			case err == nil:
				conflicts = append(conflicts, takenUserName)
			case !errors.Is(err, storage.ErrNotFound):
				return err
			}
		}
		if email != "" {
			taken, err := hasEmail(ctx, s, schema.Fold(email), "")
			if taken {
				conflicts = append(conflicts, takenEmail)
			}
			return err
		}
		return nil
	})
	return conflicts, err
}

// ByLoginName finds the user with exactly that login name: in the account of the
// call, or else, if it is asked for globally, in the only other account that has
// one.
func (u *Users) ByLoginName(ctx context.Context, c provider.Call, loginName string, global bool) (account, id string, err error) {
	if id, err = u.named(ctx, c.Account, loginName); id != "" || err != nil {
		return string(c.Account), id, err
	}
	var others []storage.Account
	if global {
		if others, err = u.Accounts(ctx); err != nil {
			return "", "", err
		}
	}
	for _, other := range others {
		found, err := u.named(ctx, other, loginName)
		switch {
		case err != nil:
			return "", "", err
		case found != "" && id != "":
			return "", "", Refuse(http.StatusConflict, Ambiguous, "users of several accounts have that login name; ask in one account")
		case found != "":
			account, id = string(other), found
		}
	}
	if id == "" {
		err = Refuse(http.StatusNotFound, NotFound, "no user has that login name")
	}
	return account, id, err
}

// named returns the id of an account's user with that login name, "" for none.
func (u *Users) named(ctx context.Context, account storage.Account, loginName string) (id string, err error) {
	err = u.Store.View(ctx, account, func(s storage.Snapshot) error {
		owner, err := s.Owner(ctx, nameClaim, []byte(schema.Fold(loginName)))
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		d, err := s.Get(ctx, owner)
		if err == nil && query.Resource(d).Get("userName").Text() == loginName {
			id = owner
		}
		return err
	})
	return id, err
}
