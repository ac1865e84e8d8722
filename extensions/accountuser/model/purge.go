package model

import (
	"context"
	"errors"
	"net/http"
	"time"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// removedAtIndex is the index over the times at which users were removed.
const removedAtIndex = "removed.User:removedAt"

// Indexes are those that the model needs beside what its definitions declare.
func Indexes() []storage.Index {
	return []storage.Index{{
		Type: provider.Removed(User), Name: removedAtIndex, Form: "1",
		Extract: func(d *storage.Document) (values [][]byte, sort []byte) {
			key := removedAtKey(d)
			return [][]byte{key}, key
		},
	}}
}

// removedAtKey orders removed users by time: as TimeValue writes times, their texts
// are in their order. One that has none comes first, to be purged and not kept for
// ever.
func removedAtKey(d *storage.Document) []byte {
	return []byte(Of(query.Resource(d)).A("removedAt").Text())
}

// purgeStep is how many users are read at a time.
const purgeStep = 100

// purgeEvery is how often Purge looks for users whose time has come.
const purgeEvery = time.Hour

// Purge purges users in the background, in all accounts, until ctx ends. What goes
// wrong in one is logged, and tried again later.
func (u *Users) Purge(ctx context.Context) error {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		u.purgeAll(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (u *Users) purgeAll(ctx context.Context) {
	accounts, err := u.Accounts(ctx)
	if err != nil && ctx.Err() == nil {
		u.Provider.Logger.ErrorContext(ctx, "list accounts to purge removed users", "error", err)
	}
	for _, account := range accounts {
		if _, err := u.PurgeDue(ctx, account); err != nil && !errors.Is(err, provider.ErrAccountDeleted) && ctx.Err() == nil {
			u.Provider.Logger.ErrorContext(ctx, "purge removed users", "account", account, "error", err)
		}
	}
}

// PurgeDue purges the users of an account who were removed longer ago than the
// account keeps them, and returns how many. The history tells of each. Without a
// time in the settings, they are kept.
func (u *Users) PurgeDue(ctx context.Context, account storage.Account) (purged int, err error) {
	settings, err := u.Config.Settings(ctx, account)
	if err != nil || settings.RetainRemoved <= 0 {
		return 0, err
	}
	until := TimeValue(u.Now().Add(-settings.RetainRemoved)).Text()
	c := provider.Call{Account: account, Limits: scim.DefaultLimits(), Source: SourceAPI, Actor: provider.Actor{ID: "retention", Name: "retention of removed users"}}
	for {
		due, err := u.due(ctx, account, until)
		if err != nil || len(due) == 0 {
			return purged, err
		}
		for _, d := range due {
			gone, err := u.purge(ctx, c, d)
			if err != nil {
				return purged, err
			}
			if gone {
				purged++
			}
		}
	}
}

// due lists some of the users who were removed up to that time.
func (u *Users) due(ctx context.Context, account storage.Account, until string) (due []*storage.Document, err error) {
	err = u.Store.View(ctx, account, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, storage.Query{
			Type: provider.Removed(User), Limit: purgeStep, Where: &storage.Leaf{
				Index: removedAtIndex, Op: storage.LessOrEqual, Value: []byte(until), Text: removedAtIndex + " le",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
					return string(removedAtKey(d)) <= until, nil
				},
			}})
		if err == nil {
			due = page.Documents
		}
		return err
	})
	return due, err
}

var errMoved = errors.New("the user was restored or purged meanwhile")

// purge purges a user, unless somebody was faster: restored, the user may be
// removed again, but not long ago.
func (u *Users) purge(ctx context.Context, c provider.Call, d *storage.Document) (bool, error) {
	still := func(etag string) error {
		if etag != query.ETag(d.Version) {
			return errMoved
		}
		return nil
	}
	_, err := u.Provider.Edit(ctx, c, u.Type, d.ID, provider.Edit{Way: provider.Purge, Action: ActionPurge, Precondition: still})
	if errors.Is(err, provider.ErrAccountDeleted) {
		return false, err
	}
	var refusal *scim.Error
	if errors.Is(err, errMoved) || errors.Is(err, provider.ErrNotRemoved) || errors.As(err, &refusal) && refusal.Status == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}
